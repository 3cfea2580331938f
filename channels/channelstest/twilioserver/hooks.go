package twilioserver

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/channels/channelstest/standin"
)

// retries is how often a web hook request is sent again, as with #rc=5&rp=all behind the address.
const retries = 5

// Sign makes the X-Twilio-Signature for a form posted to an address: HMAC-SHA1 of the address, up to the end of its
// query, and of all names and values in the order of the names.
func Sign(token, address string, form url.Values) string {
	address, _, _ = strings.Cut(address, "#")
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	h := hmac.New(sha1.New, []byte(token))
	io.WriteString(h, address)
	for _, name := range names {
		io.WriteString(h, name+form.Get(name))
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// Inbound is the form Twilio posts for a person's message.
func Inbound(sid, from, body string) url.Values {
	return url.Values{
		"ToCountry": {"US"}, "ToState": {""}, "ToCity": {""}, "ToZip": {""}, "FromCountry": {"VN"}, "FromState": {""},
		"FromCity": {""}, "FromZip": {""}, "SmsMessageSid": {sid}, "SmsSid": {sid}, "MessageSid": {sid},
		"SmsStatus": {"received"}, "NumMedia": {"0"}, "NumSegments": {"1"}, "AccountSid": {AccountSID},
		"From": {from}, "To": {Number}, "Body": {body}, "ApiVersion": {"2010-04-01"},
	}
}

// Post makes one signed web hook request and returns the status of the answer. An answer of 200 that is not TwiML is an
// error, as it is for Twilio.
func (s *Server) Post(ctx context.Context, address string, form url.Values) (int, error) {
	plain, _, _ := strings.Cut(address, "#")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, plain, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, fmt.Errorf("twilioserver: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", Sign(AuthToken, plain, form))
	resp, err := s.hooks.Do(req)
	if err != nil {
		return 0, fmt.Errorf("twilioserver: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		if err := twiML(resp); err != nil {
			s.Reject("web hook answer", err.Error())
			return resp.StatusCode, err
		}
	}
	return resp.StatusCode, nil
}

// twiML checks that an answer is an XML document of Response.
func twiML(resp *http.Response) error {
	t, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if t != "text/xml" && t != "application/xml" {
		return errors.New("not declared as XML")
	}
	var root struct{ XMLName xml.Name }
	if err := xml.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&root); err != nil || root.XMLName.Local != "Response" {
		return errors.New("not a TwiML document")
	}
	return nil
}

// Deliver posts one message of a person to the address of the web hook and returns nil once it was taken. After 5xx, a
// time-out or a broken connection it tries again, five times, as Twilio does if told so; after that, and after 4xx, it
// returns an error. A later call with the same SID is what a redelivery looks like.
func (s *Server) Deliver(ctx context.Context, address, sid, from, body string) error {
	_, err := s.push(ctx, address, Inbound(sid, from, body))
	return err
}

// push posts a form, with retries, and returns the last answer's status.
func (s *Server) push(ctx context.Context, address string, form url.Values) (status int, err error) {
	wait := cmp.Or(s.RetryWait, 20*time.Millisecond)
	for try := 0; ; try++ {
		status, err = s.Post(ctx, address, form)
		if err == nil && status/100 == 2 {
			return status, nil
		}
		if err == nil {
			err = errors.New("twilioserver: the web hook answered " + strconv.Itoa(status))
		}
		if try == retries || status != 0 && status/100 != 5 {
			return status, err
		}
		if err := standin.Pause(ctx, wait<<try); err != nil {
			return status, err
		}
	}
}

// Callback is one status callback that was sent.
type Callback struct {
	SID, Status string
	HTTP        int // the answer's status; 0 if there was none
}

// SetCallbacks sets the statuses each message taken from now on is reported with, in this order, right or wrong. A
// status may carry an error code: "undelivered 30003".
func (s *Server) SetCallbacks(statuses ...string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.statuses = slices.Clone(statuses)
}

// report sends the callbacks for one message.
func (s *Server) report(m Sent, statuses []string) {
	for _, status := range statuses {
		word, code, _ := strings.Cut(status, " ")
		form := Status(m, word, code)
		answer, _ := s.push(s.Alive(), m.StatusCallback, form)
		if s.Alive().Err() != nil {
			return
		}
		s.Mu.Lock()
		s.callbacks = append(s.callbacks, Callback{m.SID, word, answer})
		s.Notify()
		s.Mu.Unlock()
	}
}

// Status is the form Twilio posts to report on a message.
func Status(m Sent, status, code string) url.Values {
	form := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {status}, "SmsStatus": {status},
		"AccountSid": {AccountSID}, "From": {m.From}, "To": {m.To}, "ApiVersion": {"2010-04-01"},
	}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	return form
}
