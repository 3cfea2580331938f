package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot/staff"
	"treem/config"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"
)

// staffPassword is everybody's here.
const staffPassword = "mưa rơi trên mái tôn"

// consoleRig is the running service with people who work in its console.
type consoleRig struct {
	*testing.T
	app  *App
	hash string
}

func newConsoleRig(t *testing.T, change func(*config.Config)) *consoleRig {
	t.Helper()
	cfg := testConfig(t)
	cfg.Console.SecondFactor = nil
	if change != nil {
		change(&cfg)
	}
	return &consoleRig{T: t, app: openTestApp(t, cfg), hash: staffHash(t)}
}

// staffHash is a hash of everybody's password that costs next to nothing to compare with.
func staffHash(t *testing.T) string {
	t.Helper()
	hash, err := argon2id.CreateHash(staffPassword, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// TestConsole runs what needs nothing of its own on one service, one after the other.
func TestConsole(t *testing.T) {
	r := newConsoleRig(t, nil)
	for _, one := range []struct {
		name string
		run  func(*testing.T, *consoleRig)
	}{
		{"news of the desk", consoleNews},
		{"life of a case", consoleCase},
		{"accounts", consoleAccounts},
		{"guessing", consoleGuessing},
		{"rights of every role", consoleRights},
		{"guarded", consoleIsGuarded},
		{"gap", consoleGap},
		{"mistakes", consoleMistakes},
		{"everything out and in", consoleBulk},
		{"life of an entry", consoleEntry},
		{"broken draft", consoleBrokenDraft},
		{"statute", consoleStatute},
		{"report", consoleReport},
	} {
		t.Run(one.name, func(t *testing.T) { one.run(t, &consoleRig{T: t, app: r.app, hash: r.hash}) })
	}
}

// member adds an account, or gives it other roles.
func (r *consoleRig) member(login string, roles ...staff.Role) {
	r.Helper()
	a := staff.Account{ID: "id-" + login, Login: login, Name: "Cán bộ " + login, Roles: roles, PasswordHash: r.hash, Version: 1}
	if old, err := r.app.store.AccountByLogin(r.Context(), login); err == nil {
		a.Version = old.Version + 1
	}
	if err := r.app.store.SaveAccount(r.Context(), a, "", time.Time{}, staff.Record{At: time.Now(), Action: "account.new", Object: login}); err != nil {
		r.Fatal(err)
	}
}

// colleague is a browser in the console.
type colleague struct {
	*testing.T
	rig    *consoleRig
	client *http.Client
}

func (r *consoleRig) browser() *colleague {
	r.Helper()
	b := &colleague{T: r.T, rig: r, client: person(r.T)}
	b.client.Timeout = 2 * time.Minute // what a draft does takes long to work out under the race detector
	return b
}

// at logs somebody in.
func (r *consoleRig) at(login string) *colleague {
	r.Helper()
	b := r.browser()
	if page := b.post("login", 200, "login", login, "password", staffPassword); !strings.Contains(page, "Cán bộ "+login) {
		r.Fatalf("%s is not logged in:\n%s", login, page)
	}
	return b
}

func (b *colleague) address(path string) string { return b.rig.app.Address() + "console/" + path }

// get opens a page and wants a status.
func (b *colleague) get(path string, status int) string {
	b.Helper()
	resp, err := b.client.Get(b.address(path))
	page := body(b.T, resp, err)
	if resp.StatusCode != status {
		b.Fatalf("GET %s: status %d, want %d:\n%s", path, resp.StatusCode, status, page)
	}
	return page
}

// post sends a form of names and values, and wants the status of the page it leads to.
func (b *colleague) post(path string, status int, fields ...string) string {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	resp, err := b.client.PostForm(b.address(path), form)
	page := body(b.T, resp, err)
	if resp.StatusCode != status {
		b.Fatalf("POST %s: status %d, want %d:\n%s", path, resp.StatusCode, status, page)
	}
	return page
}

// find returns what a pattern's group matches in a page.
func find(t *testing.T, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no %s:\n%s", pattern, page)
	}
	return m[1]
}

func has(t *testing.T, what, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, page)
		}
	}
}

func lacks(t *testing.T, what, page string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(page, w) {
			t.Errorf("%s holds %q:\n%s", what, w, page)
		}
	}
}

// TestConsoleFirstAdministrator goes from an empty data folder to a working administrator, as a new user would.
func TestConsoleFirstAdministrator(t *testing.T) {
	r := newConsoleRig(t, func(c *config.Config) { c.Console.SecondFactor = []string{"administrator"} })
	var out bytes.Buffer
	if err := r.app.invite(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	link := find(t, out.String(), `/console/(link/[A-Z0-9]+)`)
	b := r.browser()
	has(t, "the link", b.get(link, 200), "admin", "Đặt mật khẩu")
	for _, bad := range [][2]string{{"ngắn", "ngắn"}, {"1234567890", "1234567890"}, {staffPassword, staffPassword + "?"}} {
		has(t, "the refusal", b.post(link, 422, "password", bad[0], "again", bad[1]), `role="alert"`)
	}
	page := b.post(link, 200, "password", staffPassword, "again", staffPassword)
	has(t, "the page after it", page, "lớp xác nhận thứ hai trước khi làm việc")
	has(t, "every page until then", b.get("accounts", 200), "lớp xác nhận thứ hai trước khi làm việc")
	r.browser().get(link, 404) // it works once

	secret := find(t, page, `<code>([A-Z2-7]+)</code>`)
	code := func(ahead time.Duration) string {
		c, err := totp.GenerateCode(secret, time.Now().Add(ahead))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if picture := b.get("second-factor/qr.png", 200); !strings.HasPrefix(picture, "\x89PNG") {
		t.Error("the picture to scan is no PNG")
	}
	b.post("second-factor", 422, "code", "12345")
	first := code(0)
	has(t, "the profile", b.post("second-factor", 200, "code", first), "đang bật")
	has(t, "the accounts", b.get("accounts", 200), "admin", "có lớp thứ hai")
	b.post("logout", 200)
	has(t, "after logging out", b.get("accounts", 200), "Đăng nhập")

	b.post("login", 200, "login", "ADMIN", "password", staffPassword)
	has(t, "with a password alone", b.get("accounts", 200), "Đăng nhập")
	b.post("code", 401, "code", first) // taken before
	has(t, "the page that was wanted", b.post("code", 200, "code", code(30*time.Second)), "Tài khoản")

	out.Reset()
	if err := r.app.invite(t.Context(), &out); err != nil || strings.Contains(out.String(), "link/") {
		t.Errorf("there is an administrator, and the start says %q, %v", out.String(), err)
	}
}

func consoleAccounts(t *testing.T, r *consoleRig) {
	r.member("admin", staff.Administrator)
	admin := r.at("admin")
	for _, bad := range [][]string{{"login", "Lan Anh", "name", "Lan", "role", "author"}, {"login", "lan", "name", "", "role", "author"},
		{"login", "lan", "name", "Lan"}, {"login", "lan", "name", "Lan", "role", "root"}, {"login", "admin", "name", "Lan", "role", "author"}} {
		page := admin.post("accounts/new", 422, bad...)
		has(t, "the refusal", page, `role="alert"`)
		lacks(t, "the refusal", page, "/console/link/")
	}
	page := admin.post("accounts/new", 200, "login", "thu", "name", "<b>Thu</b>", "role", "author", "role", "officer")
	lacks(t, "the page", page, "<b>Thu</b>")
	link := find(t, page, `/console/(link/[A-Z0-9]+)`)
	lacks(t, "the page looked at again", admin.get("accounts/thu", 200), "/console/link/")

	lan := r.browser()
	lan.post(link, 200, "password", staffPassword, "again", staffPassword)
	has(t, "the new one's page", lan.get("", 200), "Vụ việc")
	lacks(t, "the new one's page", lan.get("", 200), "Tài khoản</a>")

	version := find(t, admin.get("accounts/thu", 200), `name="version" value="(\d+)"`)
	admin.post("accounts/thu", 200, "version", version, "name", "Lan", "role", "author")
	lan.get("cases", 403) // rights change at once
	has(t, "a form from before", admin.post("accounts/thu", 409, "version", version, "name", "Lan", "role", "officer"), "vừa thay đổi")
	version = find(t, admin.get("accounts/thu", 200), `name="version" value="(\d+)"`)
	admin.post("accounts/thu", 200, "version", version, "name", "Thu", "role", "author", "disabled", "1")
	has(t, "a disabled one's page", lan.get("profile", 200), "Đăng nhập")

	version = find(t, admin.get("accounts/admin", 200), `name="version" value="(\d+)"`)
	admin.post("accounts/admin", 422, "version", version, "name", "Admin", "role", "author")
	admin.post("accounts/admin", 422, "version", version, "name", "Admin", "role", "administrator", "disabled", "1")
	has(t, "the audit log", admin.get("audit", 200), "account.new", "author,officer → author", "admin", "thu")

	other := r.at("admin")
	admin.post("password", 422, "old", "sai rồi", "password", "trăng lên đỉnh đồi", "again", "trăng lên đỉnh đồi")
	has(t, "the profile", admin.post("password", 200, "old", staffPassword, "password", "trăng lên đỉnh đồi", "again", "trăng lên đỉnh đồi"), "Đã đổi mật khẩu")
	has(t, "the session elsewhere", other.get("accounts", 200), "Đăng nhập")
}

// A guesser learns nothing from the answers and must wait; what was typed as a login never reaches the audit log.
func consoleGuessing(t *testing.T, r *consoleRig) {
	r.member("kim", staff.Officer)
	r.member("admin", staff.Administrator)
	b := r.browser()
	known := b.post("login", 401, "login", "kim", "password", "sai mật khẩu")
	unknown := b.post("login", 401, "login", "bí mật lỡ gõ nhầm", "password", "sai mật khẩu")
	if strings.ReplaceAll(known, `value="kim"`, "") != strings.ReplaceAll(unknown, `value="bí mật lỡ gõ nhầm"`, "") {
		t.Errorf("the answers tell which login exists:\n%s\n%s", known, unknown)
	}
	for range staff.FreeForLogin - 1 {
		b.post("login", 401, "login", "kim", "password", "sai mật khẩu")
	}
	has(t, "after many tries", b.post("login", 429, "login", "kim", "password", staffPassword), "Xin đợi")
	admin := r.at("admin") // others still come in
	log := admin.get("audit", 200)
	has(t, "the audit log", log, "login.refused", "kim")
	lacks(t, "the audit log", log, "bí mật lỡ gõ nhầm")
}

// consoleRights goes through every page with every role.
func consoleRights(t *testing.T, r *consoleRig) {
	people := map[staff.Role]*colleague{}
	for _, role := range staff.Roles {
		r.member(string(role), role)
		people[role] = r.at(string(role))
	}
	ref := r.urgent("ba con dang danh con, con so lam")
	for page, may := range map[string][]staff.Role{
		"GET profile":                      staff.Roles,
		"GET second-factor":                staff.Roles,
		"GET cases":                        {staff.Officer, staff.Supervisor},
		"GET cases/" + ref:                 {staff.Officer, staff.Supervisor},
		"GET cases/news":                   {staff.Officer, staff.Supervisor},
		"POST cases/" + ref + "/open":      {staff.Officer, staff.Supervisor},
		"POST cases/" + ref + "/form-01":   {staff.Officer, staff.Supervisor},
		"POST cases/" + ref + "/act":       {staff.Officer, staff.Supervisor},
		"GET accounts":                     {staff.Administrator},
		"GET accounts/new":                 {staff.Administrator},
		"GET accounts/author":              {staff.Administrator},
		"POST accounts/author/link":        {staff.Administrator},
		"GET audit":                        {staff.Administrator},
		"GET entries":                      staff.Roles,
		"GET entries/" + entryID:           staff.Roles,
		"GET entries/new":                  {staff.Author, staff.Reviewer},
		"POST entries/new":                 {staff.Author, staff.Reviewer},
		"POST entries/preview":             {staff.Author, staff.Reviewer},
		"GET entries/" + entryID + "/edit": {staff.Author, staff.Reviewer},
		"GET drafts":                       staff.Roles,
		"POST drafts/none":                 {staff.Author, staff.Reviewer},
		"GET history":                      staff.Roles,
		"POST history/restore":             {staff.Author, staff.Reviewer},
		"GET texts":                        staff.Roles,
		"GET texts/edit":                   {staff.Reviewer},
		"POST texts/edit":                  {staff.Reviewer},
		"GET statutes":                     staff.Roles,
		"POST statutes":                    {staff.Reviewer},
		"GET statutes/none":                {staff.Reviewer},
		"POST statutes/none":               {staff.Reviewer},
		"POST media":                       {staff.Author, staff.Reviewer},
		"GET bulk":                         staff.Roles,
		"POST bulk":                        {staff.Author, staff.Reviewer},
		"GET export/none":                  staff.Roles,
		"GET mistakes":                     {staff.Reviewer, staff.Supervisor},
		"POST mistakes":                    {staff.Author, staff.Reviewer},
		"GET roster":                       {staff.Officer, staff.Supervisor},
		"POST roster":                      {staff.Supervisor},
		"GET report":                       {staff.Supervisor, staff.Administrator},
		"GET report/none":                  {staff.Supervisor, staff.Administrator},
		"GET help/truc":                    staff.Roles,
		"GET gaps":                         {staff.Author, staff.Reviewer},
	} {
		method, path, _ := strings.Cut(page, " ")
		for role, b := range people {
			req, err := http.NewRequestWithContext(t.Context(), method, b.address(path), strings.NewReader("act=console:x&do=note&text=x"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := b.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			let := resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusUnauthorized
			if let != slices.Contains(may, role) {
				t.Errorf("%s by %s: status %d", page, role, resp.StatusCode)
			}
		}
	}
	stranger := r.browser()
	for _, path := range []string{"", "cases", "cases/" + ref, "accounts", "audit", "profile"} {
		has(t, "a stranger's "+path, stranger.get(path, 200), `action="/console/login"`)
	}
	stranger.get("cases/news", 401)
	for range 3 {
		stranger.post("language", 200, "language", "en", "back", "/console/login")
	}
	has(t, "a stranger's English page", stranger.get("cases", 200), "Log in", `name="to" value="/console/cases"`)
	u, err := url.Parse(stranger.address(""))
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(stranger.client.Jar.Cookies(u), func(c *http.Cookie) bool { return c.Name == "treem-console" }) {
		t.Error("a stranger's visits are stored")
	}
	for _, evil := range []string{"https://evil.example/", "//evil.example/", "/console/../"} {
		b := r.browser()
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err := b.client.PostForm(b.address("login"), url.Values{"login": {"author"}, "password": {staffPassword}, "to": {evil}})
		body(t, resp, err)
		if to := resp.Header.Get("Location"); to != "/console/" {
			t.Errorf("logging in on the way to %s leads to %s", evil, to)
		}
	}
	stranger.get("nothing/here", 404)
}

// urgent has somebody write an urgent message on the web and returns the reference of its case.
func (r *consoleRig) urgent(text string) string {
	r.Helper()
	return r.opened(func() {
		resp, err := person(r.T).PostForm(r.app.Address(), url.Values{"text": {text}})
		body(r.T, resp, err)
	})
}

// opened returns the reference of the case that f opens.
func (r *consoleRig) opened(f func()) string {
	r.Helper()
	refs := func() map[string]bool {
		queue, err := r.app.store.Queue(r.Context(), false, queueOfTests)
		if err != nil {
			r.Fatal(err)
		}
		all := map[string]bool{}
		for _, q := range queue {
			all[q.Ref] = true
		}
		return all
	}
	before := refs()
	f()
	for ref := range refs() {
		if !before[ref] {
			return ref
		}
	}
	r.Fatal("no case was opened")
	return ""
}

const queueOfTests = 1000

// consoleCase is the life of a case with two officers and the person who wrote.
func consoleCase(t *testing.T, r *consoleRig) {
	r.member("lan", staff.Officer)
	r.member("minh", staff.Officer)
	const words = "ba con dang danh con, con so lam"
	child := person(t)
	ref := r.opened(func() {
		resp, err := child.PostForm(r.app.Address(), url.Values{"text": {words}})
		has(t, "the child's page", body(t, resp, err), `href="tel:111"`)
	})
	lan, minh := r.at("lan"), r.at("minh")
	queue := lan.get("cases", 200)
	has(t, "the queue", queue, "/console/cases/"+ref)
	lacks(t, "the queue", queue, words)
	page := lan.get("cases/"+ref, 200)
	has(t, "the case", page, "chưa ai nhận", "An toàn khi liên lạc", "Máy nhận ra việc khẩn cấp")
	lacks(t, "the case before it is opened", page, words, "Cán bộ mở lời nhắn")
	act := func(page string) string { return find(t, page, `name="act" value="(console:[A-Z0-9]+)"`) }

	page = minh.post("cases/"+ref+"/open", 200, "act", act(minh.get("cases/"+ref, 200))+"-open")
	has(t, "the opened case", page, words, "Cán bộ mở lời nhắn", "Cán bộ minh")
	lacks(t, "the other officer's page", lan.get("cases/"+ref, 200), words)

	page = lan.post("cases/"+ref+"/act", 200, "act", act(page), "do", "claim")
	has(t, "the claimed case", page, words, "Anh/chị đã nhận vụ việc", "Câu soạn sẵn")
	refusal := minh.post("cases/"+ref+"/act", 409, "act", act(minh.get("cases/"+ref, 200)), "do", "reply", "text", "chú đây")
	has(t, "the refusal", refusal, "Cán bộ lan đã nhận vụ việc này trước", "chỉ người ấy trả lời")

	id := act(lan.get("cases/"+ref, 200))
	for range 2 { // sent twice, done once
		page = lan.post("cases/"+ref+"/act", 200, "act", id, "do", "reply", "text", "Cô đây, con đang ở đâu?")
	}
	has(t, "the case after the reply", page, "Cô đây, con đang ở đâu?", "Cán bộ trả lời")
	deadline := time.Now().Add(30 * time.Second)
	for {
		resp, err := child.Get(r.app.Address())
		said := body(t, resp, err)
		if n := strings.Count(said, "Cô đây, con đang ở đâu?"); n == 1 {
			break
		} else if n > 1 {
			t.Fatalf("the child reads the reply %d times", n)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the child never reads the reply:\n%s", said)
		}
	}
	resp, err := child.PostForm(r.app.Address(), url.Values{"text": {"con o nha mot minh"}})
	lacks(t, "the child's page while an officer speaks", body(t, resp, err), "Tổng đài 111 miễn phí, cả ngày")
	has(t, "the officer's page", lan.get("cases/"+ref, 200), "con o nha mot minh")

	lan.post("cases/"+ref+"/act", 200, "act", act(lan.get("cases/"+ref, 200)), "do", "note", "text", "Chỉ nhắn sau 17 giờ")
	has(t, "the other officer's page", minh.get("cases/"+ref, 200), "Chỉ nhắn sau 17 giờ")
	lan.post("cases/"+ref+"/act", 200, "act", act(lan.get("cases/"+ref, 200)), "do", "grade", "level", "emergency", "category", "violence_now")
	lan.post("cases/"+ref+"/act", 200, "act", act(lan.get("cases/"+ref, 200)), "do", "refer", "to", "111")
	lan.post("cases/"+ref+"/act", 409, "act", act(lan.get("cases/"+ref, 200)), "do", "close", "outcome", "because")
	for _, bad := range [][]string{{"do", "export", "text", "all"}, {"do", "read"}, {"do", "grade", "level", "none", "category", "no-such"}} {
		lan.post("cases/"+ref+"/act", 400, append(bad, "act", act(lan.get("cases/"+ref, 200)))...)
	}
	form := lan.post("cases/"+ref+"/form-01", 200, "act", act(lan.get("cases/"+ref, 200))+"-form")
	has(t, "Form 01", form, "<style>", ref, words)
	lan.post("cases/"+ref+"/act", 200, "act", act(lan.get("cases/"+ref, 200)), "do", "close", "outcome", "helped")
	has(t, "the closed case", lan.get("cases/"+ref, 200), "đã đóng", "Xuất hồ sơ")
	lacks(t, "the queue", lan.get("cases", 200), ref)
	has(t, "the cases that are over", lan.get("cases?over=1", 200), ref, "đã hỗ trợ")
}

// consoleNews: an open desk hears of a new case at once, without a word of it, and falls silent with its session.
func consoleNews(t *testing.T, r *consoleRig) {
	r.member("lan", staff.Officer)
	lan := r.at("lan")
	desk := lan.get("cases", 200)
	state, waited := find(t, desk, `news\?state=([^"]+)"`), find(t, desk, `data-waiting="(\d+)"`)
	lan.client.Timeout = 0
	resp, err := lan.client.Get(lan.address("cases/news?state=" + url.QueryEscape(state)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	heard := make(chan string)
	go func() {
		defer close(heard)
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			if data, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				heard <- data
			}
		}
	}()
	r.urgent("cuu voi, be nha toi roi xuong ao chua thay ngoi len")
	select {
	case data := <-heard:
		var news struct{ Waiting, Emergency int }
		if err := json.Unmarshal([]byte(data), &news); err != nil || fmt.Sprint(news.Waiting-1) != waited || news.Emergency < 1 {
			t.Errorf("the desk hears %s", data)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the desk hears nothing of a new emergency")
	}
	resp.Body.Close()
	for range heard {
	}
	lan.post("logout", 200)
	lan.get("cases/news", 401)
}

// consoleIsGuarded: other sites can neither send forms nor show, cache or load pages.
func consoleIsGuarded(t *testing.T, r *consoleRig) {
	r.member("lan", staff.Officer)
	lan := r.at("lan")
	for header, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", lan.address("logout"), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header, value)
		resp, err := lan.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("a form with %s %s has status %d", header, value, resp.StatusCode)
		}
	}
	resp, err := lan.client.Get(lan.address("cases"))
	page := body(t, resp, err)
	policy := resp.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") ||
		resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", resp.Header)
	}
	if m := regexp.MustCompile(`<script>|<style>| style=| on[a-z]+="|javascript:`).FindString(page); m != "" {
		t.Errorf("the page holds %q, which its policy forbids", m)
	}
	if resp, err := lan.client.Get(lan.address("static/console.css")); err != nil || resp.StatusCode != 200 {
		t.Errorf("the style: %v", err)
	}
	long := strings.Repeat("x", 2<<20)
	lan.post("password", 413, "old", long)
	u, err := url.Parse(lan.address(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range lan.client.Jar.Cookies(u) {
		if strings.Contains(c.Value, "lan") {
			t.Errorf("the cookie says %q", c.Value)
		}
	}
	if elsewhere := lan.client.Jar.Cookies(&url.URL{Scheme: "http", Host: u.Host, Path: "/"}); slices.ContainsFunc(elsewhere, func(c *http.Cookie) bool { return c.Name == "treem-console" }) {
		t.Error("the chat gets the console's cookie")
	}
}
