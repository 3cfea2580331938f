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
		{"with tries again", func(s *twilioserver.Server) { s.SetSMSURL(public + "/twilio/sms#rc=5&rp=all") }, ""},
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

// TestCheckSender: a number that is not the account's is found out.
func TestCheckSender(t *testing.T) {
	api := begin(t)
	api.SetSMSURL(public + "/twilio/sms")
	cfg := config(api, public)
	cfg.From = "+15005550009"
	if err := newChannel(t, cfg, channelstest.NewGuard(t).Logger()).Check(within(t)); err == nil ||
		!strings.Contains(err.Error(), "no number of this account") || strings.Contains(err.Error(), cfg.From) {
		t.Errorf("Check = %v", err)
	}
}

func TestCheckService(t *testing.T) {
	ours := public + "/twilio/sms"
	for name, tc := range map[string]struct {
		service twilioserver.MessagingService
		fail    string // the call that fails
		says    string // "": fine
	}{
		"a number":       {service: twilioserver.MessagingService{Inbound: ours, Numbers: 1}},
		"tries again":    {service: twilioserver.MessagingService{Inbound: ours + "#rc=5&rp=all", Numbers: 1}},
		"a short code":   {service: twilioserver.MessagingService{Inbound: ours, Codes: 1}},
		"a sender name":  {service: twilioserver.MessagingService{Inbound: ours, Names: 2}},
		"as numbers say": {service: twilioserver.MessagingService{ByNumber: true, Numbers: 1}},
		"gone":           {service: twilioserver.MessagingService{Gone: true}, says: "no Messaging Service of this account"},
		"no sender":      {service: twilioserver.MessagingService{Inbound: ours}, says: "no sender"},
		"no web hook":    {service: twilioserver.MessagingService{Names: 1}, says: "web hook"},
		"other web hook": {service: twilioserver.MessagingService{Inbound: "https://old.example/", Names: 1}, says: "web hook"},
		"error":          {fail: twilioserver.Service, says: "20500"},
		"error, numbers": {fail: twilioserver.ServiceNumbers, says: "20500"},
		"error, codes":   {fail: twilioserver.ServiceCodes, says: "20500"},
		"error, names":   {fail: twilioserver.ServiceNames, says: "20500"},
	} {
		t.Run(name, func(t *testing.T) {
			api := begin(t)
			api.SetService(tc.service)
			if tc.fail != "" {
				api.Fail(tc.fail, twilioserver.Failure{Kind: twilioserver.ServerError})
			}
			cfg := config(api, public)
			cfg.From, cfg.MessagingServiceSID = "", twilioserver.ServiceSID
			guard := channelstest.NewGuard(t)
			err := newChannel(t, cfg, guard.Logger()).Check(within(t))
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("Check = %v, want something with %q", err, tc.says)
			}
			if err != nil {
				guard.Error(t, err)
			}
		})
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
