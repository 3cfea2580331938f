package main

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treem/bot/editorial"
	"treem/bot/staff"
	"treem/bot/triage"
	"treem/channels"
	"treem/config"
	"treem/kb"
)

// attach sends a form with a file.
func (b *colleague) attach(path string, status int, name string, data []byte) string {
	b.Helper()
	var out bytes.Buffer
	form := multipart.NewWriter(&out)
	f, err := form.CreateFormFile("file", name)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		b.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.Fatal(err)
	}
	resp, err := b.client.Post(b.address(path), form.FormDataContentType(), &out)
	page := body(b.T, resp, err)
	if resp.StatusCode != status {
		b.Fatalf("POST %s with %s: status %d, want %d:\n%s", path, name, resp.StatusCode, status, page)
	}
	return page
}

const decree = `CHÍNH PHỦ
Số: 999/2026/NĐ-CP
Hà Nội, ngày 01 tháng 11 năm 2026
NGHỊ ĐỊNH
Thử nghiệm việc nhập văn bản

Điều 1. Phạm vi
1. Văn bản này chỉ để thử.
2. %s

Điều 2. Hiệu lực
Có hiệu lực từ ngày ký.
`

// consoleStatute imports a text, then a version with a changed article: it shows side by side, and what cites the
// article waits to be checked again.
func consoleStatute(t *testing.T, r *consoleRig) {
	r.member("minh", staff.Reviewer)
	r.member("lan", staff.Author)
	minh := r.at("minh")
	r.at("lan").attach("statutes", 403, "x.txt", []byte("x"))
	has(t, "a file of another kind", minh.attach("statutes", 422, "virus.exe", []byte("MZ\x90\x00\x03\x00\x00\x00")), `role="alert"`)
	minh.post("statutes", 400)

	page := minh.attach("statutes", 200, "nd.txt", fmt.Appendf(nil, decree, "Mức là 500.000 đồng."))
	has(t, "the preview", page, "999/2026/NĐ-CP", "Phạm vi", "Mức là 500.000 đồng.", "Lưu làm bản mới")
	upload := find(t, page, `action="/console/(statutes/[A-Z0-9]+)"`)
	r.at("minh").get(upload, 200)
	minh.post(upload, 200, "number", "999/2026/NĐ-CP")
	has(t, "the list", minh.get("statutes", 200), "999/2026/NĐ-CP", "Cần rà soát lại: 0")
	has(t, "the same again", minh.attach("statutes", 200, "nd.txt", fmt.Appendf(nil, decree, "Mức là 500.000 đồng.")), "không có gì để lưu")

	// an entry that cites article 1
	draft := editorial.Draft{ID: "d", Path: "facts/support.yaml", State: editorial.Approved, Author: "lan", Reviewer: "minh", Version: 1, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	files, err := r.app.editor.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	draft.Base = string(files[draft.Path])
	draft.Text = draft.Base + "\n- {id: trial-amount, text: 500.000 đồng, meaning: thử, law: 999/2026/NĐ-CP, article: 1, clause: 2, valid_from: 2026-11-01, checked_on: 2026-11-02, confidence: B}\n"
	if err := r.app.store.SaveDraft(t.Context(), draft, staff.Record{At: time.Now(), Who: "lan", Action: "draft.save"}); err != nil {
		t.Fatal(err)
	}
	revision, err := r.app.store.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.app.editor.publish(t.Context(), draft, files, revision, staff.Record{At: time.Now(), Who: "minh", Action: "publish"}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for known := false; !known; _, known = r.app.editor.Content().Facts["trial-amount"] {
		if time.Now().After(deadline) {
			t.Fatal("the fact never comes into use")
		}
		minh.get("texts", 200)
	}
	page = minh.attach("statutes", 200, "nd.txt", fmt.Appendf(nil, decree, "Mức là 600.000 đồng."))
	has(t, "the new version", page, "<del>- ", "500.000", "<ins>+ ", "600.000", "Cần rà soát lại: 1", "trial-amount")
	minh.post(find(t, page, `action="/console/(statutes/[A-Z0-9]+)"`), 200, "number", "999/2026/NĐ-CP")
	has(t, "the list after it", minh.get("statutes", 200), "Cần rà soát lại: 1", "trial-amount", "Điều 1 999/2026/NĐ-CP")
}

// consoleBulk exports everything, changes one title outside, and gets one draft of it.
func consoleBulk(t *testing.T, r *consoleRig) {
	r.member("lan", staff.Author)
	r.member("truc", staff.Officer)
	lan := r.at("lan")
	for _, name := range []string{"content.zip", "content.xlsx"} {
		file := []byte(lan.get("export/"+name, 200))
		has(t, name+" unchanged", lan.attach("bulk", 200, name, file), "Mọi tệp giống bản đang dùng")
	}
	lan.get("export/secret.key", 404)
	files, err := r.app.editor.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	entry, _ := r.app.editor.Content().Entry("birth-deadline")
	files[entry.Path] = bytes.Replace(files[entry.Path], []byte(entry.Title), []byte("Tên đã sửa ngoài"), 1)
	archive, err := kb.Pack(files)
	if err != nil {
		t.Fatal(err)
	}
	has(t, "what was changed", lan.attach("bulk", 200, "x.zip", archive), "Đã tạo 1 bản nháp", entry.Path)
	has(t, "the same once more", lan.attach("bulk", 200, "x.zip", archive), "1 tệp đang có bản nháp")
	files["facts/support.yaml"] = append(files["facts/support.yaml"], "# x\n"...)
	other, _ := r.app.editor.Content().Entry("rights-list")
	files[other.Path] = bytes.Replace(files[other.Path], []byte("checked_on: "+other.CheckedOn.Format(time.DateOnly)), []byte("checked_on: 2026-11-25"), 1)
	if archive, err = kb.Pack(files); err != nil {
		t.Fatal(err)
	}
	page := lan.attach("bulk", 200, "x.zip", archive)
	has(t, "what only reviewers change", page, "chỉ người duyệt được thêm", "facts/support.yaml")
	lacks(t, "what only reviewers change", page, other.Path)
	has(t, "no archive", lan.attach("bulk", 422, "x.zip", []byte("PK no")), `role="alert"`)
	has(t, "another file", lan.attach("bulk", 422, "x.txt", []byte("no")), ".xlsx")
	r.at("truc").attach("bulk", 403, "x.zip", archive)

	png := []byte("\x89PNG\r\n\x1a\n0000000000000000")
	has(t, "a picture", lan.attach("media", 200, "how-to-float.png", png), "media/how-to-float.png")
	for name, data := range map[string][]byte{"how-to-swim.png": []byte("<svg onload=alert(1)>"), "how-to-swim.svg": []byte("<svg/>"), "../up.png": png, "how-to-swim.mp3": png} {
		lan.attach("media", 422, name, data)
	}
	lan.attach("media", 413, "how-to-swim.png", append(png, make([]byte, 2<<20)...))
}

// consoleMistakes: an officer who says that an alarm was wrong, or too weak, teaches those who mend the rules.
func consoleMistakes(t *testing.T, r *consoleRig) {
	r.member("truc", staff.Officer)
	r.member("chi", staff.Supervisor)
	r.member("lan", staff.Author)
	truc, chi := r.at("truc"), r.at("chi")
	ref := r.urgent("ba con dang danh con, goi con 0905 111 222")
	page := truc.get("cases/"+ref, 200)
	truc.post("cases/"+ref+"/act", 200, "act", find(t, page, `name="act" value="(console:[A-Z0-9]+)"`), "do", "wrong")
	page = chi.get("mistakes", 200)
	has(t, "the list", page, "ba con dang danh con", "không khẩn")
	lacks(t, "the list", page, "0905 111 222", ref)
	truc.get("mistakes", 403)
	r.at("lan").post("mistakes", 400, "text", "chau so lam", "level", "none", "category", "bullying")
	r.at("lan").post("mistakes", 200, "text", "chau so lam, viet cho chau@example.vn", "level", "urgent", "category", "bullying")
	page = chi.get("mistakes", 200)
	has(t, "the list", page, "chau so lam", "bắt nạt")
	lacks(t, "the list", page, "chau@example.vn")
	t.Setenv("TREEM_DATA_DIR", r.app.cfg.DataDir)
	out, err := run(t, "", "triage", "corrections")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := triage.ReadExamples(strings.NewReader(out))
	if err != nil || len(examples) < 2 || examples[0].Level != triage.Urgent || !strings.Contains(examples[0].Text, "chau so lam") {
		t.Errorf("for triage eval: %v\n%s", err, out)
	}
	lacks(t, "what is written out", out, "0905 111 222", "chau@example.vn")
}

// TestStaffCommand adds people beside the running service.
func TestStaffCommand(t *testing.T) {
	r := newConsoleRig(t, nil)
	t.Setenv("TREEM_DATA_DIR", r.app.cfg.DataDir)
	out, err := run(t, "", "staff", "add", "lan", "--name", "Nguyễn Thị Lan", "--roles", "author,officer")
	if err != nil {
		t.Fatal(err)
	}
	link := find(t, out, `/console/(link/[A-Z0-9]+)`)
	has(t, "her page", r.browser().post(link, 200, "password", "trăng lên đỉnh đồi", "again", "trăng lên đỉnh đồi"), "Nguyễn Thị Lan")
	for _, bad := range [][]string{{"add", "lan", "--name", "Lan", "--roles", "author"}, {"add", "Hoa", "--name", "Hoa", "--roles", "author"},
		{"add", "hoa", "--name", "Hoa", "--roles", "boss"}, {"link", "nobody"}, {}} {
		if _, err := run(t, "", append([]string{"staff"}, bad...)...); err == nil {
			t.Errorf("treem staff %v works", bad)
		}
	}
	again, err := run(t, "", "staff", "link", "lan")
	if err != nil {
		t.Fatal(err)
	}
	r.browser().get(find(t, again, `/console/(link/[A-Z0-9]+)`), 200)
	if list, err := run(t, "", "staff", "list"); err != nil || !strings.Contains(list, "lan") || !strings.Contains(list, "author,officer") || strings.Contains(list, "Nguyễn") {
		t.Errorf("the list: %v\n%s", err, list)
	}
}

// TestConsoleRoster: a supervisor changes who is on duty while the service runs.
func TestConsoleRoster(t *testing.T) {
	file := filepath.Join(t.TempDir(), "roster.yaml")
	const text = "officers:\n  - {id: lan, name: Lan, sms: \"+84901000001\"}\n  - {id: minh, name: Minh, sms: \"+84901000002\"}\ntiers:\n  - name: Trực ban\n    shifts:\n      - {officers: [lan]}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newConsoleRig(t, func(c *config.Config) { c.Hotline.Roster = file })
	r.member("chi", staff.Supervisor)
	r.member("truc", staff.Officer)
	chi, other := r.at("chi"), r.at("chi")
	has(t, "the roster", chi.get("roster", 200), "Lan", "Trực ban")
	has(t, "a broken roster", chi.post("roster", 422, "version", "0", "text", strings.Replace(text, "[lan]", "[ma]", 1)), `officer &#34;ma&#34;`)
	changed := strings.Replace(text, "officers: [lan]", "officers: [minh]", 1)
	has(t, "the new roster", chi.post("roster", 200, "version", "0", "text", changed), "Đã lưu")
	if tiers := r.app.rosters.OnDuty(time.Now()); len(tiers) != 1 || fmt.Sprint(tiers[0].Officers) != "[Minh]" || !tiers[0].From.IsZero() {
		t.Errorf("on duty: %v", tiers)
	}
	has(t, "a form from before", other.post("roster", 409, "version", "0", "text", text), "Có người vừa lưu lịch khác")
	shifts := strings.Replace(changed, "{officers: [minh]}", "{from: \"00:00\", to: \"12:00\", officers: [minh]}\n      - {from: \"12:00\", to: \"00:00\", officers: [lan]}", 1)
	has(t, "shifts", chi.post("roster", 200, "version", "1", "text", shifts), "Đã lưu")
	has(t, "who comes next", chi.get("roster", 200), "Minh", "Lan", "Từ ")
	r.at("truc").post("roster", 403, "version", "1", "text", text)
	if raw, err := os.ReadFile(databaseFile(r.app.cfg)); err != nil || bytes.Contains(raw, []byte("+84901000002")) {
		t.Errorf("a telephone number can be read in the database, or %v", err)
	}
}

// TestConsoleFirstRoster: a service that was started without a roster takes up the first one that is written, at once.
func TestConsoleFirstRoster(t *testing.T) {
	r := newConsoleRig(t, nil)
	r.member("chi", staff.Supervisor)
	chi := r.at("chi")
	if told := r.app.bot.Desk.Duty.Everyone(); len(told) != 0 || r.app.bot.Desk.TellPerson(time.Now()).Reachable {
		t.Errorf("with nobody on duty these are told: %v", told)
	}
	has(t, "no roster", chi.get("roster", 200), "Lịch trực")
	const text = "officers:\n  - {id: lan, name: Lan, telegram: \"77\"}\ntiers:\n  - name: Trực ban\n    shifts:\n      - {officers: [lan]}\n"
	has(t, "the first roster", chi.post("roster", 200, "version", "0", "text", text), "Đã lưu", "Lan")
	if name := r.app.bot.Desk.Officers.Name("lan"); name != "Lan" {
		t.Errorf("the officer is called %q", name)
	}
	if id, ok := r.app.bot.Desk.Officers.Officer(channels.Address{Channel: "telegram", ID: "77"}); !ok || id != "lan" {
		t.Errorf("her chat is %q's", id)
	}
}
