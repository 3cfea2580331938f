package bot

import (
	"time"

	"treem/bot/dialogue"
	"treem/bot/triage"
)

// CaseStatus is where a case stands.
type CaseStatus string

// The states a case can be in.
const (
	CaseOpen      CaseStatus = "open"
	CaseWithdrawn CaseStatus = "withdrawn" // the person said it was a wrong alarm; staff still see it
)

// Case is a child who may be in danger. The machine's level only rises; people decide everything else.
type Case struct {
	ID           string
	Conversation int64
	Status       CaseStatus
	Level        triage.Level
	Category     string
	Subject      triage.Subject
	Ongoing      bool
	Rules        string // version of the rules that raised it
	OpenedAt     time.Time
	UpdatedAt    time.Time
	Events       []CaseEvent
}

// CaseEvent is one step in a case's history, which is only ever added to.
type CaseEvent struct {
	Action  dialogue.CaseAction
	Message int64 // inbox id of the message that caused it
	Reasons []string
	At      time.Time
}

// CaseChange is what one message does to a case.
type CaseChange = dialogue.CaseChange
