// Package handover is what happens to a case after triage found it: who is told, by when somebody must take it, what an
// officer may do, and what the record says. It is pure: a case, an event and a time go in; the changed case, notices and
// deadlines come out. Storing and sending are the caller's.
//
// The record follows Form 01 of Decree 56/2017/NĐ-CP, the case API of Primero and the categories of Child Helpline
// International, so that it can be handed on in each of these forms.
package handover

import (
	"time"

	"treem/bot/triage"
)

// Status is where a case stands.
type Status string

// The states of a case.
const (
	Open      Status = "open"      // nobody has it yet
	Claimed   Status = "claimed"   // an officer has it
	Referred  Status = "referred"  // handed on to 111, the police or the commune; still followed
	Closed    Status = "closed"    // done, with an outcome
	Withdrawn Status = "withdrawn" // the person said it was a wrong alarm; an officer still looks at it
)

// Live says whether somebody must still do something about the case.
func (s Status) Live() bool { return s == Open || s == Claimed || s == Referred }

// Answer is a person's answer to a question that may be skipped.
type Answer string

// The answers.
const (
	NotAsked Answer = ""
	Yes      Answer = "yes"
	No       Answer = "no"
	Skipped  Answer = "skipped"
)

// Consent is what the person allowed and what must be known to contact them safely. Nothing in it is needed for the
// handover: the case goes out without waiting for answers.
type Consent struct {
	Notice     string    `json:"notice,omitempty"` // version of the notice text that was shown
	MayContact Answer    `json:"may_contact,omitempty"`
	Channel    string    `json:"channel,omitempty"`   // "here" or "call"
	SafeTime   string    `json:"safe_time,omitempty"` // id of the chosen time: now, morning, noon, evening, any
	Shared     Answer    `json:"shared,omitempty"`    // others may read this phone
	SafeNow    Answer    `json:"safe_now,omitempty"`
	Commune    string    `json:"commune,omitempty"` // commune id, see kb/content/communes.yaml
	At         time.Time `json:"at,omitzero"`       // last answer
}

// Advice is a text the person was given, with its revision.
type Advice struct {
	ID       string    `json:"id"`       // advice category or entry id
	Revision string    `json:"revision"` // checked-on date or hash of the text shown
	At       time.Time `json:"at"`
}

// Assessment is a judgement of the case: the machine's or a person's. They are kept apart and never overwrite each other.
type Assessment struct {
	Level    triage.Level   `json:"level"`
	Category string         `json:"category"`
	Subject  triage.Subject `json:"subject,omitempty"`
	Ongoing  bool           `json:"ongoing,omitempty"`
	Reasons  []string       `json:"reasons,omitempty"`
	Rules    string         `json:"rules,omitempty"` // version of the rules, for the machine's
	By       string         `json:"by,omitempty"`    // officer, for a person's
	At       time.Time      `json:"at"`
}

// Case is one child who may be in danger.
type Case struct {
	ID           string // UUID
	Ref          string // short reference, e.g. "K7F3Q": no look-alike characters
	Conversation int64
	Channel      string
	Status       Status
	Machine      Assessment  // its level only rises
	Human        *Assessment // nil: no officer has judged it
	Owner        string      // officer who has it, or had it when it was closed; empty: nobody
	Held         bool        // an officer speaks with the person, so the bot is silent
	Blocked      bool        // the person cannot be reached on the channel any more
	Tier         int         // how far the case has been escalated, from 0; beyond the last tier everybody was told
	AckDue       time.Time   // somebody must have taken it by then; zero: nothing is due
	Told         []Recipient // who has been told of it
	ToldAt       time.Time   // when those were last told
	Consent      Consent
	Advice       []Advice
	Outcome      string // why it was closed: helped, referred, wrong-alarm, duplicate, unreachable
	OpenedAt     time.Time
	UpdatedAt    time.Time
	Version      int64 // rises with every change
	Events       []Event
}

// Level is the level that holds: an officer's judgement, else the machine's.
func (c *Case) Level() triage.Level {
	if c.Human != nil {
		return c.Human.Level
	}
	return c.Machine.Level
}

// The actors of events that are no officers.
const (
	Person  = "person"
	Machine = "machine"
)

// Action names what happened to a case.
type Action string

// The actions of the person and the machine. Those of officers are the kinds of [Act].
const (
	ActionOpen     Action = "open"
	ActionAdd      Action = "add"      // another message of the same case
	ActionRaise    Action = "raise"    // the machine's level rose
	ActionWithdraw Action = "withdraw" // the person said it was a wrong alarm
	ActionAnswer   Action = "answer"   // an answer about consent or safety
	ActionRelay    Action = "relay"    // a message for the officer who holds the case
	ActionBlocked  Action = "blocked"  // the person cannot be reached on the channel any more
	ActionOverdue  Action = "overdue"  // nobody took the case in time
)

// Actions lists everything a history can hold.
var Actions = []Action{ActionOpen, ActionAdd, ActionRaise, ActionWithdraw, ActionAnswer, ActionRelay, ActionOverdue, ActClaim, ActRelease,
	ActReply, ActCall, ActGrade, ActNote, ActEscalate, ActRefer, ActClose, ActWrong, ActRead, ActView, ActExport}

// TakenAt is when the first officer took the case; false: nobody has.
func (c *Case) TakenAt() (time.Time, bool) {
	for _, e := range c.Events {
		if e.Action == ActClaim {
			return e.At, true
		}
	}
	return time.Time{}, false
}

// Event is one step in a case's history, which is only ever added to: every change and every reading.
type Event struct {
	Action  Action    //
	Actor   string    // Person, Machine, or an officer's id
	Message int64     // inbox id of the message that caused it, if any
	Detail  string    // officer's note or what changed; sealed in the store
	Reasons []string  //
	At      time.Time //
}
