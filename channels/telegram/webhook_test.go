package telegram_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"treem/channels/channelstest"
	"treem/channels/channelstest/telegramserver"
	"treem/channels/telegram"
)

const update = `{"update_id":9,"message":{"message_id":1,"date":1,"text":"xin chào","from":{"id":5550001,` +
	`"is_bot":false,"first_name":"Na"},"chat":{"id":5550001,"type":"private"}}}`

func TestWebhookStatus(t *testing.T) {
	api := telegramserver.Start(t)
	cfg := config(api)
	cfg.WebhookSecret = secret // polling mode: the route is there all the same
	c, sink := start(t, cfg)
	server := httptest.NewServer(channelstest.Mux(c))
	t.Cleanup(server.Close)

	for _, tc := range []struct {
		name, method, secret, contentType, body string
		refuse                                  int
		want                                    int
	}{
		{"ok", "POST", secret, "application/json", update, 0, 200},
		{"charset", "POST", secret, "application/json; charset=utf-8", update, 0, 200},
		{"no secret", "POST", "", "application/json", update, 0, 401},
		{"wrong secret", "POST", secret + "x", "application/json", update, 0, 401},
		{"secret before size", "POST", "no", "application/json", strings.Repeat("x", 2<<20), 0, 401},
		{"form", "POST", secret, "application/x-www-form-urlencoded", "a=b", 0, 415},
		{"no content type", "POST", secret, "", update, 0, 415},
		{"too long", "POST", secret, "application/json", `{"update_id":9,"x":"` + strings.Repeat("x", 1<<20) + `"}`, 0, 413},
		{"not JSON", "POST", secret, "application/json", `{"update_id":9,`, 0, 400},
		{"no update", "POST", secret, "application/json", `{}`, 0, 400},
		{"empty", "POST", secret, "application/json", ``, 0, 400},
		{"unknown sort", "POST", secret, "application/json", `{"update_id":10,"telepathy":{}}`, 0, 200},
		{"unreadable", "POST", secret, "application/json", `{"update_id":10,"message":7}`, 0, 200},
		{"not stored", "POST", secret, "application/json", update, 1, 500},
		{"wrong method", "GET", secret, "application/json", "", 0, 405},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sink.Refuse(tc.refuse)
			if got := post(t, server.URL, tc.method, tc.secret, tc.contentType, tc.body); got != tc.want {
				t.Errorf("status %d, want %d", got, tc.want)
			}
		})
	}
	if n := len(sink.Stored()); n != 1 {
		t.Errorf("%d messages stored, want 1", n)
	}
	must(t, c.Stop(within(t)))
	if got := post(t, server.URL, "POST", secret, "application/json", update); got != 503 {
		t.Errorf("after Stop: status %d, want 503", got)
	}
}

func TestWebhookWithoutSecret(t *testing.T) {
	api := telegramserver.Start(t)
	cfg := config(api)
	cfg.Mode, cfg.PublicURL = telegram.ModeWebhook, "https://treem.example"
	c, _ := start(t, cfg)
	server := httptest.NewServer(channelstest.Mux(c))
	t.Cleanup(server.Close)
	for _, given := range []string{"", "x"} {
		if got := post(t, server.URL, "POST", given, "application/json", update); got != 401 {
			t.Errorf("secret %q: status %d, want 401", given, got)
		}
	}
	if err := c.Check(within(t)); err == nil || !strings.Contains(err.Error(), "webhook_secret") {
		t.Errorf("Check = %v", err)
	}
	if url, _ := api.Webhook(); url != "" {
		t.Error("a web hook that refuses everything was registered")
	}
}

func TestWebhookBeforeStart(t *testing.T) {
	cfg := config(telegramserver.New())
	cfg.APIURL, cfg.WebhookSecret = "http://127.0.0.1:9", secret
	c := newChannel(t, cfg, slog.New(slog.DiscardHandler))
	server := httptest.NewServer(channelstest.Mux(c))
	t.Cleanup(server.Close)
	if got := post(t, server.URL, "POST", secret, "application/json", update); got != 503 {
		t.Errorf("status %d, want 503", got)
	}
	group := strings.Replace(update, `"private"`, `"group"`, 1)
	if got := post(t, server.URL, "POST", secret, "application/json", group); got != 503 {
		t.Errorf("group message before the bot knows its name: status %d, want 503", got)
	}
}

func TestWebhookRegistered(t *testing.T) {
	api := telegramserver.Start(t)
	api.Fail("setWebhook", telegramserver.Failure{Kind: telegramserver.ServerError})
	cfg := config(api)
	cfg.Mode, cfg.WebhookSecret, cfg.PublicURL = telegram.ModeWebhook, secret, "https://127.0.0.1:9/"
	c, _ := start(t, cfg)
	must(t, api.WaitWebhook(within(t)))
	if url, given := api.Webhook(); url != "https://127.0.0.1:9/telegram" || given != secret {
		t.Errorf("registered %q with secret %q", url, given)
	}
	checkSays(t, c, "")
	api.SetWebhook("https://127.0.0.1:10/other", "")
	checkSays(t, c, "127.0.0.1:10")
	if bad := api.Rejected(); len(bad) != 0 {
		t.Errorf("malformed calls: %q", bad)
	}
}

func post(t *testing.T, url, method, secret, contentType, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), method, url+"/telegram", strings.NewReader(body))
	must(t, err)
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	return resp.StatusCode
}
