package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"treem/bot/staff"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"
)

// member adds an account with the given password hash.
func (r *browserRig) member(t *testing.T, hash, login string, roles ...staff.Role) {
	t.Helper()
	(&consoleRig{T: t, app: r.app, hash: hash}).member(login, roles...)
}

// logIn types login and password and presses Enter, as one does.
func (b *tab) logIn(login string) {
	b.Helper()
	b.open("/console/login")
	b.run(chromedp.SendKeys(chromedp.ID("login"), login), chromedp.SendKeys(chromedp.ID("password"), staffPassword+kb.Enter),
		chromedp.WaitReady(`//h1[not(contains(., "Đăng nhập"))]`))
}

// setSecondFactor does what the page asks of whoever has none yet and needs one.
func (b *tab) setSecondFactor(login string) {
	b.Helper()
	b.see("trước khi làm việc")
	b.accessible("second factor of " + login)
	secret := is[string](b, `document.querySelector("main code").textContent`)
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	b.run(chromedp.SendKeys(chromedp.ID("code"), code+kb.Enter))
	b.see("Đã bật lớp xác nhận thứ hai")
}

// follow presses a link.
func (b *tab) follow(label string) {
	b.Helper()
	b.run(chromedp.Click(fmt.Sprintf(`//a[contains(., %q)]`, label)))
}

// TestBrowserConsoleDesk is the life of a case in a real browser: two officers at once, one at a desk and one with a
// phone, and the child who wrote.
func TestBrowserConsoleDesk(t *testing.T) {
	r := newBrowserRig(t)
	hash := staffHash(t)
	r.member(t, hash, "lan", staff.Officer)
	r.member(t, hash, "minh", staff.Officer)
	desk, phone := r.newTab(t, 1280, 800), r.newTab(t, 360, 740)
	for login, b := range map[string]*tab{"lan": desk, "minh": phone} {
		b.open("/console/cases")
		b.accessible("log-in of " + login)
		b.logIn(login)
		b.setSecondFactor(login) // officers need one
		b.open("/console/cases")
		b.see("Không vụ việc nào đang chờ")
		b.accessible("empty desk of " + login)
	}

	child := r.newTab(t, 360, 740)
	child.open("/")
	child.write("ba con dang danh con, con so lam")
	child.see("111")

	for _, b := range []*tab{desk, phone} { // without loading the page anew
		b.see("1 vụ việc chưa ai nhận")
		if title := is[string](b, "document.title"); !strings.Contains(title, "(1)") {
			t.Errorf("the title is %q while a case waits", title)
		}
	}
	desk.accessible("desk")
	desk.pictureWhole("console-desk")
	phone.accessible("desk on a phone")
	phone.pictureWhole("console-desk-phone")

	ref := is[string](desk, `document.querySelector("#queue tbody a").textContent`)
	desk.follow(ref)
	phone.follow(ref)
	for _, b := range []*tab{desk, phone} {
		b.see("An toàn khi liên lạc")
		if strings.Contains(b.text(), "danh con") {
			t.Errorf("the child's words show before they are opened:\n%s", b.text())
		}
	}
	desk.press("Nhận vụ việc")
	desk.see("ba con dang danh con")
	phone.see("Cán bộ lan đang giữ vụ việc này") // heard without loading the page anew, or after it
	phone.accessible("a colleague's case on a phone")
	phone.pictureWhole("console-case-phone")
	desk.accessible("my case")

	desk.run(chromedp.Click(chromedp.CSS("details summary")))
	desk.press("Không phải lỗi của em")
	if reply := is[string](desk, `document.getElementById("reply").value`); !strings.Contains(reply, "không phải lỗi") {
		t.Errorf("the prepared sentence gave %q", reply)
	}
	desk.pictureWhole("console-case")
	desk.run(chromedp.SendKeys(chromedp.ID("reply"), " Cô đang đọc."))
	child.write("con tron trong phong") // meanwhile: the page renews itself and keeps what is being written
	desk.see("con tron trong phong")
	if reply := is[string](desk, `document.getElementById("reply").value`); !strings.Contains(reply, "Cô đang đọc.") {
		t.Errorf("after the news the reply is %q", reply)
	}
	desk.press("Gửi")
	desk.see("Đã gửi trả lời")
	child.see("Cô đang đọc.")
	child.picture("console-case-child")

	// the rest with the keyboard alone
	desk.run(chromedp.Focus(chromedp.ID("note")), chromedp.SendKeys(chromedp.ID("note"), "Chỉ nhắn sau 17 giờ"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	desk.see("Đã thêm ghi chú")
	phone.see("Chỉ nhắn sau 17 giờ")
	desk.run(chromedp.Focus(chromedp.ID("outcome")), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	desk.see("Đã đóng vụ việc")
	desk.accessible("closed case")
	desk.open("/console/cases")
	desk.see("Không vụ việc nào đang chờ")

	for _, page := range []string{"help/truc", "help/noi-dung", "roster", "entries"} {
		desk.open("/console/" + page)
		desk.accessible(page)
		phone.open("/console/" + page)
		phone.accessible(page + " on a phone")
	}

	plain := r.newTab(t, 360, 740, noScript())
	plain.logIn("minh")
	plain.see("Mã 6 số") // log-in works without script
}

// TestBrowserConsoleEntry is the life of a change in a real browser: the author at a desk, the reviewer with a phone.
func TestBrowserConsoleEntry(t *testing.T) {
	r := newBrowserRig(t)
	hash := staffHash(t)
	r.member(t, hash, "lan", staff.Author)
	r.member(t, hash, "minh", staff.Reviewer)
	desk, phone := r.newTab(t, 1280, 800), r.newTab(t, 360, 740)
	desk.logIn("lan")
	phone.logIn("minh")
	desk.see("trong")
	desk.open("/console/entries?order=asked")
	desk.accessible("list of entries")
	desk.picture("console-entries")
	phone.open("/console/entries?topic=abuse")
	phone.accessible("list of entries on a phone")
	phone.picture("console-entries-phone")

	desk.open("/console/entries/" + entryID)
	desk.see("Phụ huynh đọc")
	desk.accessible("an entry")
	desk.pictureWhole("console-entry")
	desk.follow("Sửa")
	desk.run(chromedp.WaitReady(chromedp.ID("parent")))
	desk.accessible("form of an entry")
	const said = "Nghe con nói hết, đừng ngắt lời con nhé."
	desk.run(chromedp.SendKeys(chromedp.ID("parent"), "\n"+said))
	desk.run(chromedp.WaitReady(fmt.Sprintf(`//div[@id="preview"]//*[contains(., %q)]`, said))) // live, without a press
	desk.pictureWhole("console-entry-form")
	desk.run(chromedp.Click(`//button[text()="Lưu bản nháp"]`))
	desk.see("Đã lưu bản nháp")
	desk.accessible("a draft")
	desk.pictureWhole("console-draft")
	desk.press("Gửi duyệt")
	desk.see("Người khác phải duyệt")

	phone.open("/console/drafts")
	phone.accessible("list of drafts on a phone")
	phone.run(chromedp.Click(`//table//a`))
	phone.see(said)
	phone.press("Duyệt")
	phone.see("Đã duyệt.")
	phone.follow("Kiểm tra tác động")
	phone.see("Không vi phạm quy tắc nào")
	phone.accessible("verdict on a phone")
	phone.pictureWhole("console-verdict-phone")
	phone.press("Đăng ngay")
	phone.see("Đã đăng.")
	for _, page := range []string{"statutes", "bulk", "mistakes"} {
		phone.open("/console/" + page)
		phone.accessible(page + " on a phone")
	}
	phone.open("/console/texts")
	phone.accessible("facts on a phone")
	phone.open("/console/gaps")
	phone.accessible("gaps on a phone")
}

// TestBrowserConsoleLead is what a supervisor reads at a desk and an administrator on a phone, page by page.
func TestBrowserConsoleLead(t *testing.T) {
	r := newBrowserRig(t)
	hash := staffHash(t)
	r.member(t, hash, "lan", staff.Supervisor)
	r.member(t, hash, "minh", staff.Administrator)
	desk, phone := r.newTab(t, 1280, 800), r.newTab(t, 360, 740)
	for login, b := range map[string]*tab{"lan": desk, "minh": phone} {
		b.logIn(login)
		b.setSecondFactor(login)
	}
	for _, c := range []struct {
		b           *tab
		where, page string
		see         string
	}{
		{desk, "desk", "report", "Tải trang in"},
		{desk, "desk", "roster", "Đang trực"},
		{desk, "desk", "mistakes", "đánh giá khác máy"},
		{phone, "phone", "report", "Tải bảng tính"},
		{phone, "phone", "accounts", "Cán bộ minh"},
		{phone, "phone", "accounts/new", "Vai trò"},
		{phone, "phone", "accounts/lan", "Vai trò"},
		{phone, "phone", "audit", "Lúc"},
		{phone, "phone", "profile", "Tài khoản của tôi"},
	} {
		c.b.open("/console/" + c.page)
		c.b.see(c.see)
		c.b.accessible(c.page + " on a " + c.where)
		c.b.pictureWhole("console-" + strings.ReplaceAll(c.page, "/", "-") + "-" + c.where)
	}
}
