package main_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"treem/channels/channelstest/hookserver"
	"treem/channels/channelstest/kannelserver"
	"treem/channels/channelstest/mailserver"
	"treem/channels/channelstest/standin"
	"treem/channels/channelstest/telegramserver"
	"treem/kb/vitext"
)

// written is what people write in the run below: every level of danger, questions with and without an answer, names,
// numbers and places of all sorts, answers to the bot's questions, commands with words behind them.
var written = []string{
	"cứu với, bé Ngát Hương nhà tôi rơi xuống ao sau đình Phương Danh chưa thấy ngoi lên",
	"con tên Huỳnh Thị Ngọc Bích học lớp 7A9 trường Lương Thế Vinh, bố con đánh con bằng roi mây mỗi tối",
	"thầy Quách Đăng Khoa sờ soạng em ở phòng thí nghiệm, nick zalo của em là bichbongbenh2013",
	"tre con hang xom Truong Van Luyen bi bo doi, goi giup so 0987654329 hoac 0256.3812.749",
	"email của tôi là ngochuong.binhdinh@thuvien.example, nhà ở 47/12 hẻm Tăng Bạt Hổ",
	"trẻ em là người bao nhiêu tuổi hả chị Kiều Trinh",
	"giá vàng tiệm Kim Loan hôm nay bao nhiêu một chỉ 7384615",
	"em khong muon song nua, em da viet thu tuyet menh de trong cap",
	"không phải vậy đâu, tôi hỏi giùm đứa cháu Lâm Sung thôi",
	"căn cước 052213004876, tài khoản 9704368812345678",
}

// TestNothingInClear runs the program whole: people write on four channels, the people on duty are told by web hook,
// mail and SMS, some providers fail, a backup is made, doctor runs. Then every word, number and name that people wrote is
// looked for in the log (at its most talkative), the metrics, the traces, doctor's words, the data folder's files and the backup.
func TestNothingInClear(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs the built program; not with -short")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var traces lockedBuffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(&traces, r.Body) }))
	defer collector.Close()
	c := newCrash(t)
	hook, mail, smsc := hookserver.Start(t), mailserver.Start(t), kannelserver.Start(t)
	hook.SetSchedule(&standin.Schedule{Seed: 1, Rates: map[standin.Kind]float64{standin.ServerError: .1}})
	c.telegram.SetSchedule(&telegramserver.Schedule{Seed: 2, Calls: []string{"sendMessage"}, Rates: map[telegramserver.Kind]float64{telegramserver.ServerError: .1, telegramserver.TooMany: .05}})
	const secret = "0localkannelsecretnotasecret"
	c.env = append(c.env, "SSL_CERT_FILE="+mail.CAFile(), "TREEM_LOG_LEVEL=debug", "TREEM_TRACING_URL="+collector.URL+"/v1/traces",
		"TREEM_KANNEL_SEND_URL="+smsc.SendURL(), "TREEM_KANNEL_USERNAME="+kannelserver.Username, "TREEM_KANNEL_PASSWORD="+kannelserver.Password,
		"TREEM_KANNEL_FROM="+kannelserver.Sender, "TREEM_KANNEL_SECRET="+secret,
		"TREEM_HOTLINE_WEBHOOK_URL="+hook.URL(), "TREEM_HOTLINE_WEBHOOK_SECRET="+hookserver.Secret,
		"TREEM_HOTLINE_SMTP_URL="+mail.URL(), "TREEM_HOTLINE_EMAIL_TO=truc@mail.test", "TREEM_WEB_PER_MINUTE=100000")
	p := c.start(ctx)
	for ctx.Err() == nil && c.metric(ctx, "treem_ready") != "1" {
		c.pauseWith(ctx, 50*time.Millisecond)
	}
	private := writeEverywhere(ctx, t, c, smsc, secret)
	for ctx.Err() == nil && (c.telegram.Pending() > 0 || !c.idle(ctx) || c.metric(ctx, "treem_notices_waiting") != "0") {
		c.pauseWith(ctx, 50*time.Millisecond)
	}
	found := map[string][]byte{"metrics": get(ctx, t, c.public+"/metrics"), "health": get(ctx, t, c.public+"/healthz")}
	for _, args := range [][]string{{"doctor"}, {"backup", filepath.Join(t.TempDir(), "copy")}} {
		cmd := exec.CommandContext(ctx, c.binary, args...)
		cmd.Env = c.env
		out, err := cmd.CombinedOutput() // doctor finds fault with the stand-ins, which is not what is looked at here
		if args[0] == "backup" && err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		found[args[0]] = out
		if args[0] == "backup" {
			found["copy"] = readFile(t, args[1])
		}
	}
	for name, data := range dataFiles(t, c.env) { // while it runs: with what stands in the log of the database
		found[name] = data
	}
	p.stop()
	for name, data := range dataFiles(t, c.env) {
		found[name+" after the stop"] = data
	}
	found["log"], found["traces"] = p.log.Bytes(), traces.Bytes()
	if len(found["traces"]) == 0 || !bytes.Contains(found["log"], []byte("message handled")) || !bytes.Contains(found["metrics"], []byte("treem_cases_total")) || len(found["treem.db"]) == 0 {
		t.Fatal("the run left nothing to look at")
	}
	looked := 0
	for where, data := range found {
		lower := strings.ToLower(string(data))
		encrypted := strings.HasPrefix(where, "treem.db") || where == "copy"
		for _, text := range private {
			looked++
			if !(encrypted && len(text) < shortestAmongRandom) && strings.Contains(lower, text) {
				t.Errorf("%s holds %q", where, text)
			}
			if n := integer(text); n != nil && bytes.Contains(data, n) {
				t.Errorf("%s holds %s as an integer", where, text)
			}
		}
	}
	t.Logf("%d words, names and numbers looked for in %d places, %d bytes", len(private), len(found), total(found))
	if looked == 0 {
		t.Error("nothing was looked for")
	}
}

// writeEverywhere has people write everything on every channel and returns what must not be found: the words, in small
// letters, with and without diacritics, and the people's names, numbers and sessions.
func writeEverywhere(ctx context.Context, t *testing.T, c *crash, smsc *kannelserver.Server, secret string) []string {
	t.Helper()
	var private []string
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	kannel := strings.Replace(c.public, "://", "://treem:"+secret+"@", 1) + "/kannel/sms?id=%I"
	for i, text := range written {
		chat := 7_412_883_900 + int64(i)
		phone, other := fmt.Sprintf("+8493852714%d", i), fmt.Sprintf("+8491740265%d", i)
		private = append(private, strconv.FormatInt(chat, 10), phone[1:], other[1:], "0"+phone[3:], "0"+other[3:], fmt.Sprintf("Lạc Hồng %d", i), "lachong_be_bong")
		update, err := json.Marshal(map[string]any{"message": map[string]any{"message_id": 10 + i, "date": time.Now().Unix(), "text": text,
			"from": map[string]any{"id": chat, "is_bot": false, "first_name": fmt.Sprintf("Lạc Hồng %d", i), "username": "lachong_be_bong"},
			"chat": map[string]any{"id": chat, "type": "private", "first_name": fmt.Sprintf("Lạc Hồng %d", i), "username": "lachong_be_bong"}}})
		if err != nil {
			t.Fatal(err)
		}
		c.telegram.Push(string(update))
		if err := c.twilio.Deliver(ctx, c.public+"/twilio/sms", messageSID(i), phone, text); err != nil {
			t.Fatal(err)
		}
		if _, err := smsc.Post(ctx, kannel, kannelserver.Message{ID: fmt.Sprint("k", i), From: other, To: kannelserver.Sender, Text: text, Time: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if _, err := smsc.Get(ctx, kannel+"g&from=%p&to=%P&text=%b", kannelserver.Message{ID: fmt.Sprint("k", i), From: other, To: kannelserver.Sender, Text: text, Time: time.Now()}); err != nil {
			t.Fatal(err)
		}
		resp, err := browser.PostForm(c.public+"/", url.Values{"text": {text}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		resp, err = browser.PostForm(c.public+"/tim", url.Values{"text": {text}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	home, err := url.Parse(c.public)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range jar.Cookies(home) {
		private = append(private, cookie.Value)
	}
	for _, text := range written {
		private = append(private, strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
		private = append(private, strings.Fields(text)...)
	}
	return needles(private)
}

// Words shorter than this, in bytes, are not looked for: treem's own text is full of them, and among random bytes
// chance makes them.
const (
	shortest            = 5
	shortestAmongRandom = 6
)

// ours are words that people wrote and that also stand in treem's own names, by the reason.
var ours = map[string]string{"email": "a way of telling the people on duty"}

// needles are what to look for: each text in small letters, and its form without diacritics.
func needles(private []string) []string {
	all := map[string]bool{}
	for _, text := range private {
		text = strings.ToLower(strings.Trim(text, ".,"))
		for _, form := range []string{text, vitext.Fold(text)} {
			if len(form) >= shortest && ours[form] == "" {
				all[form] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// integer is a long number as the database stores integers; nil: it is none.
func integer(text string) []byte {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n < 1<<32 {
		return nil
	}
	return bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, n), "\x00")
}

// dataFiles reads every file of the data folder but the key.
func dataFiles(t *testing.T, env []string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, pair := range env {
		dir, ok := strings.CutPrefix(pair, "TREEM_DATA_DIR=")
		if !ok {
			continue
		}
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && path != "secret.key" {
				all[path] = readFile(t, filepath.Join(dir, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func get(ctx context.Context, t *testing.T, address string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func total(found map[string][]byte) (n int) {
	for _, data := range found {
		n += len(data)
	}
	return n
}

// lockedBuffer takes what several requests write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// Bytes is what was written so far.
func (b *lockedBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
