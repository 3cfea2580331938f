package kannelserver

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// call makes one call of sendsms and returns status and answer; status 0 is no answer.
func call(t *testing.T, s *Server, text string, given map[string]string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.SendURL(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range given {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if !strings.HasPrefix(resp.Header.Get("Server"), "Kannel/") && resp.StatusCode != http.StatusBadGateway {
		t.Errorf("Server %q", resp.Header.Get("Server"))
	}
	return resp.StatusCode, string(answer)
}

// headers are right ones, changed by pairs of name and value; an empty value takes the header out.
func headers(pairs ...string) map[string]string {
	h := map[string]string{"Content-Type": "text/plain; charset=UTF-8", "X-Kannel-Username": Username,
		"X-Kannel-Password": Password, "X-Kannel-From": Sender, "X-Kannel-To": "+84905123456", "X-Kannel-Coding": "0"}
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = pairs[i+1]
	}
	return h
}

// TestRules: the answers are those of Kannel 1.4.5.
func TestRules(t *testing.T) {
	s := Start(t)
	for _, tc := range []struct {
		name, text string
		given      map[string]string
		status     int
		answer     string
	}{
		{"right", "Goi 111", headers(), 202, "0: Accepted for delivery"},
		{"UTF-16BE", "\x00G\x1e\xcd\x00i", headers("Content-Type", "text/plain; charset=UTF-16BE", "X-Kannel-Coding", "2"), 202, "0:"},
		{"all headers", "a", headers("X-Kannel-UDH", "050003010201", "X-Kannel-Priority", "3", "X-Kannel-Validity", "240",
			"X-Kannel-DLR-Mask", "19", "X-Kannel-DLR-URL", "http://a:b@127.0.0.1:9/x?t=%d&m=%D", "X-Kannel-SMSC", "op"), 202, "0:"},
		{"wrong password", "a", headers("X-Kannel-Password", "x"), 403, "Authorization failed for sendsms"},
		{"no receiver", "a", headers("X-Kannel-To", ""), 400, "Missing receiver(s) number(s), rejected"},
		{"no sender", "a", headers("X-Kannel-From", ""), 400, "Sender missing and no global set, rejected"},
		{"letters for a number", "a", headers("X-Kannel-To", "abc"), 400, "Number(s) has/have been denied"},
		{"coding", "a", headers("X-Kannel-Coding", "9"), 400, "Coding field misformed, rejected"},
		{"priority", "a", headers("X-Kannel-Priority", "7"), 400, "Priority field misformed, rejected"},
		{"dlr-url", "a", headers("X-Kannel-DLR-Mask", "1", "X-Kannel-DLR-URL", "ftp://x.example"), 400, "DLR-URL field misformed"},
		{"dlr-mask alone", "a", headers("X-Kannel-DLR-Mask", "1"), 400, "DLR-URL field misformed"},
		{"UDH", "a", headers("X-Kannel-UDH", "0500"), 400, "UDH field misformed, rejected"},
		{"charset", "a", headers("Content-Type", "text/plain; charset=nope"), 400, "Charset or body misformed, rejected"},
		{"no text", "", headers(), 400, "Charset or body misformed"},
		{"form", "a=b", headers("Content-Type", "application/x-www-form-urlencoded"), 400, "Invalid content-type"},
		{"unknown header", "a", headers("X-Kannel-Text", "a"), 400, "Unknown field"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			taken, rejected := len(s.Sent()), len(s.Rejected())
			status, answer := call(t, s, tc.text, tc.given)
			if status != tc.status || !strings.HasPrefix(answer, tc.answer) {
				t.Errorf("%d %q, want %d %q", status, answer, tc.status, tc.answer)
			}
			good := tc.status == 202
			if (len(s.Sent()) == taken+1) != good || (len(s.Rejected()) == rejected) != (good || tc.name == "no receiver") {
				t.Errorf("taken: %d, rejected: %q", len(s.Sent())-taken, s.Rejected()[rejected:])
			}
		})
	}
	if all := strings.Join(s.Rejected(), " "); strings.Contains(all, "905123456") {
		t.Errorf("the list of rejected calls quotes them: %s", all)
	}
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		kind   Kind
		status int // 0: no answer
		taken  bool
	}{
		{TooMany, 503, false}, {ServerError, 500, false}, {BadGateway, 502, false}, {Malformed, 400, false},
		{Unauthorized, 403, false}, {Listed, 400, false}, {NotRoutable, 403, false}, {Delay, 202, true},
		{DropBefore, 0, false}, {DropAfter, 0, true},
	} {
		s := Start(t)
		s.Fail(SendSMS, Failure{Kind: tc.kind, After: 10 * time.Millisecond}, Failure{})
		status, _ := call(t, s, "a", headers())
		if sent := s.Sent(); status != tc.status || (len(sent) == 1) != tc.taken || tc.taken && sent[0].Lost != (status == 0) {
			t.Errorf("kind %d: status %d, sent %+v", tc.kind, status, sent)
		}
		if status, _ := call(t, s, "a", headers()); status != 202 {
			t.Errorf("kind %d: the next call got %d", tc.kind, status)
		}
	}
}

// TestHooks: what people wrote and what became of messages, as Kannel hands it on.
func TestHooks(t *testing.T) {
	s := Start(t)
	words := ""
	var got *http.Request
	var body string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		_, _ = io.WriteString(w, words)
	}))
	defer hook.Close()
	base := strings.Replace(hook.URL, "://", "://u:p@", 1)
	m := Message{ID: "7", From: "+84905123456", To: Sender, Text: "cứu em & +", Time: time.Unix(0, 0)}
	if status, err := s.Post(t.Context(), base+"/sms?id=%I", m); status != 200 || err != nil {
		t.Fatalf("%d, %v", status, err)
	}
	user, password, _ := got.BasicAuth()
	if got.URL.RawQuery != "id=7" || user+":"+password != "u:p" || body != m.Text || got.Header.Get("X-Kannel-From") != m.From ||
		got.Header.Get("X-Kannel-Time") != "1970-01-01 00:00:00" {
		t.Errorf("post-url: %s %v %q", got.URL, got.Header, body)
	}
	if status, err := s.Get(t.Context(), base+"/sms?id=%I&from=%p&to=%P&text=%b&time=%t", m); status != 200 || err != nil {
		t.Fatalf("%d, %v", status, err)
	}
	if q := got.URL.Query(); q.Get("text") != m.Text || q.Get("from") != m.From || q.Get("to") != Sender {
		t.Errorf("get-url: %v", q)
	}
	sent := Sent{Mask: 3, URL: base + "/dlr?id=9&type=%d&meta=%D"}
	if status, err := s.Report(t.Context(), sent, 2, "?a&b"); status != 200 || err != nil {
		t.Fatalf("%d, %v", status, err)
	}
	if q := got.URL.Query(); q.Get("id") != "9" || q.Get("type") != "2" || q.Get("meta") != "?a&b" {
		t.Errorf("dlr-url: %v", q)
	}
	if _, err := s.Report(t.Context(), sent, 16, ""); err == nil {
		t.Error("a report nobody asked for")
	}
	words = "hello"
	if _, err := s.Post(t.Context(), base+"/sms?id=%I", m); err == nil || len(s.Rejected()) != 1 {
		t.Error("words in the answer, which Kannel would send to the person, are no mistake")
	}
}
