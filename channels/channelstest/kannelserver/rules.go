package kannelserver

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"treem/channels/channelstest/standin"
)

// problem is what is wrong with a request: smsbox's answer, and a note that quotes nothing.
type problem struct {
	status     int
	text, note string
	probe      bool // what a check asks on purpose: no mistake
}

var unauthorised = &problem{status: http.StatusForbidden, text: "Authorization failed for sendsms", note: "wrong user name or password"}

func (p *problem) answer() standin.Answer { return standin.Answer{Status: p.status, Text: p.text} }

func bad(text, note string) *problem {
	return &problem{status: http.StatusBadRequest, text: text, note: note}
}

// rules are the X-Kannel headers of sendsms this stand-in knows, and what their values must be. A rule's word is how
// smsbox calls the field.
var rules = map[string]struct {
	word  string
	check standin.Rule
}{
	"X-Kannel-Username":  {"Username", standin.Form(`^\S+$`)},
	"X-Kannel-Password":  {"Password", standin.Form(`^\S+$`)},
	"X-Kannel-From":      {"From", standin.Form(`^(\+?[0-9]{3,15}|[A-Za-z0-9 ._-]{1,11})$`)},
	"X-Kannel-To":        {"To", standin.Form(`^\+[1-9][0-9]{6,14}$`)},
	"X-Kannel-Smsc":      {"SMSC", standin.Form(`^[A-Za-z0-9_.-]+$`)},
	"X-Kannel-Udh":       {"UDH", header},
	"X-Kannel-Coding":    {"Coding", standin.OneOf("0", "2")},
	"X-Kannel-Priority":  {"Priority", standin.Integer(0, 3)},
	"X-Kannel-Validity":  {"Validity", standin.Integer(1, 7*24*60)},
	"X-Kannel-Dlr-Mask":  {"DLR-Mask", standin.Integer(0, 31)},
	"X-Kannel-Dlr-Url":   {"DLR-URL", callback},
	"X-Kannel-Deferred":  {"Deferred", standin.Integer(0, 7*24*60)},
	"X-Kannel-Account":   {"Account", standin.Form(`^[^\[\]\r\n]{1,64}$`)},
	"X-Kannel-Mclass":    {"MClass", standin.Integer(0, 3)},
	"X-Kannel-Alt-Dcs":   {"Alt-DCS", standin.Integer(0, 1)},
	"X-Kannel-Meta-Data": {"Meta-Data", standin.Form(`^\?`)},
}

// read reads a call of sendsms and applies the rules.
func read(r *http.Request) (Sent, *problem) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" {
		return Sent{}, bad("Invalid content-type", "the body is not declared as text")
	}
	if r.URL.RawQuery != "" {
		return Sent{}, bad("Unknown request.", "parameters in the address")
	}
	h := r.Header
	if !same(h.Get("X-Kannel-Username")+":"+h.Get("X-Kannel-Password"), Username+":"+Password) {
		return Sent{}, unauthorised
	}
	for name, values := range h {
		if !strings.HasPrefix(name, "X-Kannel-") {
			continue
		}
		rule, known := rules[name]
		if !known || len(values) != 1 {
			return Sent{}, bad("Unknown field, rejected", "unknown or repeated header "+name)
		}
		if name == "X-Kannel-To" && rule.check(values[0]) != nil {
			return Sent{}, bad("Number(s) has/have been denied by white- and/or black-lists.", "To: wrong form")
		}
		if err := rule.check(values[0]); err != nil {
			return Sent{}, bad(rule.word+" field misformed, rejected", name+": "+err.Error())
		}
	}
	if h.Get("X-Kannel-To") == "" {
		p := bad("Missing receiver(s) number(s), rejected", "no receiver")
		p.probe = true
		return Sent{}, p
	}
	if h.Get("X-Kannel-From") == "" {
		return Sent{}, bad("Sender missing and no global set, rejected", "no sender")
	}
	return message(r, parameters["charset"])
}

// message reads the text and what belongs to it.
func message(r *http.Request, charset string) (Sent, *problem) {
	h := r.Header
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 64<<10))
	if err != nil {
		return Sent{}, bad("Charset or body misformed, rejected", "the request could not be read")
	}
	m := Sent{To: h.Get("X-Kannel-To"), From: h.Get("X-Kannel-From"), UCS2: h.Get("X-Kannel-Coding") == "2",
		Header: h.Get("X-Kannel-Udh"), SMSC: h.Get("X-Kannel-Smsc"), URL: h.Get("X-Kannel-Dlr-Url")}
	m.Priority, _ = strconv.Atoi(h.Get("X-Kannel-Priority")) // checked before
	m.Validity, _ = strconv.Atoi(h.Get("X-Kannel-Validity"))
	m.Mask, _ = strconv.Atoi(h.Get("X-Kannel-Dlr-Mask"))
	switch {
	case m.UCS2 && strings.EqualFold(charset, "UTF-16BE") && len(body)%2 == 0:
		units := make([]uint16, len(body)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(body[2*i:])
		}
		m.Text = string(utf16.Decode(units))
	case !m.UCS2 && strings.EqualFold(charset, "UTF-8") && utf8.Valid(body):
		m.Text = string(body)
	default:
		return Sent{}, bad("Charset or body misformed, rejected", "charset, coding and text do not fit together")
	}
	if strings.TrimSpace(m.Text) == "" {
		return Sent{}, bad("Charset or body misformed, rejected", "no text")
	}
	if (m.Mask != 0) != (m.URL != "") {
		return Sent{}, bad("DLR-URL field misformed, rejected", "one of DLR-Mask and DLR-URL is missing")
	}
	return m, nil
}

// header takes a user data header in hexadecimal digits whose first octet tells its length.
func header(s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) < 2 || int(b[0]) != len(b)-1 {
		return errors.New("not a user data header")
	}
	return nil
}

// callback takes a whole address in which Kannel's escapes are taken for what they will be.
func callback(s string) error {
	u, err := url.Parse(expand(s, "1", ""))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("not a whole address")
	}
	return nil
}

// expand fills in the escapes of dlr-url that are used; another one stays and shows.
func expand(pattern, kind, meta string) string {
	return strings.NewReplacer("%d", kind, "%D", url.QueryEscape(meta), "%i", "operator").Replace(pattern)
}
