package bot

import (
	"context"
	"time"

	"treem/bot/handover"
	"treem/channels"
)

// Store keeps everything that must not be lost. Every method is one transaction; what it changes and the jobs that
// change causes commit together. Errors carry a [Code].
type Store interface {
	// Accept stores an inbound message and the job to handle it, before others if it is urgent or the person has a live case.
	// A message stored before is no error.
	Accept(ctx context.Context, in channels.Inbound, urgent bool, at time.Time) error
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
	// Shown returns the providers' identifiers of what a conversation was sent before r and since then, for it to be
	// hidden. Once r is recorded as sent they are forgotten.
	Shown(ctx context.Context, r Reply, since time.Time) ([]string, error)
	// SaveReceipt records the provider's later word. A delivery never moves backwards; unknown ones are ignored.
	SaveReceipt(ctx context.Context, r channels.Receipt, at time.Time) error

	CaseStore
}

// CaseStore keeps cases, their history and their notices.
type CaseStore interface {
	// Case returns a case with its history. NotFound: there is none of that id.
	Case(ctx context.Context, id string) (handover.Case, error)
	// CaseByRef returns the case of a reference, written in any case. NotFound: there is none.
	CaseByRef(ctx context.Context, ref string) (handover.Case, error)
	// CaseByNotice returns the case that a notice told of, by what the target called the notice. NotFound: none did.
	CaseByNotice(ctx context.Context, target, providerID string) (handover.Case, error)
	// Conversation returns a person's conversation and address. NotFound: it was forgotten, or there is none.
	Conversation(ctx context.Context, id int64) (Conversation, channels.Address, error)
	// Words returns what the person has written since the case was opened, oldest first, as far as it is still kept.
	Words(ctx context.Context, c handover.Case) ([]channels.Line, error)
	// SaveCase stores a changed case and the jobs it causes. An act stored before is no error and changes nothing.
	// Conflict: the case, or the person's conversation, changed since it was read; nothing was stored.
	SaveCase(ctx context.Context, u CaseUpdate) error
	// ClaimNotice marks a target's next due notice as being sent until lease ends and returns it; those of emergencies
	// come first, and those of one case to one address keep their order. NotFound: none is due.
	ClaimNotice(ctx context.Context, target string, at time.Time, lease time.Duration) (Notice, error)
	// SaveNotice records what became of a claimed notice, notices that this causes, and the job for another try.
	SaveNotice(ctx context.Context, n Notice, o Outcome, more []Notice, at time.Time) error
	// Stalled lists what has waited longer than age, and the cases that are past their time or due later than longest
	// from now, which is a sign that the clock was put back.
	Stalled(ctx context.Context, age, longest time.Duration, now time.Time) (Stalled, error)
	// Alarm says what somebody must look at. A target counts as failing when a notice has waited for grace.
	Alarm(ctx context.Context, grace time.Duration, now time.Time) (Alarm, error)
}

// JobKind names what a job does.
type JobKind string

// The kinds of job.
const (
	JobHandle  JobKind = "handle"  // answer a conversation's waiting messages
	JobDeliver JobKind = "deliver" // send a conversation's waiting replies

	JobNotify   JobKind = "notify"   // send a target's waiting notices
	JobEscalate JobKind = "escalate" // look whether somebody took a case in time
)

// Job is work that a stored change causes.
type Job struct {
	Kind         JobKind
	Conversation int64
	Channel      string // for JobDeliver: a slow channel must not hold up the others
	Target       string // for JobNotify: each target has workers of its own
	Case         string // for JobEscalate
	Urgent       bool
	Bulk         bool      // for JobDeliver: a bulletin, behind every reply
	RunAt        time.Time // zero: now
}
