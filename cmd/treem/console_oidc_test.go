package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"treem/bot/staff"
	"treem/config"

	"github.com/oauth2-proxy/mockoidc"
)

// TestConsoleProvider logs in through an OpenID Connect provider: only whom it vouches for, only to an account of that
// login, and only with what this browser was sent there with.
func TestConsoleProvider(t *testing.T) {
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := provider.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	r := newConsoleRig(t, func(c *config.Config) {
		c.Console.SecondFactor = []string{"officer"}
		c.Console.OIDCIssuer, c.Console.OIDCClientID, c.Console.OIDCClientSecret = provider.Issuer(), provider.ClientID, config.Secret(provider.ClientSecret)
	})
	r.member("lan", staff.Officer)
	as := func(login string) { provider.QueueUser(&mockoidc.MockUser{Subject: "1", PreferredUsername: login}) }
	// the address to come back to, as the provider sends the browser there: with the port the test listens on
	begin := func(b *colleague) string {
		t.Helper()
		b.client.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
			if strings.HasSuffix(req.URL.Path, "/oidc/callback") {
				return http.ErrUseLastResponse
			}
			return nil
		}
		resp, err := b.client.Get(b.address("oidc/login"))
		body(t, resp, err)
		b.client.CheckRedirect = nil
		back, err := url.Parse(resp.Header.Get("Location"))
		if err != nil || back.Query().Get("code") == "" {
			t.Fatalf("the provider sends back to %q, status %d", resp.Header.Get("Location"), resp.StatusCode)
		}
		return "oidc/callback?" + back.RawQuery
	}

	b := r.browser()
	has(t, "the log-in page", b.get("login", 200), "Đăng nhập bằng tài khoản cơ quan")
	as("lan")
	has(t, "after logging in", b.get(begin(b), 200), `http-equiv="refresh" content="0; url=/console/`)
	has(t, "the desk, without a second factor here", b.get("cases", 200), "Vụ việc", "Cán bộ lan")

	stranger := r.browser()
	as("nobody")
	has(t, "a stranger's page", stranger.get(begin(stranger), 403), "chưa có tài khoản ở đây")
	has(t, "a stranger's desk", stranger.get("cases", 200), `action="/console/login"`)

	as("lan")
	back := begin(r.browser())
	other := r.browser()
	other.get(back, 401) // another browser's answer
	as("lan")
	mixed := begin(other)
	other.get(strings.Replace(mixed, "state=", "state=x", 1), 401)
	other.get(mixed, 401) // what it was sent with was forgotten
	has(t, "the other's desk", other.get("cases", 200), `action="/console/login"`)
	as("lan")
	forged := r.browser()
	at := begin(forged)
	forged.get(at[:strings.Index(at, "code=")]+"code=made-up&"+at[strings.Index(at, "state="):], 401)

	r.member("lan", staff.Officer)
	disabled, err := r.app.store.AccountByLogin(t.Context(), "lan")
	if err != nil {
		t.Fatal(err)
	}
	disabled.Disabled = true
	disabled.Version++
	if err := r.app.store.SaveAccount(t.Context(), disabled, "", disabled.UpdatedAt, staff.Record{At: disabled.UpdatedAt, Action: "account.save"}); err != nil {
		t.Fatal(err)
	}
	late := r.browser()
	as("lan")
	late.get(begin(late), 403)
	has(t, "a disabled one's desk", b.get("cases", 200), `action="/console/login"`)
}

// TestConsoleIdle: a session that nobody used for long enough is over, also for the news of the desk.
func TestConsoleIdle(t *testing.T) {
	r := newConsoleRig(t, func(c *config.Config) { c.Console.Idle = -2 * time.Minute }) // in the past, beyond the minute it is known to
	r.member("lan", staff.Officer)
	b := r.browser()
	has(t, "the page after logging in", b.post("login", 200, "login", "lan", "password", staffPassword), `action="/console/login"`)
	b.get("cases/news", 401)
}
