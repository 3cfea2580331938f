package twilioserver

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"treem/channels/channelstest/standin"
)

// params are the parameters of a call.
type params map[string]string

// problem is what is wrong with a request. The message quotes what was sent, as Twilio's do; the note does not.
type problem struct {
	code          int
	message, note string
}

// rule says what is wrong with a parameter's value, and with which code Twilio says so.
type rule struct {
	code  int
	check standin.Rule
}

// rules are the parameters of a message that treem uses, and what the published description does not tell of them.
var rules = map[string]rule{
	"To":                  {21211, standin.Form(`^\+[1-9][0-9]{6,14}$`)},
	"From":                {21659, standin.OneOf(Number, SenderName)},
	"MessagingServiceSid": {21701, standin.OneOf(ServiceSID)},
	"Body":                {21617, body},
	"StatusCallback":      {21609, callback},
	"ValidityPeriod":      {20001, standin.Integer(1, 36000)},
}

// readMessage reads the form of a new message and applies the rules.
func readMessage(r *http.Request) (params, *problem) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/x-www-form-urlencoded" {
		return nil, &problem{20001, "Content-Type is not supported", "the body is not declared as a form"}
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 64<<10))
	r.Body = io.NopCloser(bytes.NewReader(raw)) // to be read again
	if err != nil {
		return nil, &problem{20001, "The request could not be read", "the request could not be read"}
	}
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, &problem{20001, "The form could not be read", "the form could not be read"}
	}
	p := params{}
	for name, v := range values {
		rule, known := rules[name]
		if !known || len(v) != 1 {
			return nil, &problem{20001, "Invalid parameter " + name, "unknown or repeated parameter " + name}
		}
		if err := rule.check(v[0]); err != nil {
			return nil, &problem{rule.code, "The '" + name + "' value " + v[0] + " is not valid", name + ": " + err.Error()}
		}
		p[name] = v[0]
	}
	return p, p.missing()
}

// missing looks at the parameters together.
func (p params) missing() *problem {
	_, to := p["To"]
	_, text := p["Body"]
	_, from := p["From"]
	_, service := p["MessagingServiceSid"]
	switch {
	case !to:
		return &problem{21604, "A 'To' phone number is required.", "To is missing"}
	case !from && !service:
		return &problem{21603, "A 'From' phone number is required.", "the sender is missing"}
	case from && service:
		return &problem{20001, "Two senders", "From and MessagingServiceSid together"}
	case !text:
		return &problem{21602, "Message body is required.", "Body is missing"}
	}
	return nil
}

// body takes 1 to 1600 characters, counted in the units an SMS is made of.
func body(s string) error {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return errors.New("not UTF-8 without NUL")
	}
	if strings.TrimSpace(s) == "" {
		return errors.New("empty")
	}
	if n := standin.Units(s); n > 1600 {
		return errors.New(strconv.Itoa(n) + " characters, more than 1600")
	}
	return nil
}

// callback takes a whole address. Unlike Twilio it takes one that the internet cannot reach, for that is what tests
// listen on.
func callback(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return errors.New("not a whole address")
	}
	if len(s) > 4000 || strings.Contains(u.Hostname(), "_") {
		return errors.New("too long, or an underscore in the host's name")
	}
	return nil
}
