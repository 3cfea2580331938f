package web

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"treem/channels"
	"treem/channels/posted"
)

// What a person decides about this browser: to leave, to erase, to keep, to read in larger letters.

// exit leaves quickly: the session is forgotten and a harmless page opens in its place. A script opens it by itself and
// only has the session forgotten.
func (c *Channel) exit(w http.ResponseWriter, r *http.Request) {
	c.remember(w, visit{})
	c.protect(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodPost { // in the background: clearing takes a browser up to seconds, and leaving must not wait
		w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, c.cfg.QuickExit, http.StatusSeeOther)
}

// erasedPage says that a conversation was erased, or will be in a moment.
type erasedPage struct {
	frame
	Done bool
}

// erase makes the bot forget the conversation, as the word XÓA does, and the browser its session.
func (c *Channel) erase(w http.ResponseWriter, r *http.Request) {
	form, status := posted.Form(w, r, maxForm)
	if status != http.StatusOK {
		c.trouble(w, r, status, "Tin gửi sai dạng. Xin tải lại trang rồi gửi lại.")
		return
	}
	v, done := c.visit(r), true
	if v.session != "" {
		sink := c.openSink()
		if sink == nil {
			c.trouble(w, r, http.StatusServiceUnavailable, "Dịch vụ đang khởi động lại, cuộc trò chuyện chưa được xóa. Xin thử lại sau một phút.")
			return
		}
		nonce := form.Get("nonce")
		if !isSession(nonce) {
			nonce = rand.Text()
		}
		news, stop := c.wait(v.session)
		defer stop()
		err := sink.Accept(r.Context(), channels.Inbound{Kind: channels.KindText, Text: c.cfg.Erase, From: address(v.session),
			ProviderID: v.session[:8] + "xoa" + nonce, SentAt: c.now()})
		if err != nil {
			c.log.Error("a conversation could not be erased; the person was asked to try again", "error", err)
			c.trouble(w, r, http.StatusServiceUnavailable, "Cuộc trò chuyện chưa được xóa. Xin quay lại và thử lại.")
			return
		}
		done = c.waitForAnswer(r.Context(), v.session, news)
	}
	c.remember(w, visit{})
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	c.show(w, r, http.StatusOK, "erased.html", &erasedPage{frame{Title: title, Back: "/"}, done}, false)
}

// keep makes the session outlive the browser, or ends that.
func (c *Channel) keep(w http.ResponseWriter, r *http.Request) {
	form, status := posted.Form(w, r, 1<<10)
	if status != http.StatusOK {
		c.trouble(w, r, status, "Chưa đổi được. Xin tải lại trang rồi thử lại.")
		return
	}
	if v := c.visit(r); v.session != "" {
		v.kept = form.Get("keep") == "1"
		c.remember(w, v)
	}
	c.back(w, r, "/")
}

// resize changes the size of text, until the browser is closed.
func (c *Channel) resize(w http.ResponseWriter, r *http.Request) {
	form, status := posted.Form(w, r, 4<<10)
	if s := form.Get(sizeForm); status == http.StatusOK && slices.Contains(sizes, s) {
		// #nosec G124 -- Secure where the site is on https; it tells a size of letters
		http.SetCookie(w, &http.Cookie{Name: sizeCookie, Value: s, Path: "/", HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode})
	}
	c.back(w, r, form.Get("back"))
}

// back returns to a page of this site, never to another one.
func (c *Channel) back(w http.ResponseWriter, r *http.Request, path string) {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t?#") {
		path = "/"
	}
	c.protect(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	// #nosec G710 -- a path of this site, see above
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// privacyPage tells what is kept and how to leave no traces.
type privacyPage struct {
	frame
	Keeps   Keeps
	CanTake bool
}

func (c *Channel) privacy(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, http.StatusOK, "privacy.html", &privacyPage{frame{Title: title, Heading: "Riêng tư", Index: true}, c.cfg.Keeps, c.cfg.Export != nil}, true)
}
