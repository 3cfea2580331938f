package channels

import (
	"errors"
	"fmt"
	"time"
)

// Verdict says what to do about a message that could not be sent.
type Verdict string

// The verdicts of a SendError.
const (
	Retry   Verdict = "retry"   // the provider did not take it; try again, not before After
	Unknown Verdict = "unknown" // no answer came: it may or may not have been sent
	Stop    Verdict = "stop"    // this person does not want or cannot get messages here any more
	Fault   Verdict = "fault"   // our request or settings are wrong; trying again changes nothing
)

// SendError tells the queue what to do. It never carries the message's text or the person's address.
type SendError struct {
	Verdict Verdict
	After   time.Duration // for Retry: how long the provider asked to wait; zero: our own back-off
	Code    string        // the provider's code, e.g. "429", "21610"
	Err     error         // what happened, free of personal data
}

func (e *SendError) Error() string {
	return fmt.Sprintf("send: %s (code %s): %v", e.Verdict, e.Code, e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }

// AsSendError returns err as a *SendError; an error that is none is Unknown, the cautious reading.
func AsSendError(err error) *SendError {
	if err == nil {
		return nil
	}
	var se *SendError
	if errors.As(err, &se) {
		return se
	}
	return &SendError{Verdict: Unknown, Err: err}
}
