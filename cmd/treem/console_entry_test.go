package main

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"treem/bot/staff"
)

// formOf reads the fields of a page's form, as a browser would send them.
func formOf(t *testing.T, page, action string) url.Values {
	t.Helper()
	start := strings.Index(page, `action="/console/`+action+`"`)
	if start < 0 {
		t.Fatalf("the page has no form for %s:\n%s", action, page)
	}
	form := page[start : start+strings.Index(page[start:], "</form>")]
	values := url.Values{}
	attribute := func(tag, name string) string {
		m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
		if m == nil {
			return ""
		}
		return html.UnescapeString(m[1])
	}
	for _, tag := range regexp.MustCompile(`<input[^>]*>`).FindAllString(form, -1) {
		if name := attribute(tag, "name"); name != "" && !strings.Contains(tag, " disabled") {
			values.Add(name, attribute(tag, "value"))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(form, -1) {
		values.Add(m[1], html.UnescapeString(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]* name="([^"]*)"([^>]*)>(.*?)</select>`).FindAllStringSubmatch(form, -1) {
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[3]); chosen != nil && !strings.Contains(m[2], "disabled") {
			values.Set(m[1], html.UnescapeString(chosen[1]))
		}
	}
	return values
}

// send posts a form.
func (b *colleague) send(path string, status int, form url.Values) string {
	b.Helper()
	var fields []string
	for name, values := range form {
		for _, v := range values {
			fields = append(fields, name, v)
		}
	}
	return b.post(path, status, fields...)
}

// The entries that are changed here.
const (
	entryID = "abuse-child-tells"
	otherID = "rights-complain"
)

// consoleEntry is the life of a change: an author writes it, a reviewer reads, checks and publishes it, people get the
// new answer, and the old text comes back.
func consoleEntry(t *testing.T, r *consoleRig) {
	r.member("lan", staff.Author)
	r.member("minh", staff.Reviewer)
	r.member("hoa", staff.Reviewer)
	lan, minh, hoa := r.at("lan"), r.at("minh"), r.at("hoa")
	entry, ok := r.app.editor.Content().Entry(entryID)
	if !ok {
		t.Fatal("no such entry")
	}
	has(t, "the list", lan.get("entries?topic=abuse&text="+url.QueryEscape("ke bi xam hai"), 200), entryID)
	lacks(t, "the list of another topic", lan.get("entries?topic=drowning", 200), entryID)
	has(t, "the list of what needs sign-off", lan.get("entries?state=sign-off", 200), "cần bác sĩ xác nhận")
	has(t, "the entry", lan.get("entries/"+entryID, 200), "Phụ huynh đọc", "Phụ huynh nhận trên Telegram (1 tin)", `<span class="tag">`, "Trẻ em đọc", "đoạn tin", html.EscapeString(entry.Questions[0]))
	has(t, "a question tried", lan.get("entries/"+entryID+"?question="+url.QueryEscape(entry.Questions[0]), 200), "Máy trả lời ngay", "người hỏi thấy")

	form := formOf(t, lan.get("entries/"+entryID+"/edit", 200), "entries/"+entryID+"/edit")
	if form.Get("title") != entry.Title || len(strings.Split(strings.TrimSpace(form.Get("questions")), "\n")) != len(entry.Questions) {
		t.Fatalf("the form holds %v", form)
	}
	const said = "Nghe con nói hết, đừng ngắt lời con nhé."
	form.Set("parent", form.Get("parent")+"\n"+said)
	form.Set("checked_on", "2026-11-25")
	form.Set("sign_off", "")
	has(t, "the preview", lan.send("entries/preview", 200, form), said)
	form.Set("pick_law", "102/2016/QH13")
	form.Set("pick_article", "25")
	form.Set("pick_clause", "1")
	has(t, "a citation picked", lan.send("entries/preview", 200, form), "102/2016/QH13 | 25 | 1", "khoản 1 Điều 25 102/2016/QH13")
	form.Del("pick_law")
	form.Set("citations", "Điều 25")
	has(t, "a wrong citation", lan.send("entries/"+entryID+"/edit", 422, form), "Điều 25", said)
	form.Set("citations", formOf(t, lan.get("entries/"+entryID+"/edit", 200), "entries/"+entryID+"/edit").Get("citations"))
	page := lan.send("entries/"+entryID+"/edit", 200, form)
	has(t, "the draft", page, "<ins>+ "+said, "Các ô chỉ người duyệt được sửa vẫn giữ như cũ", "đang viết")
	lacks(t, "the draft", page, "2026-11-25")
	draft := find(t, page, `action="/console/(drafts/[A-Z0-9]+)"`)
	step := func(b *colleague, do string, status int, more ...string) string {
		version := find(t, b.get(draft, 200), `name="version" value="(\d+)"`)
		return b.post(draft, status, append([]string{"version", version, "do", do}, more...)...)
	}

	// somebody else opened the form before: their text is not lost, and overwrites nothing
	form.Set("parent", "bài của Hoa")
	has(t, "the second form", hoa.send("entries/"+entryID+"/edit", 409, form), "bài của Hoa", "Có người vừa sửa")

	step(lan, "approve", 403)
	step(lan, "publish", 403, "state", "x")
	has(t, "what is submitted", step(lan, "submit", 200), "chờ duyệt")
	has(t, "the list of drafts", minh.get("drafts", 200), entry.Title, "chờ duyệt")
	step(minh, "send-back", 422)
	has(t, "what is sent back", step(minh, "send-back", 200, "note", "Viết ngắn hơn"), "Viết ngắn hơn", "đang viết")
	step(lan, "submit", 200)
	step(minh, "publish", 409, "state", "made up")
	has(t, "what is approved", step(minh, "approve", 200), "đã duyệt", "Cán bộ minh đã duyệt")

	verdict := minh.get(draft+"/check", 200)
	has(t, "the verdict", verdict, "Không vi phạm quy tắc nào", "Câu hỏi đổi lời đáp: 0")
	state := find(t, verdict, `name="state" value="([0-9a-f]+)"`)
	has(t, "after publishing", step(minh, "publish", 200, "state", state), "Đã đăng")
	has(t, "the published draft", minh.get(draft, 200), "đã đăng")
	deadline := time.Now().Add(30 * time.Second)
	for answer := ""; !strings.Contains(answer, said); { // every process takes it up within seconds
		if time.Now().After(deadline) {
			t.Fatalf("a parent is never answered from what was published:\n%s", answer)
		}
		resp, err := person(t).PostForm(r.app.Address(), url.Values{"text": {entry.Questions[0]}})
		answer = body(t, resp, err)
	}

	history := lan.get("history?path="+entry.Path, 200)
	has(t, "the history", history, "Cán bộ lan", "Cán bộ minh", "có sẵn trong chương trình")
	old := ""
	for _, m := range regexp.MustCompile(`revision=(\d+)`).FindAllStringSubmatch(history, -1) {
		old = m[1]
	}
	has(t, "the comparison", lan.get("history?path="+entry.Path+"&revision="+old, 200), "<ins>+ "+said)
	has(t, "the restored draft", lan.post("history/restore?path="+entry.Path+"&revision="+old, 200), "<del>- "+said)
}

// consoleBrokenDraft: what breaks a rule cannot be published, not even at a time set before.
func consoleBrokenDraft(t *testing.T, r *consoleRig) {
	r.member("lan", staff.Author)
	r.member("minh", staff.Reviewer)
	lan, minh := r.at("lan"), r.at("minh")
	form := formOf(t, lan.get("entries/"+otherID+"/edit", 200), "entries/"+otherID+"/edit")
	form.Set("sms", "Có dấu thì không được.")
	page := lan.send("entries/"+otherID+"/edit", 200, form)
	draft := find(t, page, `action="/console/(drafts/[A-Z0-9]+)"`)
	step := func(b *colleague, do string, status int, more ...string) string {
		version := find(t, b.get(draft, 200), `name="version" value="(\d+)"`)
		return b.post(draft, status, append([]string{"version", version, "do", do}, more...)...)
	}
	step(lan, "submit", 200)
	step(minh, "approve", 200)
	verdict := minh.get(draft+"/check", 200)
	has(t, "the verdict", verdict, "vi phạm quy tắc nội dung", otherID)
	lacks(t, "the verdict", verdict, `value="publish"`)
	step(minh, "schedule", 422, "at", "2020-01-01T07:00")
	when := time.Now().Add(48 * time.Hour)
	step(minh, "schedule", 200, "at", when.Format("2006-01-02T15:04"))
	if err := r.app.editor.publishDue(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	has(t, "the draft before its time", minh.get(draft, 200), "Sẽ tự đăng lúc")
	if err := r.app.editor.publishDue(t.Context(), when.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	page = minh.get(draft, 200)
	has(t, "the draft after its time", page, "đang viết", ""+otherID)

	form = formOf(t, lan.get("entries/"+otherID+"/edit", 200), "entries/"+otherID+"/edit")
	form.Set("sms", "Goi 111. Nghe con noi het, khong trach, khong hoi don. Noi: con khong co loi.")
	lan.send("entries/"+otherID+"/edit", 200, form)
	step(lan, "submit", 200)
	step(minh, "approve", 200)
	step(minh, "schedule", 200, "at", when.Format("2006-01-02T15:04"))
	if err := r.app.editor.publishDue(t.Context(), when.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	has(t, "the good draft after its time", minh.get(draft, 200), "đã đăng")
}

// consoleGap: a question nobody could answer becomes a sample question of an entry, or a new entry.
func consoleGap(t *testing.T, r *consoleRig) {
	r.member("lan", staff.Author)
	lan := r.at("lan")
	const asked = "kính thiên văn cho lớp học mua ở chợ nào vậy, gọi tui 0905 111 222"
	for range 2 {
		p := person(t)
		resp, err := p.PostForm(r.app.Address(), url.Values{"text": {asked}})
		body(t, resp, err)
	}
	page := lan.get("gaps", 200)
	has(t, "the gaps", page, "2 lượt hỏi", "kính thiên văn")
	lacks(t, "the gaps", page, "0905 111 222")
	add := html.UnescapeString(find(t, page, `href="/console/(entries/new\?question=[^"]+)"`))
	form := formOf(t, lan.get(add, 200), "entries/new")
	if !strings.Contains(form.Get("questions"), "kính thiên văn") {
		t.Errorf("the new entry's form holds %v", form)
	}
	for name, value := range map[string]string{"id": "Sai Mã", "title": "Kính thiên văn", "topic": "rights", "parent": "Hỏi nhà trường.", "sms": "Hoi nha truong."} {
		form.Set(name, value)
	}
	has(t, "a wrong id", lan.send("entries/new", 422, form), "Mã cần", "Hỏi nhà trường.")
	form.Set("id", entryID)
	has(t, "a taken id", lan.send("entries/new", 422, form), "đã có mục khác dùng")
	form.Set("id", "rights-telescope")
	has(t, "the draft", lan.send("entries/new", 200, form), "<ins>+ Hỏi nhà trường.", "entries/rights/rights-telescope.md")
	has(t, "the form again", lan.get("entries/rights-telescope/edit", 200), "Hỏi nhà trường.")
}
