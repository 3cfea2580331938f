package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"treem/config"
)

// TestClock compares with a provider's Date.
func TestClock(t *testing.T) {
	const token = "111:not-a-token"
	theirs := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.String(), token) || r.Header.Get("Authorization") != "" {
			t.Error("the clock was asked for with a secret")
		}
		w.Header().Set("Date", theirs.Format(http.TimeFormat))
		w.WriteHeader(http.StatusNotFound)
	}))
	defer provider.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	telegram := config.Config{Telegram: config.Telegram{Token: token, APIURL: provider.URL}}
	twilio := config.Config{Twilio: config.Twilio{AccountSID: "AC", APIURL: provider.URL}}
	away := config.Config{Telegram: config.Telegram{Token: token, APIURL: gone.URL}}
	for name, tc := range map[string]struct {
		cfg   config.Config
		off   time.Duration
		wrong string
	}{
		"right":                {telegram, 30 * time.Second, ""},
		"an hour behind":       {telegram, -time.Hour, "1h0m0s behind that of 127.0.0.1"},
		"seven hours before":   {twilio, 7 * time.Hour, "7h0m0s before that of 127.0.0.1"},
		"nobody is asked":      {config.Config{Telegram: config.Telegram{APIURL: provider.URL}}, 7 * time.Hour, ""},
		"nobody answers":       {away, 7 * time.Hour, ""},
		"a battery ran out":    {config.Config{}, -30 * 24 * time.Hour * 12, "in the past"},
		"two minutes too fast": {telegram, 2 * time.Minute, "2m0s before"},
	} {
		t.Run(name, func(t *testing.T) {
			detail, err := checkClock(t.Context(), tc.cfg, func() time.Time { return theirs.Add(tc.off) })
			if (err == nil) != (tc.wrong == "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
				t.Errorf("%q, %v, want %q", detail, err, tc.wrong)
			}
			if name == "right" && !strings.HasSuffix(detail, ", as at 127.0.0.1") {
				t.Errorf("%q does not say whose clock it is like", detail)
			}
		})
	}
}
