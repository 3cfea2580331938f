package kannel_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/kannelserver"
	"treem/channels/kannel"
)

func TestSuite(t *testing.T) {
	channelstest.Suite(t, channelstest.Harness{Name: "kannel", New: func(t *testing.T, log *slog.Logger) *channelstest.Rig {
		box := kannelserver.Start(t)
		f := channelstest.NewFront(t)
		again := func(t *testing.T) channels.Channel {
			c := newChannel(t, config(box, f.URL), log)
			f.Serve(c)
			return c
		}
		var last kannelserver.Message
		ids := 0
		return &channelstest.Rig{
			Channel: again(t),
			Again:   again,
			Deliver: func(t *testing.T, m channelstest.Message) <-chan struct{} {
				ids++
				last = kannelserver.Message{ID: fmt.Sprintf("712f2dab-238d-4ffb-bcf8-%012d", ids), From: m.From,
					To: kannelserver.Sender, Text: m.Text, Time: time.Now(), Binary: m.Kind == channels.KindMedia}
				return push(t, box, postURL(f.URL), last)
			},
			Repeat:   func(t *testing.T) <-chan struct{} { return push(t, box, postURL(f.URL), last) },
			Kinds:    []channels.Kind{channels.KindText},
			Raw:      true,
			Skips:    func(text string) bool { return len(text) > 60<<10 }, // far beyond any SMS
			Person:   func(n int) string { return fmt.Sprintf("+84905%06d", n) },
			Fail:     channelstest.Failing(box, kannelserver.SendSMS, kannelserver.Listed),
			Failures: channelstest.AllFailures,
			Sent: func() (out []channelstest.Sent) {
				for _, s := range box.Sent() {
					out = append(out, channelstest.Sent{To: s.To, Text: s.Text})
				}
				return out
			},
			Secrets: []string{kannelserver.Password, secret},
		}
	}})
}

// postURL is what stands in kannel.conf.
func postURL(front string) string {
	return strings.Replace(front, "://", "://treem:"+secret+"@", 1) + "/kannel/sms?id=%I"
}

// push posts a message until it is taken.
func push(t *testing.T, box *kannelserver.Server, pattern string, m kannelserver.Message) <-chan struct{} {
	ctx, cancel := context.WithCancel(context.Background())
	acked := channelstest.Push(t, func() bool {
		status, err := box.Post(ctx, pattern, m)
		return err == nil && status == http.StatusOK
	})
	t.Cleanup(cancel) // after Push's own, so that it runs before
	return acked
}

func config(box *kannelserver.Server, front string) kannel.Config {
	return kannel.Config{
		SendURL: box.SendURL(), Username: kannelserver.Username, Password: kannelserver.Password, From: kannelserver.Sender,
		Secret: secret, CallbackURL: front, StatusURL: box.StatusURL(), StatusPassword: kannelserver.StatusPassword,
		CallTimeout: 10 * time.Second,
	}
}

func newChannel(t *testing.T, cfg kannel.Config, log *slog.Logger) *kannel.Channel {
	t.Helper()
	c, err := kannel.New(cfg, log, time.Now)
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// within is a context for one step of a test.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), channelstest.Patience)
	t.Cleanup(cancel)
	return ctx
}

func TestSettings(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*kannel.Config)
		names  string // "": right
	}{
		{"right", func(*kannel.Config) {}, ""},
		{"brand name", func(c *kannel.Config) { c.From = "TRE EM 111" }, ""},
		{"number", func(c *kannel.Config) { c.From = "+84901234567" }, ""},
		{"networks", func(c *kannel.Config) { c.Allow = []string{"10.0.0.0/8", "192.0.2.1", "::1"} }, ""},
		{"no address", func(c *kannel.Config) { c.SendURL = "" }, "kannel.send_url"},
		{"address with password", func(c *kannel.Config) { c.SendURL = "http://a:b@127.0.0.1/x" }, "kannel.send_url"},
		{"no user", func(c *kannel.Config) { c.Username = "" }, "kannel.username"},
		{"line end in the password", func(c *kannel.Config) { c.Password = "a\r\nX-Kannel-To: 1" }, "kannel.password"},
		{"line end in the sender", func(c *kannel.Config) { c.From = "8085\r\n" }, "kannel.from"},
		{"accents", func(c *kannel.Config) { c.From = "TRẺ EM" }, "kannel.from"},
		{"no secret", func(c *kannel.Config) { c.Secret = "" }, "kannel.secret"},
		{"short secret", func(c *kannel.Config) { c.Secret = "0123456789abcde" }, "kannel.secret"},
		{"secret Kannel would read as an escape", func(c *kannel.Config) { c.Secret = "0123456789abcdef%d" }, "kannel.secret"},
		{"split", func(c *kannel.Config) { c.Split = "both" }, "kannel.split"},
		{"source", func(c *kannel.Config) { c.Allow = []string{"localhost"} }, "kannel.allow"},
		{"proxy", func(c *kannel.Config) { c.TrustedProxy = []string{"caddy"} }, "trusted_proxy"},
		{"no callback", func(c *kannel.Config) { c.CallbackURL = "" }, "kannel.callback_url"},
		{"callback with an escape", func(c *kannel.Config) { c.CallbackURL = "http://a.example/%d" }, "kannel.callback_url"},
		{"status", func(c *kannel.Config) { c.StatusURL = "127.0.0.1:13000" }, "kannel.status_url"},
		{"smsc", func(c *kannel.Config) { c.SMSC = "a b" }, "kannel.smsc"},
		{"country", func(c *kannel.Config) { c.Country = "+84" }, "kannel.country"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := kannel.Config{SendURL: "http://127.0.0.1:9/cgi-bin/sendsms", Username: "treem", Password: "topsecret1",
				From: "8085", Secret: "0123456789abcdef", CallbackURL: "http://127.0.0.1:8080"}
			tc.change(&cfg)
			_, err := kannel.New(cfg, slog.New(slog.DiscardHandler), time.Now)
			if (err == nil) != (tc.names == "") || err != nil && !strings.Contains(err.Error(), tc.names) {
				t.Errorf("New = %v, want an error that names %q", err, tc.names)
			}
			for _, said := range []string{fmt.Sprint(err), fmt.Sprintf("%v %+v %s", cfg, cfg, cfg)} {
				if strings.Contains(said, "topsecret1") || strings.Contains(said, "0123456789abcdef") {
					t.Errorf("a secret shows: %s", said)
				}
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		name    string
		prepare func(*kannelserver.Server, *kannel.Config)
		says    string // "": fine
	}{
		{"fine", func(*kannelserver.Server, *kannel.Config) {}, ""},
		{"no status page", func(_ *kannelserver.Server, c *kannel.Config) { c.StatusURL = "" }, ""},
		{"one of two is up", func(s *kannelserver.Server, _ *kannel.Config) {
			s.SetConnections(kannelserver.Connection{ID: "a", Status: "re-connecting"}, kannelserver.Connection{ID: "b", Status: "online 3s"})
		}, ""},
		{"wrong password", func(_ *kannelserver.Server, c *kannel.Config) { c.Password = "another-one" }, "kannel.password"},
		{"wrong path", func(s *kannelserver.Server, c *kannel.Config) { c.SendURL = s.URL() + "/send" }, "kannel.send_url"},
		{"smsbox gone", func(s *kannelserver.Server, _ *kannel.Config) { s.Close() }, "smsbox cannot be reached"},
		{"something else", func(_ *kannelserver.Server, c *kannel.Config) {
			c.SendURL = channelstest.Answering(t, 200, "<html>hello</html>")
		}, "something else answers"},
		{"wrong status password", func(_ *kannelserver.Server, c *kannel.Config) { c.StatusPassword = "x" }, "kannel.status_password"},
		{"no status there", func(s *kannelserver.Server, c *kannel.Config) { c.StatusURL = s.URL() + "/other" }, "kannel.status_url"},
		{"operator down", func(s *kannelserver.Server, _ *kannel.Config) {
			s.SetConnections(kannelserver.Connection{ID: "operator", Status: "re-connecting"})
		}, "operator: re-connecting"},
		{"no operator", func(s *kannelserver.Server, _ *kannel.Config) { s.SetConnections() }, "no smsc group"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			box := kannelserver.Start(t)
			cfg := config(box, "http://127.0.0.1:8080")
			tc.prepare(box, &cfg)
			guard := channelstest.NewGuard(t)
			guard.Forbid("secret", cfg.Password, secret, kannelserver.StatusPassword)
			c := newChannel(t, cfg, guard.Logger())
			err := c.Check(within(t))
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("Check = %v, want something with %q", err, tc.says)
			}
			if err != nil {
				guard.Error(t, err)
			}
			if len(box.Sent()) != 0 {
				t.Error("a check sent a message")
			}
			if strings.Contains(c.Note(), secret) || !strings.Contains(c.Note(), "/kannel/sms?id=%I") {
				t.Errorf("note %q", c.Note())
			}
		})
	}
}

// to is a person's address.
func to(id string) channels.Address { return channels.Address{Channel: kannel.Name, ID: id} }

// second drops the identifier.
func second(_ string, err error) error { return err }

// query is what an address Kannel calls carries.
func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(strings.NewReplacer("%d", "1", "%D", "").Replace(address))
	must(t, err)
	return u.Query()
}
