package bot

import (
	"context"
	"time"

	"treem/channels"
)

// Store keeps everything that must not be lost. Every method is one transaction; what it changes and the jobs that
// change causes commit together. Errors carry a [Code].
type Store interface {
	// Accept stores an inbound message and the job to handle it. A message stored before is no error.
	Accept(ctx context.Context, in channels.Inbound, at time.Time) error
	// NextMessage returns the oldest unhandled message of a conversation. NotFound: none is waiting.
	NextMessage(ctx context.Context, conversation int64) (Message, Conversation, error)
	// SaveTurn stores all a handled message changes and the jobs to deliver its replies. Conflict: the conversation
	// changed since it was read, or the message is already handled; nothing was stored.
	SaveTurn(ctx context.Context, t Turn) error
	// ClaimReply marks the conversation's next due reply as being sent until lease ends and returns it. Urgent replies
	// come first. NotFound: none is due, or one is being sent.
	ClaimReply(ctx context.Context, conversation int64, at time.Time, lease time.Duration) (Reply, error)
	// SaveOutcome records what became of a claimed reply, and the job for another try if it needs one.
	SaveOutcome(ctx context.Context, r Reply, o Outcome, at time.Time) error
	// SaveReceipt records the provider's later word. A delivery never moves backwards; unknown ones are ignored.
	SaveReceipt(ctx context.Context, r channels.Receipt, at time.Time) error
}

// JobKind names what a job does.
type JobKind string

// The kinds of job.
const (
	JobHandle  JobKind = "handle"  // answer a conversation's waiting messages
	JobDeliver JobKind = "deliver" // send a conversation's waiting replies
)

// Job is work that a stored change causes.
type Job struct {
	Kind         JobKind
	Conversation int64
	Channel      string // for JobDeliver: a slow channel must not hold up the others
	Urgent       bool
	RunAt        time.Time // zero: now
}
