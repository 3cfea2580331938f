// Package channelstest holds the conformance suite every channel passes, and what it is made of: a sink that refuses
// and delays on demand, and a log that is searched for what must never be logged.
//
// A channel joins by describing itself in a [Harness] and calling [Suite] from a test of its own package:
//
//	func TestSuite(t *testing.T) {
//		channelstest.Suite(t, channelstest.Harness{Name: "twilio", New: newRig})
//	}
//
// New starts a local stand-in for the provider (a real HTTP server, a pipe for the terminal), makes the channel against
// it and fills in a [Rig]. What a channel cannot do stays nil or empty there, and the cases that need it are skipped
// by name, so that the test output shows what is not covered. Nothing in a rig may sleep: wait for conditions.
package channelstest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"treem/channels"
)

// Harness describes one channel to the suite.
type Harness struct {
	Name string // what Channel.Name returns
	// New makes a channel, not started, with a stand-in of its own, both gone when the test ends. The channel logs to
	// log. Back-off must be short: some cases fail on purpose and wait for the next try.
	New func(t *testing.T, log *slog.Logger) *Rig
}

// Rig is one channel together with the stand-in for its provider.
type Rig struct {
	Channel channels.Channel

	// Again makes another channel on the same stand-in, as after a restart of the program; from then on the stand-in
	// delivers to it. Nil if nothing outlives the channel (the terminal).
	Again func(t *testing.T) channels.Channel

	// Deliver hands the message to the stand-in and returns at once. The stand-in gives it to the channel, again and
	// again under the same provider's number until the channel acknowledges it, then closes the channel returned.
	// Polling stand-ins keep it ready; web hook stand-ins may use Push.
	Deliver func(t *testing.T, m Message) (acked <-chan struct{})

	// Repeat delivers the message delivered last once more under the same number, though it was acknowledged, as
	// providers do now and then. Nil if the provider cannot.
	Repeat func(t *testing.T) (acked <-chan struct{})

	Kinds  []channels.Kind     // what Deliver can produce besides text
	Once   bool                // the provider never delivers twice (the terminal): no case refuses a message
	Raw    bool                // Deliver can pass on bytes that are not UTF-8
	Keeps  func(string) string // what is left of a text on the way in, e.g. without line ends; nil: all of it
	Skips  func(string) bool   // texts this channel cannot carry inwards; nil: none
	Person func(n int) string  // Address.ID of the nth of many people, n from 0

	// Fail makes the next Send meet the failure. Nil if nothing can fail. Failures lists those that make sense.
	Fail     func(t *testing.T, f Failure)
	Failures []Failure
	After    time.Duration // what SendError.After must be for FailBusy; 0: any

	Sent    func() []Sent // what the stand-in took, in order; nil if Send leads nowhere
	Secrets []string      // tokens and passwords that must not show up in logs or errors
}

// Message is what a person does on the provider's side.
type Message struct {
	From    string        // the person, as Address.ID
	Kind    channels.Kind // KindText unless a case asks for one of Rig.Kinds
	Text    string        // the words, or the caption
	Payload string        // for KindChoice
}

// Sent is one message the stand-in took.
type Sent struct {
	To   string // as Address.ID
	Text string // whole, put together again if the channel splits
}

// Failure is something that goes wrong while sending.
type Failure string

// The failures, and the verdict each must lead to.
const (
	FailBusy    Failure = "busy"    // too many requests, with a time to wait: Retry
	FailServer  Failure = "server"  // the provider's own error, 5xx: Retry
	FailRefused Failure = "refused" // nobody listens at the provider's address: Retry
	FailPerson  Failure = "person"  // the person blocked us or is gone: Stop
	FailRequest Failure = "request" // the provider finds fault with the request: Fault
	FailAuth    Failure = "auth"    // the provider refuses our token or password: Fault
	FailSilent  Failure = "silent"  // no answer before the context ends: Unknown
	FailLost    Failure = "lost"    // the provider takes the message, the answer is lost: Unknown
)

// AllFailures lists every failure.
var AllFailures = []Failure{
	FailBusy, FailServer, FailRefused, FailPerson, FailRequest, FailAuth, FailSilent, FailLost,
}

var verdicts = map[Failure]channels.Verdict{
	FailBusy: channels.Retry, FailServer: channels.Retry, FailRefused: channels.Retry, FailPerson: channels.Stop,
	FailRequest: channels.Fault, FailAuth: channels.Fault, FailSilent: channels.Unknown, FailLost: channels.Unknown,
}

// Push repeats attempt, which makes one web hook request and reports whether the channel acknowledged it, until it
// does or the test ends, and then closes the channel returned. It is what a provider that sends again does.
func Push(t *testing.T, attempt func() bool) <-chan struct{} {
	acked := make(chan struct{})
	gone := make(chan struct{})
	done := make(chan struct{})
	t.Cleanup(func() {
		close(gone)
		<-done
	})
	go func() {
		defer close(done)
		pace := time.NewTicker(5 * time.Millisecond)
		defer pace.Stop()
		for !attempt() {
			select {
			case <-pace.C:
			case <-gone:
				return
			}
		}
		close(acked)
	}()
	return acked
}

// JSONString quotes s for JSON and, unlike encoding/json, leaves bytes that are not UTF-8 as they are.
func JSONString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
