package web_test

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestEveryAnswerIsProtected(t *testing.T) {
	s := serve(t, newChannel(t, config(), noTranscript{}, slog.New(slog.DiscardHandler)))
	for _, path := range []string{"/", "/conversation", "/rieng-tu", "/site.css", "/site.js", "/sw.js", "/site.webmanifest", "/icon.svg", "/icon-192.png",
		"/robots.txt", "/exit", "/khong-co", "/e/x", "/luat/x/dieu-1"} {
		resp, body := do(t, "GET", s.URL+path, nil)
		h := resp.Header
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=()"} {
			if !strings.Contains(h.Get(name), want) {
				t.Errorf("%s: %s is %q, want %q", path, name, h.Get(name), want)
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || h.Get("Server") != "" {
			t.Errorf("%s: %v", path, h)
		}
		head, none := do(t, "HEAD", s.URL+path, nil)
		if head.StatusCode != resp.StatusCode || none != "" || head.Header.Get("Content-Type") != h.Get("Content-Type") {
			t.Errorf("%s: HEAD answers %d %q with %d bytes, GET %d", path, head.StatusCode, head.Header.Get("Content-Type"), len(none), resp.StatusCode)
		}
		if resp.StatusCode == http.StatusNotFound && (strings.Contains(body, path) || !strings.Contains(body, "<title>Hỏi đáp</title>") || !strings.Contains(body, "111")) {
			t.Errorf("%s: the page is not neutral:\n%s", path, body)
		}
	}
	if resp, body := do(t, "PUT", s.URL+"/", nil); resp.StatusCode != http.StatusNotFound || !strings.Contains(body, "111") {
		t.Errorf("PUT: %d", resp.StatusCode)
	}
}

func TestPagesArePackedAndKeptUntilTheyChange(t *testing.T) {
	s := serve(t, newChannel(t, config(), noTranscript{}, slog.New(slog.DiscardHandler)))
	get := func(path string, header map[string]string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range header {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	packed := get("/rieng-tu", map[string]string{"Accept-Encoding": "gzip"})
	if packed.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("not packed: %v", packed.Header)
	}
	unpacker, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacker)
	if err != nil || !strings.Contains(string(text), "Thoát nhanh") {
		t.Errorf("unpacked: %v\n%s", err, text)
	}
	plain := get("/rieng-tu", map[string]string{"Accept-Encoding": "identity"})
	if same, err := io.ReadAll(plain.Body); err != nil || string(same) != string(text) {
		t.Errorf("packed and plain differ: %v", err)
	}
	if again := get("/rieng-tu", map[string]string{"If-None-Match": packed.Header.Get("ETag")}); again.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged page: %d, want 304", again.StatusCode)
	}
	larger := get("/rieng-tu", map[string]string{"If-None-Match": packed.Header.Get("ETag"), "Cookie": "chu=3"})
	if larger.StatusCode != http.StatusOK {
		t.Errorf("page in another size: %d, want 200", larger.StatusCode)
	}
	if chat := get("/", nil); chat.Header.Get("Cache-Control") != "no-store" || chat.Header.Get("ETag") != "" {
		t.Errorf("the chat may be kept: %v", chat.Header)
	}
}
