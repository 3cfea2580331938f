package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot/handover"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The screens people have: the narrowest common telephone, and a desk.
var screens = []struct {
	name          string
	width, height int64
}{{"360", 360, 640}, {"1280", 1280, 800}}

const (
	askAge   = "trẻ em là người bao nhiêu tuổi"
	sayAlarm = "cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên"
)

// TestBrowser uses the running service with a real Chromium.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser; not with -short")
	}
	r := newBrowserRig(t)
	for name, test := range map[string]func(*testing.T, *browserRig){
		"chat with script":           chatWithScript,
		"chat without script":        chatWithoutScript,
		"quick exit":                 quickExit,
		"keyboard only":              keyboardOnly,
		"erase and keep":             eraseAndKeep,
		"first page is light":        firstPageIsLight,
		"offline":                    offlinePage,
		"accessible, with pictures":  accessiblePages,
		"wrong alarm is taken back":  wrongAlarm,
		"a form of another site":     formOfAnotherSite,
		"lost network loses no text": lostNetwork,
	} {
		t.Run(name, func(t *testing.T) { test(t, r) })
	}
}

func chatWithScript(t *testing.T, r *browserRig) {
	b := r.newTab(t, 360, 640)
	b.open("/")
	b.see("hệ thống trả lời tự động")
	b.run(chromedp.Evaluate[chromedp.Void](`window.sameDocument = true`))
	b.run(chromedp.SendKeys(chromedp.ID("text"), askAge+kb.Enter))
	b.see("102/2016/QH13")
	b.run(chromedp.WaitReady(chromedp.CSS("html.live")))
	if box := is[string](b, `document.getElementById("text").value`); box != "" {
		t.Errorf("the box still holds %q after sending", box)
	}
	resp, err := b.elsewhere().PostForm(r.address+"/", url.Values{"text": {sayAlarm}})
	body(t, resp, err)
	b.run(chromedp.WaitReady(chromedp.CSS(`#conversation a[href="tel:114"]`))) // pushed, nobody asked for it
	officerWrites(b)
	if !is[bool](b, `window.sameDocument === true`) {
		t.Error("the page was loaded anew; replies must arrive by themselves")
	}
	if focus := is[string](b, `document.activeElement.id`); focus != "text" {
		t.Errorf("focus is on %q, want the box", focus)
	}
	if is[bool](b, `document.querySelector("main > section, .ask .plain") !== null`) {
		t.Error("what belongs to the start page stays beside the conversation")
	}
	if kept := is[int](b, `localStorage.length + sessionStorage.length`); kept != 0 {
		t.Errorf("%d things kept in the browser's storage", kept)
	}
	for _, c := range b.cookies() {
		if !c.Session || !c.HTTPOnly {
			t.Errorf("cookie %s outlives the browser or can be read by scripts", c.Name)
		}
	}
}

// officerWrites has an officer take the newest case and write: it must appear on the open page, at its end.
func officerWrites(b *tab) {
	b.Helper()
	bot := b.rig.app.bot
	cases, err := b.rig.app.store.Cases(b.ctx, true, 1)
	if err != nil || len(cases) != 1 {
		b.Fatalf("cases: %v, %v", cases, err)
	}
	const says = "Cán bộ đang tới xã, anh chị giữ máy nhé"
	for _, act := range []handover.Act{
		{ID: "1", Do: handover.ActClaim, Officer: "an"},
		{ID: "2", Do: handover.ActReply, Officer: "an", Text: says},
	} {
		if err := bot.Act(b.ctx, cases[0].ID, act); err != nil {
			b.Fatalf("%s: %v", act.Do, err)
		}
	}
	b.see(says)
	if last := is[string](b, `document.querySelector("#conversation > li:last-child").innerText`); !strings.Contains(last, says) {
		b.Errorf("the officer's words are not last; last is %q", last)
	}
}

func chatWithoutScript(t *testing.T, r *browserRig) {
	b := r.newTab(t, 360, 640, noScript())
	b.open("/")
	b.write(askAge)
	b.see("102/2016/QH13")
	b.picture("360-chat-no-script")
	b.press("Đúng điều tôi cần")
	b.see("Cảm ơn anh/chị đã cho biết")
	b.press("A++")
	b.run(chromedp.WaitReady(chromedp.CSS("html.c3")))
	b.open("/tim")
	b.run(chromedp.SendKeys(chromedp.ID("find"), "trẻ mấy tuổi được đi làm"), chromedp.Click(chromedp.CSS(".search button")))
	b.see("Bài có thể trả lời")
	b.run(chromedp.Click(chromedp.CSS(`main .links a`)), chromedp.WaitReady(`//h2[contains(., "Căn cứ")]`))
	b.run(chromedp.Click(`//main//a[starts-with(@href, "/luat/")]`))
	b.see("không phải nguyên văn")
	for _, load := range b.loads {
		if strings.ContainsAny(load.Response.URL, "?") && !strings.Contains(load.Response.URL, "/site.") && !strings.Contains(load.Response.URL, "/icon") {
			t.Errorf("words in an address: %s", load.Response.URL)
		}
	}
	b.open("/")
	b.run(chromedp.Click(chromedp.ID("exit")), chromedp.WaitReady(chromedp.ID("weather")))
	if cookies := ofSession(b); len(cookies) != 0 {
		t.Errorf("the session outlives quick exit: %v", cookies)
	}
}

func ofSession(b *tab) []*network.Cookie {
	return slices.DeleteFunc(b.cookies(), func(c *network.Cookie) bool { return c.Name != "phien" })
}

func quickExit(t *testing.T, r *browserRig) {
	for _, how := range []string{"Esc three times", "button"} {
		b := r.newTab(t, 360, 640)
		b.open("/")
		b.write(askAge)
		b.see("102/2016/QH13")
		if title := is[string](b, `document.title`); title != "Hỏi đáp" {
			t.Errorf("title %q is not neutral", title)
		}
		if how == "button" {
			b.run(chromedp.Click(chromedp.ID("exit")))
		} else {
			b.run(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
			if is[bool](b, `document.body.textContent === ""`) {
				t.Error("Esc twice leaves already")
			}
			b.run(chromedp.KeyEvent(kb.Escape))
		}
		b.run(chromedp.WaitReady(chromedp.ID("weather")))
		for deadline := time.Now().Add(browserPatience); len(ofSession(b)) > 0; { // the request is still on its way
			if time.Now().After(deadline) {
				t.Fatalf("%s: the session outlives quick exit", how)
			}
		}
		b.run(chromedp.NavigateBack())
		if text := b.text(); strings.Contains(text, "102/2016/QH13") {
			t.Errorf("%s: going back shows the conversation:\n%s", how, text)
		}
		b.open("/")
		if text := b.text(); strings.Contains(text, "102/2016/QH13") {
			t.Errorf("%s: the conversation is still shown", how)
		}
	}
}

// keyboardOnly asks and presses a choice with Tab, Enter and Space alone; every stop must show that it has the focus.
func keyboardOnly(t *testing.T, r *browserRig) {
	b := r.newTab(t, 1280, 800)
	b.open("/")
	const focused = `(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		return [e.id, e.textContent.trim(), s.outlineStyle, String(r.top >= 0 && r.bottom <= innerHeight + 1)]; })()`
	tabTo := func(want func(id, text string) bool) {
		t.Helper()
		for range 60 {
			b.run(chromedp.KeyEvent(kb.Tab))
			f := is[[]string](b, focused)
			if f[2] == "none" {
				t.Errorf("%q has the focus and does not show it", f[1])
			}
			if f[3] != "true" {
				t.Errorf("%q has the focus and is out of sight", f[1])
			}
			if want(f[0], f[1]) {
				return
			}
		}
		t.Fatalf("not reached by Tab; page:\n%s", b.text())
	}
	tabTo(func(_, text string) bool { return text == "Đến nội dung chính" })
	tabTo(func(_, text string) bool { return text == "Gọi 111" })
	tabTo(func(_, text string) bool { return text == "Thoát nhanh" })
	tabTo(func(id, _ string) bool { return id == "text" })
	b.run(chromedp.KeyEvent("tre em la nguoi bao nhieu tuoi"))
	tabTo(func(_, text string) bool { return text == "Gửi" })
	b.run(chromedp.KeyEvent(kb.Enter))
	b.see("102/2016/QH13")
	b.run(chromedp.Focus(chromedp.ID("main")))
	tabTo(func(_, text string) bool { return text == "Đúng điều tôi cần" })
	b.run(chromedp.KeyEvent(" "))
	b.see("Cảm ơn anh/chị đã cho biết")
}

func eraseAndKeep(t *testing.T, r *browserRig) {
	b := r.newTab(t, 360, 640)
	b.open("/")
	b.write(askAge)
	b.see("102/2016/QH13")
	other := b.elsewhere()
	b.open("/")
	b.press("Giữ cuộc trò chuyện trên máy này")
	b.see("Thôi giữ")
	if c := ofSession(b); len(c) != 1 || c[0].Session {
		t.Errorf("asked to keep, but the cookie ends with the browser: %v", c)
	}
	b.press("Thôi giữ")
	b.see("Giữ cuộc trò chuyện trên máy này")
	if c := ofSession(b); len(c) != 1 || !c[0].Session {
		t.Errorf("asked not to keep, but the cookie stays: %v", c)
	}
	b.run(chromedp.Click(`//summary[contains(., "Xóa cuộc trò chuyện")]`))
	b.press("Xóa ngay")
	b.see("Đã xóa")
	if c := ofSession(b); len(c) != 0 {
		t.Errorf("the session outlives its erasure: %v", c)
	}
	resp, err := other.Get(r.address + "/")
	if page := body(t, resp, err); strings.Contains(page, "102/2016/QH13") {
		t.Error("the conversation is still on the server")
	}
}

// maxFirstPage is what a person on a slow network loads before they can ask, in bytes.
const maxFirstPage = 60 << 10

func firstPageIsLight(t *testing.T, r *browserRig) {
	b := r.newTab(t, 360, 640)
	b.open("/")
	b.see("hệ thống trả lời tự động")
	b.run(chromedp.Navigate(r.address + "/chu-de")) // whatever the first page still loads is counted with the second
	b.mu.Lock()
	defer b.mu.Unlock()
	packed, plain := 0.0, 0
	for _, load := range b.loads {
		if !strings.HasPrefix(load.Response.URL, r.address+"/") {
			t.Errorf("loads %s from elsewhere", load.Response.URL)
			continue
		}
		packed += b.bytes[load.RequestID]
		req, err := http.NewRequestWithContext(t.Context(), "GET", load.Response.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "identity")
		resp, err := http.DefaultClient.Do(req)
		plain += len(body(t, resp, err))
	}
	t.Logf("start page and topics, %d requests: %.0f bytes over the line, %d unpacked", len(b.loads), packed, plain)
	if len(b.loads) < 4 || packed > maxFirstPage || plain > maxFirstPage || packed == 0 {
		t.Errorf("%d requests, %.0f bytes packed, %d unpacked; at most %d allowed", len(b.loads), packed, plain, maxFirstPage)
	}
}

// offlinePage installs the service worker, as an installed site does, and takes the service away.
func offlinePage(t *testing.T, r *browserRig) {
	front := r.newFront(t)
	r = &browserRig{app: r.app, address: front.URL, chrome: r.chrome, axe: r.axe}
	b := r.newTab(t, 360, 640)
	b.open("/rieng-tu")
	if n := await[int](b, `navigator.serviceWorker.getRegistrations().then((all) => all.length)`); n != 0 {
		t.Errorf("%d service workers without anybody having installed the site", n)
	}
	await[bool](b, `navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready).then(() => true)`)
	b.open("/rieng-tu") // now controlled by the worker
	if kept := await[int](b, `caches.keys().then((all) => all.length)`); kept != 0 {
		t.Errorf("the service worker keeps %d caches", kept)
	}
	front.CloseClientConnections()
	front.Close()
	b.open("/")
	b.see("Máy đang mất mạng")
	if !is[bool](b, `document.querySelector("a").getBoundingClientRect().height > 44`) {
		t.Error("the offline page has lost its style")
	}
	b.picture("360-offline")
	b.accessible("offline")
}

// accessiblePages checks every kind of page, wide and narrow, light and dark, and keeps pictures.
func accessiblePages(t *testing.T, r *browserRig) {
	for _, s := range screens {
		for mode, before := range map[string][]step{"light": nil, "dark": {dark()}} {
			if mode == "dark" && s.width > 360 {
				continue // the colours are the same
			}
			t.Run(s.name+" "+mode, func(t *testing.T) {
				b := r.newTab(t, s.width, s.height, before...)
				name := s.name + "-" + mode + "-"
				look := func(what string) {
					t.Helper()
					b.picture(name + what)
					b.accessible(what)
				}
				for what, path := range map[string]string{"start": "/", "topics": "/chu-de", "topic": "/chu-de/drowning", "entry": "/e/drowning-first-aid",
					"entry-cited": "/e/abuse-child-tells", "laws": "/luat", "law": "/luat/20-2021-nd-cp", "article": "/luat/102-2016-qh13/dieu-25",
					"search": "/tim", "privacy": "/rieng-tu", "not-found": "/khong-co"} {
					b.open(path)
					look(what)
				}
				b.open("/")
				b.write(askAge)
				b.see("102/2016/QH13")
				look("chat")
				b.write(sayAlarm)
				b.run(chromedp.WaitReady(chromedp.CSS(`#conversation a[href="tel:114"]`)))
				look("handover")
				b.open("/")
				b.run(chromedp.Click(`//summary[contains(., "Xóa cuộc trò chuyện")]`))
				look("erase")
				b.open("/tim")
				b.run(chromedp.SendKeys(chromedp.ID("find"), sayAlarm), chromedp.Click(chromedp.CSS(".search button")))
				b.see("Nếu có người đang gặp nguy hiểm")
				look("search-urgent")
				b.open("/")
				b.press("A++")
				b.run(chromedp.WaitReady(chromedp.CSS("html.c3")))
				look("large-chat")
				b.open("/e/drowning-first-aid")
				look("large-entry")
				b.pictureWhole(name + "large-entry-whole")
			})
		}
	}
	t.Run("320", func(t *testing.T) { // WCAG 1.4.10: 1280 px enlarged four times
		b := r.newTab(t, 320, 256)
		for _, path := range []string{"/", "/e/drowning-first-aid", "/luat/102-2016-qh13"} {
			b.open(path)
			b.accessible("320 px " + path)
		}
	})
}

func wrongAlarm(t *testing.T, r *browserRig) {
	b := r.newTab(t, 360, 640)
	b.open("/")
	b.write(sayAlarm)
	b.run(chromedp.WaitReady(chromedp.CSS(`#conversation a[href="tel:114"]`)))
	b.press("Không phải vậy")
	b.see("tôi hiểu rồi")
}

// formOfAnotherSite posts a message from a page of another origin, as a hostile site would.
func formOfAnotherSite(t *testing.T, r *browserRig) {
	b := r.newTab(t, 360, 640)
	b.run(chromedp.Navigate(r.neutral.URL))
	b.run(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => { const f = document.createElement("form"); f.method = "post"; f.action = %q;
		const i = document.createElement("input"); i.name = "text"; i.value = "thu tu trang khac"; f.append(i); document.body.append(f); f.submit(); })()`, r.address+"/")))
	b.see("đến từ một trang khác")
	if c := ofSession(b); len(c) != 0 {
		t.Errorf("a session was begun: %v", c)
	}
}

// lostNetwork sends while the network is away: the words stay in the box, and sending again makes one message.
func lostNetwork(t *testing.T, r *browserRig) {
	b := r.newTab(t, 360, 640)
	b.open("/")
	b.see("hệ thống trả lời tự động")
	b.run(online(false))
	b.write(askAge)
	b.see("Chưa gửi được")
	if box := is[string](b, `document.getElementById("text").value`); box != askAge {
		t.Errorf("the box holds %q, want the words", box)
	}
	b.run(online(true), chromedp.Click(chromedp.CSS("#ask button")))
	b.see("102/2016/QH13")
	if n := is[int](b, `document.querySelectorAll("#conversation .me").length`); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
}
