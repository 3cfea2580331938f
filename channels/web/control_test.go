package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/web"
)

// do sends a request with a cookie and returns the answer and its body.
func do(t *testing.T, method, address string, form url.Values, cookies ...*http.Cookie) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		req.AddCookie(c)
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
	return resp, string(body)
}

func cookieNamed(resp *http.Response, name string) *http.Cookie {
	for _, c := range resp.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return &http.Cookie{}
}

func asPerson(value string) *http.Cookie { return &http.Cookie{Name: "phien", Value: value} }

func TestExitForgetsSession(t *testing.T) {
	s := serve(t, newChannel(t, config(), noTranscript{}, slog.New(slog.DiscardHandler)))
	resp, _ := do(t, "GET", s.URL+"/exit", nil, asPerson(person(0)))
	if resp.Header.Get("Location") != "https://example.org/" || cookieNamed(resp, "phien").MaxAge >= 0 {
		t.Errorf("exit: %s, cookies %v", resp.Header.Get("Location"), resp.Cookies())
	}
	resp, _ = do(t, "POST", s.URL+"/exit", nil, asPerson(person(0)))
	if resp.StatusCode != http.StatusNoContent || cookieNamed(resp, "phien").MaxAge >= 0 || !strings.Contains(resp.Header.Get("Clear-Site-Data"), "cache") {
		t.Errorf("exit by script: %d, cookies %v, %v", resp.StatusCode, resp.Cookies(), resp.Header)
	}
}

func TestKeepOnlyWhenAsked(t *testing.T) {
	ch := newChannel(t, config(), noTranscript{}, slog.New(slog.DiscardHandler))
	if err := ch.Start(t.Context(), channelstest.NewSink()); err != nil {
		t.Fatal(err)
	}
	s := serve(t, ch)
	resp, _ := do(t, "POST", s.URL+"/", url.Values{"text": {"chào"}})
	c := cookieNamed(resp, "phien")
	if c.MaxAge != 0 || !c.Expires.IsZero() || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("first message: cookie %+v; want one that ends with the browser", c)
	}
	resp, _ = do(t, "POST", s.URL+"/giu", url.Values{"keep": {"1"}}, asPerson(c.Value))
	kept := cookieNamed(resp, "phien")
	if kept.MaxAge < 86400 || !strings.HasPrefix(kept.Value, c.Value) {
		t.Errorf("asked to keep: cookie %+v", kept)
	}
	resp, _ = do(t, "POST", s.URL+"/", url.Values{"text": {"chào lại"}}, asPerson(kept.Value))
	if still := cookieNamed(resp, "phien"); still.Value != kept.Value || still.MaxAge < 86400 {
		t.Errorf("next message: cookie %+v, want the kept session", still)
	}
	resp, _ = do(t, "POST", s.URL+"/giu", url.Values{"keep": {"0"}}, asPerson(kept.Value))
	if no := cookieNamed(resp, "phien"); no.Value != c.Value || no.MaxAge != 0 {
		t.Errorf("asked not to keep: cookie %+v", no)
	}
}

func TestSecureSiteUsesHostCookie(t *testing.T) {
	cfg := config()
	cfg.PublicURL = "https://treem.example"
	ch := newChannel(t, cfg, noTranscript{}, slog.New(slog.DiscardHandler))
	if err := ch.Start(t.Context(), channelstest.NewSink()); err != nil {
		t.Fatal(err)
	}
	resp, _ := do(t, "POST", serve(t, ch).URL+"/", url.Values{"text": {"chào"}})
	if c := cookieNamed(resp, "__Host-phien"); !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookies %v", resp.Cookies())
	}
	if resp.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security on an https site")
	}
}

func TestForgedSessionIsNone(t *testing.T) {
	said := said{person(0), []channels.Line{{Text: "chuyện riêng"}}}
	ch := newChannel(t, config(), said, slog.New(slog.DiscardHandler))
	sink := channelstest.NewSink()
	if err := ch.Start(t.Context(), sink); err != nil {
		t.Fatal(err)
	}
	s := serve(t, ch)
	for _, forged := range []string{"", "x", strings.ToLower(person(0)), person(0)[:25], person(0) + "A", strings.Repeat("é", 13), strings.Repeat("1", 26)} {
		_, page := do(t, "GET", s.URL+"/", nil, asPerson(forged))
		if strings.Contains(page, "chuyện riêng") {
			t.Errorf("session %q shows a conversation", forged)
		}
		resp, _ := do(t, "POST", s.URL+"/", url.Values{"text": {"chào"}}, asPerson(forged))
		if c := cookieNamed(resp, "phien"); c.Value == forged || len(c.Value) != 26 {
			t.Errorf("session %q went on as %q", forged, c.Value)
		}
	}
}

// The button "hide" takes what was said until then off this browser's screen; what comes later shows.
func TestHideTakesConversationOffTheScreen(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	tr := &said{person(0), []channels.Line{{Text: "lời khuyên", At: now.Add(-time.Minute)}}}
	ch, err := web.New(config(), tr, slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	sink := channelstest.NewSink()
	if err := ch.Start(t.Context(), sink); err != nil {
		t.Fatal(err)
	}
	s := serve(t, ch)
	resp, _ := do(t, "POST", s.URL+"/", url.Values{"choice": {"hide"}}, asPerson(person(0)))
	hidden := cookieNamed(resp, "phien").Value
	if in := sink.WaitStored(t, 1)[0]; in.Payload != "hide" || in.From.ID != person(0) {
		t.Errorf("the bot was not told: %+v", in)
	}
	tr.lines = append(tr.lines, channels.Line{Text: "tin của cán bộ", At: now.Add(time.Minute)})
	_, page := do(t, "GET", s.URL+"/", nil, asPerson(hidden))
	if strings.Contains(page, "lời khuyên") || !strings.Contains(page, "tin của cán bộ") {
		t.Error("the page shows what was hidden, or hides what came later")
	}
}

func TestEraseTellsTheBotAndEndsTheSession(t *testing.T) {
	cfg := config()
	cfg.Erase = "XÓA"
	ch := newChannel(t, cfg, noTranscript{}, slog.New(slog.DiscardHandler))
	sink := channelstest.NewSink()
	if err := ch.Start(t.Context(), sink); err != nil {
		t.Fatal(err)
	}
	s := serve(t, ch)
	sink.Refuse(1)
	resp, page := do(t, "POST", s.URL+"/xoa", nil, asPerson(person(0)))
	if resp.StatusCode != http.StatusServiceUnavailable || len(resp.Cookies()) != 0 || !strings.Contains(page, "chưa được xóa") {
		t.Errorf("store down: %d, cookies %v", resp.StatusCode, resp.Cookies())
	}
	resp, _ = do(t, "POST", s.URL+"/xoa", nil, asPerson(person(0)))
	if in := sink.WaitStored(t, 1)[0]; in.Text != "XÓA" || in.From.ID != person(0) || in.Kind != channels.KindText {
		t.Errorf("the bot was told %+v", in)
	}
	if resp.StatusCode != http.StatusOK || cookieNamed(resp, "phien").MaxAge >= 0 {
		t.Errorf("erased: %d, cookies %v", resp.StatusCode, resp.Cookies())
	}
	if resp, _ := do(t, "GET", s.URL+"/xoa", nil, asPerson(person(0))); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a link can erase: %d", resp.StatusCode)
	}
}

func TestTextSizeComesBackToThisSite(t *testing.T) {
	s := serve(t, newChannel(t, config(), noTranscript{}, slog.New(slog.DiscardHandler)))
	for back, want := range map[string]string{"/e/a": "/e/a", "": "/", "//evil.example": "/", "https://evil.example/": "/",
		`/\evil.example`: "/", "/a\r\nSet-Cookie: x=y": "/", "/?text=lời": "/"} {
		resp, _ := do(t, "POST", s.URL+"/co-chu", url.Values{"size": {"3"}, "back": {back}})
		if got := resp.Header.Get("Location"); got != want {
			t.Errorf("back %q leads to %q, want %q", back, got, want)
		}
		if c := cookieNamed(resp, "chu"); c.Value != "3" || c.MaxAge != 0 || !c.Expires.IsZero() {
			t.Errorf("cookie %+v; want one that ends with the browser", c)
		}
	}
	if resp, _ := do(t, "POST", s.URL+"/co-chu", url.Values{"size": {"9 onload"}}); len(resp.Cookies()) != 0 {
		t.Errorf("an unknown size was kept: %v", resp.Cookies())
	}
	_, page := do(t, "GET", s.URL+"/", nil, &http.Cookie{Name: "chu", Value: "2"})
	if !strings.Contains(page, `class="c2"`) {
		t.Error("the chosen size does not show")
	}
}
