package twilioserver

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestPublished: what the description says is applied, to requests and to our own answers.
func TestPublished(t *testing.T) {
	p, err := readDescriptions()
	if err != nil {
		t.Fatal(err)
	}
	get := func(query string) *http.Request { return httptest.NewRequest(http.MethodGet, "/?"+query, nil) }
	post := func(form url.Values) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	for name, tc := range map[string]struct {
		endpoint string
		request  *http.Request
		wrong    string // part of what is said; empty: nothing is
	}{
		"a message":          {Messages, post(message()), ""},
		"no recipient":       {Messages, post(message("To", "")), "To: required"},
		"a word as validity": {Messages, post(message("ValidityPeriod", "long")), "ValidityPeriod"},
		"no service's SID":   {Messages, post(message("MessagingServiceSid", "MG905123456")), "MessagingServiceSid: minLength"},
		"a page":             {Log, get("PageSize=1000&DateSent%3E=2026-11-27T00:00:00Z"), ""},
		"too large a page":   {Log, get("PageSize=905123456"), "PageSize: maximum"},
		"another filter":     {Log, get("Since=905123456"), "unknown parameter Since"},
		"numbers":            {Numbers, get("PhoneNumber=%2B15005550006"), ""},
		"a service":          {Service, get(""), ""},
		"a service's names":  {ServiceNames, get("PageSize=905123456"), "PageSize: maximum"},
	} {
		t.Run(name, func(t *testing.T) {
			err := p.request(tc.endpoint, tc.request)
			if (err == nil) != (tc.wrong == "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
				t.Errorf("%v, want %q", err, tc.wrong)
			}
			if err != nil && strings.Contains(err.Error(), "905123456") {
				t.Errorf("quotes what was sent: %v", err)
			}
		})
	}
	for name, tc := range map[string]struct {
		status int
		body   map[string]any
		wrong  bool
	}{
		"right":            {201, map[string]any{"sid": "SM" + strings.Repeat("0", 32), "status": "queued"}, false},
		"no such status":   {201, map[string]any{"status": "tired"}, true},
		"no SID":           {201, map[string]any{"sid": "SM1"}, true},
		"a number as text": {201, map[string]any{"error_code": "21610"}, true},
		"another status":   {200, map[string]any{}, true},
	} {
		if err := p.answer(Messages, post(message()), reply(tc.status, tc.body)); (err != nil) != tc.wrong {
			t.Errorf("%s: %v", name, err)
		}
	}
}
