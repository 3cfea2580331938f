package twilioserver

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const person = "+84905123456"

// call makes one call with a form and returns the status and the answer; status 0 is no answer.
func call(t *testing.T, s *Server, change func(*http.Request), form url.Values) (int, map[string]any, http.Header) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		s.URL()+"/2010-04-01/Accounts/"+AccountSID+"/Messages.json", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(AccountSID, AuthToken)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer resp.Body.Close()
	var answer map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer, resp.Header
}

// message is a right form, changed by pairs of name and value; an empty value takes the parameter out.
func message(pairs ...string) url.Values {
	f := url.Values{"To": {person}, "From": {Number}, "Body": {"xin chào"}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			f.Del(pairs[i])
		}
	}
	return f
}

func TestRules(t *testing.T) {
	s := Start(t)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	repeated := message()
	repeated.Add("To", person)
	for _, tc := range []struct {
		name   string
		change func(*http.Request)
		form   url.Values
		status int
		code   float64
	}{
		{"right", nil, message(), 201, 0},
		{"all parameters", nil, message("StatusCallback", "http://127.0.0.1:9/x", "ValidityPeriod", "36000"), 201, 0},
		{"service", nil, message("From", "", "MessagingServiceSid", ServiceSID), 201, 0},
		{"sender name", nil, message("From", SenderName), 201, 0},
		{"1600 characters", nil, message("Body", strings.Repeat("ữ", 1600)), 201, 0},
		{"1601 characters", nil, message("Body", strings.Repeat("x", 1601)), 400, 21617},
		{"emoji count twice", nil, message("Body", strings.Repeat("😊", 801)), 400, 21617},
		{"no body", nil, message("Body", ""), 400, 21602},
		{"blank body", nil, message("Body", " "), 400, 21617},
		{"broken UTF-8", nil, message("Body", "a\xff"), 400, 21617},
		{"no number", nil, message("To", ""), 400, 21604},
		{"local number", nil, message("To", "0905123456"), 400, 21211},
		{"no sender", nil, message("From", ""), 400, 21603},
		{"two senders", nil, message("MessagingServiceSid", ServiceSID), 400, 20001},
		{"strange sender", nil, message("From", "+15005550007"), 400, 21659},
		{"strange service", nil, message("From", "", "MessagingServiceSid", "MG1"), 400, 21701},
		{"callback", nil, message("StatusCallback", "/twilio/status"), 400, 21609},
		{"callback with underscore", nil, message("StatusCallback", "https://a_b.example/x"), 400, 21609},
		{"validity", nil, message("ValidityPeriod", "36001"), 400, 20001},
		{"unknown parameter", nil, message("Buttons", "[]"), 400, 20001},
		{"repeated parameter", nil, repeated, 400, 20001},
		{"JSON", header("Content-Type", "application/json"), message(), 400, 20001},
		{"query", func(r *http.Request) { r.URL.RawQuery = "a=b" }, message(), 400, 20001},
		{"no password", func(r *http.Request) { r.Header.Del("Authorization") }, message(), 401, 20003},
		{"wrong password", func(r *http.Request) { r.SetBasicAuth(AccountSID, "x") }, message(), 401, 20003},
		{"other account", func(r *http.Request) { r.URL.Path = "/2010-04-01/Accounts/AC1/Messages.json" }, message(), 404, 20404},
		{"wrong method", func(r *http.Request) { r.Method = http.MethodPut }, message(), 404, 20404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			taken, rejected := len(s.Sent()), len(s.Rejected())
			status, answer, _ := call(t, s, tc.change, tc.form)
			code, _ := answer["code"].(float64)
			if status != tc.status || code != tc.code {
				t.Errorf("status %d, code %v; want %d, %v: %v", status, code, tc.status, tc.code, answer)
			}
			good := tc.status == 201
			if (len(s.Sent()) == taken+1) != good || (len(s.Rejected()) == rejected) != good {
				t.Errorf("taken: %d, rejected: %q", len(s.Sent())-taken, s.Rejected()[rejected:])
			}
			if sid, _ := answer["sid"].(string); good && sid != s.Sent()[taken].SID {
				t.Errorf("sid %q", sid)
			}
		})
	}
	if all := strings.Join(s.Rejected(), " "); strings.Contains(all, "905123456") {
		t.Errorf("the list of rejected calls quotes them: %s", all)
	}
}

func TestFailures(t *testing.T) {
	for _, tc := range []struct {
		kind   Kind
		status int // 0: no answer
		taken  bool
	}{
		{TooMany, 429, false}, {ServerError, 500, false}, {BadGateway, 502, false}, {OptedOut, 400, false},
		{NotMobile, 400, false}, {NoPermission, 400, false}, {Malformed, 400, false}, {Unauthorized, 401, false},
		{Suspended, 403, false}, {Delay, 201, true}, {DropBefore, 0, false}, {DropAfter, 0, true},
	} {
		s := Start(t)
		s.Fail(Messages, Failure{Kind: tc.kind, After: 1500 * time.Millisecond}, Failure{})
		status, _, header := call(t, s, nil, message())
		if sent := s.Sent(); status != tc.status || (len(sent) == 1) != tc.taken || tc.taken && sent[0].Lost != (status == 0) {
			t.Errorf("kind %d: status %d, sent %+v", tc.kind, status, sent)
		}
		if tc.kind == TooMany && header.Get("Retry-After") != "2" {
			t.Errorf("Retry-After %q", header.Get("Retry-After"))
		}
		if status, _, _ := call(t, s, nil, message()); status != 201 {
			t.Errorf("kind %d: the next call got %d", tc.kind, status)
		}
		if bad := s.Rejected(); len(bad) != 0 {
			t.Errorf("kind %d: rejected %q", tc.kind, bad)
		}
	}
}

func TestSchedule(t *testing.T) {
	run := func() (statuses []int) {
		s := Start(t)
		s.SetSchedule(&Schedule{Seed: 7, Rates: map[Kind]float64{ServerError: 0.3, TooMany: 0.2, DropBefore: 0.1}})
		for range 40 {
			status, _, _ := call(t, s, nil, message())
			statuses = append(statuses, status)
		}
		return statuses
	}
	first, again := run(), run()
	if !slices.Equal(first, again) {
		t.Errorf("not the same twice:\n%v\n%v", first, again)
	}
	for _, status := range []int{201, 500, 429, 0} {
		if !slices.Contains(first, status) {
			t.Errorf("status %d never came: %v", status, first)
		}
	}
}

// TestSign compares with the example in Twilio's documentation.
func TestSign(t *testing.T) {
	form := url.Values{
		"Digits": {"1234"}, "CallSid": {"CA1234567890ABCDE"}, "To": {"+18005551212"}, "Caller": {"+14158675309"},
		"From": {"+14158675309"},
	}
	const want = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
	for _, address := range []string{
		"https://mycompany.com/myapp.php?foo=1&bar=2", "https://mycompany.com/myapp.php?foo=1&bar=2#rc=5",
	} {
		if got := Sign("12345", address, form); got != want {
			t.Errorf("Sign = %s, want %s", got, want)
		}
	}
}

func TestDeliver(t *testing.T) {
	const twiml = `<?xml version="1.0" encoding="UTF-8"?><Response/>`
	for _, tc := range []struct {
		name     string
		statuses []int // of the answers; 0 breaks the connection; the last one stays
		kind     string
		body     string
		tries    int32
		ok       bool
	}{
		{"taken", []int{200}, "text/xml", twiml, 1, true},
		{"errors, then taken", []int{503, 0, 500, 200}, "text/xml; charset=utf-8", twiml, 4, true},
		{"refused", []int{403}, "text/plain", "", 1, false},
		{"errors without end", []int{503}, "text/plain", "", 1 + retries, false},
		{"not declared as XML", []int{200}, "text/plain", twiml, 1, false},
		{"no TwiML", []int{200}, "text/xml", "<html/>", 1, false},
		{"no document", []int{200}, "text/xml", "", 1, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := New()
			s.RetryWait = time.Millisecond
			var tries atomic.Int32
			var hook *httptest.Server
			hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				form, _ := url.ParseQuery(string(body))
				if r.Header.Get("X-Twilio-Signature") != Sign(AuthToken, hook.URL+"/sms?a=1", form) {
					t.Error("wrong signature")
				}
				if form.Get("MessageSid") != "SM1" || form.Get("From") != person || form.Get("Body") != "cứu em" {
					t.Errorf("form %v", form)
				}
				status := tc.statuses[min(int(tries.Add(1)), len(tc.statuses))-1]
				if status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Content-Type", tc.kind)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, tc.body)
			}))
			defer hook.Close()
			err := s.Deliver(t.Context(), hook.URL+"/sms?a=1#rc=5&rp=all", "SM1", person, "cứu em")
			if (err == nil) != tc.ok || tries.Load() != tc.tries {
				t.Errorf("Deliver = %v after %d tries, want ok = %v after %d", err, tries.Load(), tc.ok, tc.tries)
			}
		})
	}
}

// TestCloseEndsCallbacks: nobody answers, and Close must not wait for that.
func TestCloseEndsCallbacks(t *testing.T) {
	s := Start(t)
	asked := make(chan struct{}, 1)
	gone := make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-gone
	}))
	defer hook.Close()
	defer close(gone)
	if status, _, _ := call(t, s, nil, message("StatusCallback", hook.URL)); status != 201 {
		t.Fatalf("status %d", status)
	}
	<-asked
	s.Close()
	s.Close()
}
