package twilio_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"treem/channels/channelstest"
	"treem/channels/channelstest/twilioserver"
)

func TestCheck(t *testing.T) {
	plan := func(kind twilioserver.Kind) func(*twilioserver.Server) {
		return func(s *twilioserver.Server) { s.Fail(twilioserver.Account, twilioserver.Failure{Kind: kind}) }
	}
	for _, tc := range []struct {
		name    string
		prepare func(*twilioserver.Server)
		says    string // "": fine
	}{
		{"fine", func(*twilioserver.Server) {}, ""},
		{"web hook elsewhere", func(s *twilioserver.Server) { s.SetSMSURL("https://old.example/sms") }, "web hook"},
		{"error about numbers", func(s *twilioserver.Server) {
			s.Fail(twilioserver.Numbers, twilioserver.Failure{Kind: twilioserver.ServerError})
		}, "20500"},
		{"wrong token", plan(twilioserver.Unauthorized), "twilio.auth_token"},
		{"suspended", func(s *twilioserver.Server) { s.SetAccount("suspended") }, "suspended"},
		{"refused as suspended", plan(twilioserver.Suspended), "suspended or closed"},
		{"closed", func(s *twilioserver.Server) { s.SetAccount("closed") }, "closed"},
		{"error", plan(twilioserver.ServerError), "20500"},
		{"gateway", plan(twilioserver.BadGateway), "twilio.api_url"},
		{"no answer", plan(twilioserver.DropBefore), "cannot be reached"},
		{"nobody there", func(s *twilioserver.Server) { s.Close() }, "cannot be reached"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := begin(t)
			api.SetSMSURL(public + "/twilio/sms")
			tc.prepare(api)
			guard := channelstest.NewGuard(t)
			guard.Forbid("secret", twilioserver.AuthToken)
			err := newChannel(t, config(api, public), guard.Logger()).Check(within(t))
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("Check = %v, want something with %q", err, tc.says)
			}
			if err != nil {
				guard.Error(t, err)
			}
			if len(api.Sent()) != 0 {
				t.Error("a check sent a message")
			}
		})
	}
}

// TestCheckSender: a number that is not the account's is found out; a Messaging Service picks its senders itself.
func TestCheckSender(t *testing.T) {
	api := begin(t)
	api.SetSMSURL(public + "/twilio/sms")
	cfg := config(api, public)
	cfg.From = "+15005550009"
	if err := newChannel(t, cfg, channelstest.NewGuard(t).Logger()).Check(within(t)); err == nil ||
		!strings.Contains(err.Error(), "no number of this account") || strings.Contains(err.Error(), cfg.From) {
		t.Errorf("Check = %v", err)
	}
	cfg.From, cfg.MessagingServiceSID = "", twilioserver.ServiceSID
	if err := newChannel(t, cfg, channelstest.NewGuard(t).Logger()).Check(within(t)); err != nil {
		t.Error(err)
	}
}

func TestCheckElsewhere(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"hello":"world"}`))
	}))
	defer server.Close()
	cfg := config(twilioserver.New(), public)
	cfg.APIURL = server.URL
	if err := newChannel(t, cfg, channelstest.NewGuard(t).Logger()).Check(within(t)); err == nil ||
		!strings.Contains(err.Error(), "twilio.api_url") {
		t.Errorf("Check = %v", err)
	}
}

func TestWrongToken(t *testing.T) {
	api := twilioserver.Start(t)
	cfg := config(api, public)
	cfg.AuthToken = "another-token/with+signs"
	guard := channelstest.NewGuard(t)
	guard.Forbid("secret", cfg.AuthToken)
	err := newChannel(t, cfg, guard.Logger()).Check(within(t))
	if err == nil || !strings.Contains(err.Error(), "twilio.auth_token") {
		t.Fatalf("Check = %v", err)
	}
	guard.Error(t, err)
}
