// Package httpcall makes a channel's calls to its provider's HTTP interface and judges how they ended: whether anything
// can have reached the provider, and what the queue should do. Its errors hold no address, no secret and nobody's words.
package httpcall

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"treem/channels"
)

// Kind says how far a call came.
type Kind int

// The ways a call can end badly.
const (
	NotSent  Kind = iota // nothing can have reached the provider
	Unclear              // the request may have been done; its answer is missing or unreadable
	Refused              // the provider itself said no
	Stranger             // something else answered in the provider's place
)

// Error is a call that did not end well. Its text holds no token, no address and nobody's words.
type Error struct {
	Provider Provider
	Kind     Kind
	Status   int           // HTTP's; 0 without an answer
	Code     int           // the provider's own; 0 without its word
	Text     string        // what happened
	After    time.Duration // how long the answer asks to wait
	Cause    error         // the context's error, if it ended the call, or what else the provider wants us to know
}

func (e *Error) Error() string { return string(e.Provider) + ": " + e.Said() }

func (e *Error) Unwrap() error { return e.Cause }

// Said is the code, if any, and the words.
func (e *Error) Said() string {
	if e.Number() == 0 {
		return e.Text
	}
	return strings.TrimSpace(strconv.Itoa(e.Number()) + " " + e.Text)
}

// Number is the provider's code, or else HTTP's; 0 without an answer.
func (e *Error) Number() int {
	if e.Code != 0 {
		return e.Code
	}
	return e.Status
}

// RefusedWith reports whether the provider itself answered with this number.
func (e *Error) RefusedWith(number int) bool { return e.Kind == Refused && e.Number() == number }

// SendError says what the queue should do about a message whose call ended so. What the provider's own refusals mean,
// refused says.
func (e *Error) SendError(refused func(*Error) channels.Verdict) *channels.SendError {
	out := &channels.SendError{Code: strconv.Itoa(e.Number()), Err: e}
	switch e.Kind {
	case NotSent:
		out.Verdict, out.Code = channels.Retry, "unreachable"
	case Unclear:
		out.Verdict, out.Code = channels.Unknown, "no-answer"
	case Stranger:
		out.Verdict = strangerVerdict(e.Status)
	default:
		out.Verdict = refused(e)
	}
	if out.Verdict == channels.Retry {
		out.After = e.After
	}
	return out
}

// strangerVerdict reads a status that is not the provider's. A 403 of a filter on the way must not be taken for a
// person's wish or for a wrong setting, and a gateway that waited in vain (504) does not know what became of the request.
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

// Provider is the name of a channel, which every error about its provider begins with.
type Provider string

// NotSent is a call that was never made.
func (p Provider) NotSent(text string) *Error { return &Error{Provider: p, Kind: NotSent, Text: text} }

// Unclear is a call of which nobody knows what became.
func (p Provider) Unclear(text string) *Error { return &Error{Provider: p, Kind: Unclear, Text: text} }

// Stranger is an answer that is not in the provider's words.
func (p Provider) Stranger(resp *http.Response) *Error {
	return &Error{Provider: p, Kind: Stranger, Status: resp.StatusCode, Text: http.StatusText(resp.StatusCode),
		After: RetryAfter(resp.Header)}
}

// Of returns the *Error inside err. Other errors, those of a provider's library above all, may quote whole answers,
// people's words included, so they are replaced.
func (p Provider) Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return p.Unclear("the answer cannot be read")
}

// Fault is a message that cannot be sent as it is, found out before any call.
func (p Provider) Fault(code string, err error) *channels.SendError {
	return &channels.SendError{Verdict: channels.Fault, Code: code, Err: fmt.Errorf("%s: %w", p, err)}
}

// RetryAfter reads the header of that name, in whole seconds as providers send it.
func RetryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return Seconds(seconds)
}

// Seconds is a wait a provider asks for; one below zero is none.
func Seconds(n int) time.Duration { return time.Duration(min(max(n, 0), math.MaxInt32)) * time.Second }
