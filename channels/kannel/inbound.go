package kannel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"

	"treem/channels"
)

// Kannel's codings.
const (
	coding7Bit  = "0"
	coding8Bit  = "1"
	codingUCS2  = "2"
	timeLayout  = "2006-01-02 15:04:05" // %t and X-Kannel-Time, in UTC
	maxIDLength = 128
)

// receive stores one message and returns the status to answer.
func (c *Channel) receive(req request) int {
	from := req.field("from", "X-Kannel-From")
	if from == "" {
		c.warn(warnField, "a message came without its sender: set send-sender = true with post-url, or from=%p in get-url")
		return http.StatusBadRequest
	}
	id := req.providerID()
	if id == "" {
		c.warn(warnField, "a message came without id and time: put id=%I into post-url or get-url")
		return http.StatusBadRequest
	}
	person, ok := c.person(from)
	if !ok {
		c.warn(warnNobody, "messages of sender names and service numbers are not answered; one was put aside")
		return http.StatusOK
	}
	in := channels.Inbound{
		ProviderID: id, From: channels.Address{Channel: Name, ID: person}, Kind: channels.KindText, SentAt: req.sentAt(),
	}
	text, readable := req.text()
	if readable {
		in.Text = channels.CleanText(text)
	} else {
		in.Kind = channels.KindMedia
	}
	return c.store(func(ctx context.Context, sink channels.Sink) error { return sink.Accept(ctx, in) })
}

// field is a parameter, or the header that says the same with post-url.
func (r request) field(parameter, header string) string {
	if v := r.values.Get(parameter); v != "" {
		return v
	}
	return r.header.Get(header)
}

// idForm is what Kannel's %I looks like, and more.
var idForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,` + strconv.Itoa(maxIDLength) + `}$`)

// providerID is Kannel's identifier, which stays the same when it asks again, or else a digest of what tells messages
// apart; empty without either: then two messages of the same words could not be told from one sent twice.
func (r request) providerID() string {
	if id := r.values.Get("id"); idForm.MatchString(id) {
		return id
	}
	sent := r.field("time", "X-Kannel-Time")
	if sent == "" {
		return ""
	}
	h := sha256.New()
	for _, part := range []string{
		r.field("smsc", "X-Kannel-SMSC"), sent, r.field("from", "X-Kannel-From"), r.field("to", "X-Kannel-To"),
		r.field("udh", "X-Kannel-UDH"), r.values.Get("text"), string(r.body),
	} {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return "sha256-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// sentAt is Kannel's time of the message: %t or X-Kannel-Time, or seconds since 1970 (%T); zero if it gives none.
func (r request) sentAt() time.Time {
	sent := r.field("time", "X-Kannel-Time")
	if at, err := time.Parse(timeLayout, sent); err == nil {
		return at
	}
	if seconds, err := strconv.ParseInt(sent, 10, 64); err == nil && seconds > 0 {
		return time.Unix(seconds, 0).UTC()
	}
	return time.Time{}
}

// text returns what was written; false: it is no text, but data for the telephone's programs or a picture.
func (r request) text() (text string, readable bool) {
	raw := r.body
	charset := r.values.Get("charset")
	if !r.posted {
		raw = []byte(r.values.Get("text"))
	} else if _, parameters, err := mime.ParseMediaType(r.header.Get("Content-Type")); err == nil && parameters["charset"] != "" {
		charset = parameters["charset"]
	}
	coding := r.field("coding", "X-Kannel-Coding")
	if coding == coding8Bit {
		return "", false
	}
	return decode(raw, charset, coding), true
}

// decode reads a text in Kannel's charset; without one, coding tells.
func decode(raw []byte, charset, coding string) string {
	name := strings.ToUpper(strings.TrimSpace(charset))
	switch {
	case name == "UTF-16BE", name == "UTF-16", name == "UCS-2", name == "ISO-10646-UCS-2", name == "UCS-2BE",
		name == "" && coding == codingUCS2:
		if text, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Bytes(raw); err == nil {
			return string(text)
		}
	case name == "", name == "UTF-8", utf8.Valid(raw):
	default:
		if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
			if text, err := e.NewDecoder().Bytes(raw); err == nil {
				return string(text)
			}
		}
	}
	return string(raw) // CleanText mends what is not UTF-8
}
