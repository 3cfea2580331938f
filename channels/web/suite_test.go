package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/web"
)

// noTranscript is a store in which nobody said anything.
type noTranscript struct{}

func (noTranscript) Transcript(context.Context, channels.Address, int) ([]channels.Line, bool, error) {
	return nil, false, nil
}

func config() web.Config {
	return web.Config{PerMinute: 1_000_000, AnswerWait: time.Nanosecond, QuickExit: "https://example.org/",
		Welcome: func() channels.Outbound {
			return channels.Outbound{Text: "Chào anh/chị!", Buttons: [][]channels.Button{{{Label: "Quyền trẻ em", Payload: "topic:rights"}}}}
		}}
}

func serve(t *testing.T, c *web.Channel) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(channelstest.Mux(c))
	t.Cleanup(s.Close)
	return s
}

func newChannel(t *testing.T, cfg web.Config, tr web.Transcripts, log *slog.Logger) *web.Channel {
	t.Helper()
	c, err := web.New(cfg, tr, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// browser keeps cookies and does not follow redirects.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// person is a 26-character session, as the page gives out.
func person(n int) string { return strings.Repeat(string(rune('A'+n%26)), 26) }

func TestSuite(t *testing.T) {
	channelstest.Suite(t, channelstest.Harness{Name: "web", New: func(t *testing.T, log *slog.Logger) *channelstest.Rig {
		c := newChannel(t, config(), noTranscript{}, log)
		s := serve(t, c)
		var mu sync.Mutex
		last := url.Values{}
		n := 0
		from := ""
		push := func(t *testing.T, v url.Values, session string) <-chan struct{} {
			return channelstest.Push(t, func() bool {
				req, err := http.NewRequest("POST", s.URL+"/", strings.NewReader(v.Encode()))
				if err != nil {
					return false
				}
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				req.AddCookie(&http.Cookie{Name: "phien", Value: session})
				resp, err := browser(t).Do(req)
				if err != nil {
					return false
				}
				defer resp.Body.Close()
				return resp.StatusCode == http.StatusSeeOther
			})
		}
		return &channelstest.Rig{
			Channel: c,
			Deliver: func(t *testing.T, m channelstest.Message) <-chan struct{} {
				mu.Lock()
				defer mu.Unlock()
				n++
				v := url.Values{"nonce": {person(n) + strings.Repeat("x", n)}, "text": {m.Text}}
				if m.Kind == channels.KindChoice {
					v.Set("choice", m.Payload)
				}
				last, from = v, m.From
				return push(t, v, m.From)
			},
			Repeat: func(t *testing.T) <-chan struct{} {
				mu.Lock()
				defer mu.Unlock()
				return push(t, last, from)
			},
			Kinds:  []channels.Kind{channels.KindChoice},
			Raw:    true,
			Skips:  func(text string) bool { return strings.TrimSpace(text) == "" },
			Person: person,
		}
	}})
}

func TestBadInput(t *testing.T) {
	form := "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		kind, body string
		header     map[string]string
		want       int
	}{
		"wrong type":          {"application/json", `{"text":"chào"}`, nil, http.StatusUnsupportedMediaType},
		"no type":             {"", "text=ch%C3%A0o", nil, http.StatusUnsupportedMediaType},
		"malformed":           {form, "text=%zz", nil, http.StatusBadRequest},
		"empty":               {form, "text=++", nil, http.StatusBadRequest},
		"too large":           {form, "text=" + strings.Repeat("a", 2<<20), nil, http.StatusRequestEntityTooLarge},
		"from another site":   {form, "text=ch%C3%A0o", map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		"from a wrong origin": {form, "text=ch%C3%A0o", map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		"long choice":         {form, "choice=" + strings.Repeat("a", 300), nil, http.StatusBadRequest},
		"invalid bytes":       {form, "text=%ff%fe+cuu", nil, http.StatusSeeOther},
	} {
		t.Run(name, func(t *testing.T) {
			guard := channelstest.NewGuard(t)
			ch := newChannel(t, config(), noTranscript{}, guard.Logger())
			sink := channelstest.NewSink()
			if err := ch.Start(t.Context(), sink); err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequest("POST", serve(t, ch).URL+"/", strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if c.kind != "" {
				req.Header.Set("Content-Type", c.kind)
			}
			for k, v := range c.header {
				req.Header.Set(k, v)
			}
			resp, err := browser(t).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != c.want {
				t.Errorf("status %d, want %d", resp.StatusCode, c.want)
			}
		})
	}
}

func TestLimitLetsUrgentThrough(t *testing.T) {
	cfg := config()
	cfg.PerMinute = 1
	cfg.Urgent = func(text string) bool { return strings.Contains(text, "cứu") }
	ch := newChannel(t, cfg, noTranscript{}, slog.New(slog.DiscardHandler))
	if err := ch.Start(t.Context(), channelstest.NewSink()); err != nil {
		t.Fatal(err)
	}
	s := serve(t, ch)
	for i, step := range []struct {
		text string
		want int
	}{{"chào", http.StatusSeeOther}, {"chào nữa", http.StatusTooManyRequests}, {"cứu con", http.StatusSeeOther}} {
		resp, err := browser(t).PostForm(s.URL+"/", url.Values{"text": {step.text}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != step.want {
			t.Errorf("message %d: status %d (%v), want %d", i, resp.StatusCode, err, step.want)
		}
		if step.want == http.StatusTooManyRequests && (!strings.Contains(string(body), "chào nữa") || !strings.Contains(string(body), "111")) {
			t.Error("the refusal neither gives the text back nor names 111")
		}
	}
}

// said is a store with a conversation of one session.
type said struct {
	session string
	lines   []channels.Line
}

func (s said) Transcript(_ context.Context, a channels.Address, _ int) ([]channels.Line, bool, error) {
	if a.ID != s.session {
		return nil, false, nil
	}
	return s.lines, false, nil
}

func TestPageShowsOnlyOwnConversationEscaped(t *testing.T) {
	tr := said{person(0), []channels.Line{{FromPerson: true, Text: "<script>alert(1)</script>"},
		{Text: "Gọi 111", Buttons: [][]channels.Button{{{Label: "111", Call: "111"}}, {{Label: "Không phải vậy", Payload: "withdraw"}}}}}}
	s := serve(t, newChannel(t, config(), tr, slog.New(slog.DiscardHandler)))
	get := func(session string) (string, http.Header) {
		req, err := http.NewRequest("GET", s.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if session != "" {
			req.AddCookie(&http.Cookie{Name: "phien", Value: session})
		}
		resp, err := browser(t).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body), resp.Header
	}
	own, header := get(person(0))
	for _, want := range []string{`href="tel:111"`, `value="withdraw"`, "&lt;script&gt;"} {
		if !strings.Contains(own, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(own, "<script>alert") || strings.Contains(own, "style=") || strings.Contains(own, "onclick") {
		t.Error("a message was not escaped")
	}
	if !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") || header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", header)
	}
	other, _ := get(person(1))
	if strings.Contains(other, "Không phải vậy") || !strings.Contains(other, "Chào anh/chị!") {
		t.Error("another session sees this conversation, or no welcome")
	}
}

// unstored is a store that is down while somebody is in danger.
type unstored struct{ channelstest.Sink }

func (*unstored) Accept(context.Context, channels.Inbound) error {
	return &channels.NotStored{Say: "Gọi 114 ngay.", Err: errors.New("disk full")}
}

func TestWhoIsInDangerReadsTheNumbersThoughNothingIsStored(t *testing.T) {
	ch := newChannel(t, config(), noTranscript{}, slog.New(slog.DiscardHandler))
	if err := ch.Start(t.Context(), &unstored{}); err != nil {
		t.Fatal(err)
	}
	resp, page := do(t, "POST", serve(t, ch).URL+"/", url.Values{"text": {"cứu với"}})
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(page, "Gọi 114 ngay.") || !strings.Contains(page, ">cứu với</textarea>") || len(resp.Cookies()) > 0 {
		t.Errorf("status %d, cookies %v\n%s", resp.StatusCode, resp.Cookies(), page)
	}
}
