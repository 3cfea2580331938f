package twilio_test

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
	"treem/channels/channelstest/twilioserver"
	"treem/channels/twilio"
)

func TestSuite(t *testing.T) {
	channelstest.Suite(t, channelstest.Harness{Name: "twilio", New: func(t *testing.T, log *slog.Logger) *channelstest.Rig {
		api := begin(t)
		f := channelstest.NewFront(t)
		again := func(t *testing.T) channels.Channel {
			c := newChannel(t, config(api, f.URL), log)
			f.Serve(c)
			return c
		}
		var last url.Values
		sids := 0
		return &channelstest.Rig{
			Channel: again(t),
			Again:   again,
			Deliver: func(t *testing.T, m channelstest.Message) <-chan struct{} {
				sids++
				last = form(fmt.Sprintf("SM%032x", sids), m)
				return push(t, api, f.URL+"/twilio/sms", last)
			},
			Repeat: func(t *testing.T) <-chan struct{} { return push(t, api, f.URL+"/twilio/sms", last) },
			Kinds: []channels.Kind{
				channels.KindText, channels.KindMedia, channels.KindJoined, channels.KindLeft,
			},
			Raw:      true,
			Skips:    func(text string) bool { return len(url.QueryEscape(text)) > 60<<10 }, // far beyond any SMS
			Person:   func(n int) string { return fmt.Sprintf("+84905%06d", n) },
			Fail:     channelstest.Failing(api, twilioserver.Messages, twilioserver.OptedOut),
			Failures: channelstest.AllFailures,
			After:    channelstest.BusyFor,
			Sent: func() (out []channelstest.Sent) {
				for _, s := range api.Sent() {
					out = append(out, channelstest.Sent{To: s.To, Text: s.Body})
				}
				return out
			},
			Secrets: []string{twilioserver.AuthToken},
		}
	}})
}

// begin starts Twilio's stand-in. At the end every request, and every answer it gave, must have been as published.
func begin(t *testing.T) *twilioserver.Server {
	t.Helper()
	api := twilioserver.Start(t)
	t.Cleanup(func() {
		for _, bad := range api.Rejected() {
			t.Error("Twilio's stand-in: " + bad)
		}
	})
	return api
}

// form is what Twilio posts for what a person does.
func form(sid string, m channelstest.Message) url.Values {
	f := twilioserver.Inbound(sid, m.From, m.Text)
	switch m.Kind {
	case channels.KindMedia:
		f.Set("NumMedia", "1")
		f.Set("MediaUrl0", "https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM/Media/ME1")
		f.Set("MediaContentType0", "image/jpeg")
	case channels.KindJoined:
		f.Set("Body", "Start")
		f.Set("OptOutType", "START")
	case channels.KindLeft:
		f.Set("Body", "Stop")
		f.Set("OptOutType", "STOP")
	}
	return f
}

// push posts a form until it is taken.
func push(t *testing.T, api *twilioserver.Server, address string, f url.Values) <-chan struct{} {
	ctx, cancel := context.WithCancel(context.Background())
	acked := channelstest.Push(t, func() bool {
		status, err := api.Post(ctx, address, f)
		return err == nil && status == http.StatusOK
	})
	t.Cleanup(cancel) // after Push's own, so that it runs before
	return acked
}

func config(api *twilioserver.Server, public string) twilio.Config {
	return twilio.Config{
		AccountSID: twilioserver.AccountSID, AuthToken: twilioserver.AuthToken, From: twilioserver.Number,
		APIURL: api.URL(), PublicURL: public + "/", PerSecond: 1000, CallTimeout: 10 * time.Second,
	}
}

func newChannel(t *testing.T, cfg twilio.Config, log *slog.Logger) *twilio.Channel {
	t.Helper()
	c, err := twilio.New(cfg, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start makes and starts a channel behind a public address.
func start(t *testing.T, api *twilioserver.Server) (*twilio.Channel, *channelstest.Sink, *channelstest.Front) {
	t.Helper()
	f := channelstest.NewFront(t)
	c := newChannel(t, config(api, f.URL), channelstest.NewGuard(t).Logger())
	f.Serve(c)
	sink := channelstest.NewSink()
	must(t, c.Start(t.Context(), sink))
	t.Cleanup(func() { must(t, c.Stop(context.Background())) })
	return c, sink, f
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
	ctx, cancel := context.WithTimeout(t.Context(), channelstest.Patience)
	t.Cleanup(cancel)
	return ctx
}

func TestSettings(t *testing.T) {
	api := twilioserver.New()
	for _, tc := range []struct {
		name   string
		change func(*twilio.Config)
		names  string // "": right
	}{
		{"right", func(*twilio.Config) {}, ""},
		{"service", func(c *twilio.Config) { c.From, c.MessagingServiceSID = "", twilioserver.ServiceSID }, ""},
		{"sender name", func(c *twilio.Config) { c.From = "TRE EM 111" }, ""},
		{"short code", func(c *twilio.Config) { c.From = "12345" }, ""},
		{"default address", func(c *twilio.Config) { c.APIURL = "" }, ""},
		{"path before ours", func(c *twilio.Config) { c.PublicURL = "https://a.example/treem/" }, ""},
		{"account", func(c *twilio.Config) { c.AccountSID = "AC1" }, "twilio.account_sid"},
		{"token", func(c *twilio.Config) { c.AuthToken = " " }, "twilio.auth_token"},
		{"no sender", func(c *twilio.Config) { c.From = "" }, "twilio.from"},
		{"local number", func(c *twilio.Config) { c.From = "0905123456" }, "twilio.from"},
		{"accents", func(c *twilio.Config) { c.From = "TRẺ EM" }, "twilio.from"},
		{"long name", func(c *twilio.Config) { c.From = "BAOVETREEM111" }, "twilio.from"},
		{"wrong service", func(c *twilio.Config) { c.MessagingServiceSID = "SM1" }, "twilio.messaging_service_sid"},
		{"API address", func(c *twilio.Config) { c.APIURL = "api.twilio.com" }, "twilio.api_url"},
		{"no public address", func(c *twilio.Config) { c.PublicURL = "" }, "public_url"},
		{"public address with query", func(c *twilio.Config) { c.PublicURL = "https://a.example/?x=1" }, "public_url"},
		{"public address with password", func(c *twilio.Config) { c.PublicURL = "https://a:b@a.example" }, "public_url"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := config(api, "https://a.example")
			cfg.APIURL = "http://127.0.0.1:9"
			tc.change(&cfg)
			_, err := twilio.New(cfg, slog.New(slog.DiscardHandler), time.Now)
			if (err == nil) != (tc.names == "") || err != nil && !strings.Contains(err.Error(), tc.names) {
				t.Errorf("New = %v, want an error that names %q", err, tc.names)
			}
			if err != nil && strings.Contains(err.Error(), twilioserver.AuthToken) {
				t.Errorf("the error shows the token: %v", err)
			}
			if s := fmt.Sprintf("%v %+v %s", cfg, cfg, cfg); strings.Contains(s, twilioserver.AuthToken) {
				t.Errorf("the settings show the token: %s", s)
			}
		})
	}
}
