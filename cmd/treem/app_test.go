package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/config"
)

// testConfig is the default on a free port and a data folder of the test's own.
func testConfig(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.DataDir, cfg.Listen = filepath.Join(t.TempDir(), "data"), "127.0.0.1:0"
	return cfg
}

// carriedOnce builds the index of the program's own content once for all tests: under the race detector it takes seconds.
var carriedOnce = sync.OnceValues(func() (*knowledge, error) { return openKnowledge(context.Background()) })

func openTestApp(t *testing.T, cfg config.Config) *App {
	t.Helper()
	carried, err := carriedOnce()
	if err != nil {
		t.Fatal(err)
	}
	a, err := openAppWith(t.Context(), cfg, slog.New(slog.DiscardHandler), serviceChannels, carried)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return a
}

// person is a browser that keeps its session and follows redirects.
func person(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 20 * time.Second}
}

func body(t *testing.T, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWebConversationWithoutScript(t *testing.T) {
	a := openTestApp(t, testConfig(t))
	p := person(t)
	resp, err := p.Get(a.Address())
	if page := body(t, resp, err); !strings.Contains(page, "hệ thống trả lời tự động") || !strings.Contains(page, `href="tel:111"`) {
		t.Errorf("first page:\n%s", page)
	}
	for _, turn := range []struct{ text, want string }{
		{"tre em la nguoi bao nhieu tuoi", "102/2016/QH13"},
		{"cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên", `href="tel:114"`},
		{"không phải vậy", "tôi hiểu rồi"},
	} {
		resp, err := p.PostForm(a.Address(), url.Values{"text": {turn.text}})
		if page := body(t, resp, err); !strings.Contains(page, turn.want) {
			t.Errorf("after %q the page lacks %q:\n%s", turn.text, turn.want, page)
		}
	}
	resp, err = person(t).Get(a.Address())
	if page := body(t, resp, err); strings.Contains(page, "102/2016/QH13") {
		t.Error("somebody else sees the conversation")
	}
}

func TestStaffSeeUnansweredQuestions(t *testing.T) {
	cfg := testConfig(t)
	a := openTestApp(t, cfg)
	resp, err := person(t).PostForm(a.Address(), url.Values{"text": {"giá vàng hôm nay bao nhiêu"}})
	if page := body(t, resp, err); !strings.Contains(page, "chưa có câu trả lời chắc chắn") {
		t.Errorf("page:\n%s", page)
	}
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	out, err := run(t, "", "kb", "unanswered") // beside the running service
	if err != nil || !strings.Contains(out, "giá vàng hôm nay bao nhiêu") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	a := openTestApp(t, testConfig(t))
	for path, want := range map[string]string{"healthz": "ok", "readyz": "ready", "metrics": "treem_waiting 0"} {
		resp, err := http.Get(a.Address() + path)
		if got := body(t, resp, err); !strings.Contains(got, want) {
			t.Errorf("/%s: %q", path, got)
		}
	}
	req, err := http.NewRequest("GET", a.Address()+"metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", "203.0.113.7")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("metrics through a proxy: %d, want 404", resp.StatusCode)
	}
}

func TestConversationSurvivesRestart(t *testing.T) {
	cfg := testConfig(t)
	p := person(t)
	first, err := openApp(t.Context(), cfg, slog.New(slog.DiscardHandler), serviceChannels)
	if err != nil {
		t.Fatal(err)
	}
	address := first.Address()
	resp, err := p.PostForm(address, url.Values{"text": {"trẻ em là người bao nhiêu tuổi"}})
	if page := body(t, resp, err); !strings.Contains(page, "102/2016/QH13") {
		t.Errorf("before the restart:\n%s", page)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen = u.Host
	second := openTestApp(t, cfg)
	resp, err = p.Get(second.Address())
	if page := body(t, resp, err); !strings.Contains(page, "102/2016/QH13") {
		t.Error("the conversation was lost by a restart")
	}
	for _, name := range []string{"secret.key", "treem.db"} {
		info, err := os.Stat(filepath.Join(cfg.DataDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "secret.key" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
}

func TestOpenFailsClearlyAndUnwinds(t *testing.T) {
	cfg := testConfig(t)
	running := openTestApp(t, cfg)
	u, err := url.Parse(running.Address())
	if err != nil {
		t.Fatal(err)
	}
	taken := testConfig(t)
	taken.Listen = u.Host
	file := testConfig(t)
	file.DataDir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file.DataDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	keyless := testConfig(t)
	closeNow(t, keyless)
	if err := os.Remove(filepath.Join(keyless.DataDir, "secret.key")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cfg  config.Config
		says string
	}{
		"same data folder": {cfg, "in use by another treem"},
		"port taken":       {taken, "listen"},
		"folder is a file": {file, "data folder"},
		"key missing":      {keyless, "put the key back"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openApp(t.Context(), c.cfg, slog.New(slog.DiscardHandler), serviceChannels)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q", err, c.says)
			}
		})
	}
	taken.Listen = "127.0.0.1:0"
	closeNow(t, taken) // what the failed start had opened was closed again
}

// closeNow opens the program once and closes it.
func closeNow(t *testing.T, cfg config.Config) {
	t.Helper()
	a, err := openApp(t.Context(), cfg, slog.New(slog.DiscardHandler), serviceChannels)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
