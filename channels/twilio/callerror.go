package twilio

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"treem/channels"
)

// callKind says how far a call came.
type callKind int

const (
	notSent  callKind = iota // nothing can have reached Twilio
	unclear                  // the request may have been done; its answer is missing or unreadable
	refused                  // Twilio itself said no
	stranger                 // something else answered in Twilio's place
)

// callError is a call that did not end well. Its text is ours: it holds no token, no number and nobody's words.
type callError struct {
	kind   callKind
	status int // HTTP's; 0 without an answer
	code   int // Twilio's; 0 without its word
	text   string
	after  time.Duration
	cause  error // the context's error, if it ended the call
}

func (e *callError) Error() string { return "twilio: " + e.said() }

// said is the code, if any, and the words.
func (e *callError) said() string {
	if e.status == 0 {
		return e.text
	}
	return strings.TrimSpace(e.number() + " " + e.text)
}

// number is Twilio's code, or else HTTP's.
func (e *callError) number() string {
	if e.code != 0 {
		return strconv.Itoa(e.code)
	}
	return strconv.Itoa(e.status)
}

func (e *callError) Unwrap() error { return e.cause }

// asCallError returns the *callError inside err. The library's other errors may quote an answer, so they are replaced.
func asCallError(err error) *callError {
	var ce *callError
	if errors.As(err, &ce) {
		return ce
	}
	return &callError{kind: unclear, text: "the answer cannot be read"}
}

// sendError says what the queue should do about err.
func sendError(err error) *channels.SendError {
	ce := asCallError(err)
	out := &channels.SendError{Err: ce}
	switch ce.kind {
	case notSent:
		out.Verdict, out.Code = channels.Retry, "unreachable"
	case unclear:
		out.Verdict, out.Code = channels.Unknown, "no-answer"
	case stranger:
		out.Verdict, out.Code = strangerVerdict(ce.status), ce.number()
	case refused:
		out.Verdict, out.Code = refusedVerdict(ce), ce.number()
	}
	if out.Verdict == channels.Retry {
		out.After = ce.after
	}
	return out
}

// strangerVerdict reads a status that is not Twilio's. A 403 of a filter on the way says nothing about our settings, and
// a gateway that waited in vain (504) does not know what became of the request.
func strangerVerdict(status int) channels.Verdict {
	switch {
	case status == http.StatusGatewayTimeout:
		return channels.Unknown
	case status >= 500, status == http.StatusForbidden, status == http.StatusRequestTimeout,
		status == http.StatusTooManyRequests, status == http.StatusProxyAuthRequired:
		return channels.Retry
	}
	return channels.Fault
}

// refusedVerdict goes by the table and, for codes that are not in it, by HTTP's status.
func refusedVerdict(ce *callError) channels.Verdict {
	if m, known := codes[ce.code]; known {
		return m.verdict
	}
	if ce.status == http.StatusTooManyRequests || ce.status >= 500 {
		return channels.Retry
	}
	return channels.Fault
}
