// Package hotline carries notices of cases to the people on duty: a chat group, a web hook, e-mail, SMS, Primero. It
// knows addresses and protocols; what a notice says and who is told when is decided in bot/handover and bot/roster.
package hotline

import (
	"time"

	"treem/channels"
)

// Kind says what a notice is about.
type Kind string

// The kinds of notice.
const (
	Opened    Kind = "opened"    // a new case
	Raised    Kind = "raised"    // the level of an open case rose, or the person wrote again
	Overdue   Kind = "overdue"   // nobody took the case in time: this tier is told now
	Standing  Kind = "standing"  // everybody was told and still nobody took it
	Claimed   Kind = "claimed"   // an officer has it
	Message   Kind = "message"   // the person wrote to the officer who holds the case; the only kind with Words
	Withdrawn Kind = "withdrawn" // the person said it was a wrong alarm
	Closed    Kind = "closed"
)

// Notice is one message to the people on duty. Only Words may hold what the person wrote, and only for the officer who
// holds the case; every other field may pass through other people's systems.
type Notice struct {
	ID      string              // ours, the same on every try: a receiver can drop repeats by it
	Kind    Kind                //
	To      string              // officer's address at the target; empty: the target's configured one
	Title   string              // one line, safe on a locked screen
	Text    string              // the whole notice, plain text, without the person's words
	Short   string              // the notice as an SMS: unaccented, one segment
	Words   string              // for Message: what the person wrote
	Media   *Media              // for Message: what the person sent, for a target in the same channel; nil: nothing
	Buttons [][]channels.Button // what an officer can do, for targets that show buttons
	Case    Case                //
	At      time.Time           //
}

// Media is a picture, recording or file that a person sent: where it stands, not what it is.
type Media struct {
	From channels.Address
	ID   string // as channels.Inbound.MediaID
}

// Case is what a notice tells other programs about a case. It names nobody.
type Case struct {
	ID         string    `json:"id"`  // UUID
	Ref        string    `json:"ref"` // short reference people can say and type
	Status     string    `json:"status"`
	Level      string    `json:"level"`    // the level that holds: the human one, else the machine's
	Category   string    `json:"category"` // triage category
	CHI        string    `json:"chi"`      // Child Helpline International category
	Subject    string    `json:"subject"`
	Ongoing    bool      `json:"ongoing"`
	Channel    string    `json:"channel"`
	Commune    string    `json:"commune,omitempty"`
	MayContact string    `json:"may_contact"` // yes, no, unknown
	SafeTime   string    `json:"safe_time,omitempty"`
	Shared     string    `json:"shared_phone"` // yes, no, unknown
	SafeNow    string    `json:"safe_now"`     // yes, no, unknown
	Tier       int       `json:"tier"`
	Owner      string    `json:"owner,omitempty"`
	OpenedAt   time.Time `json:"opened_at"`
	AckDue     time.Time `json:"ack_due,omitzero"`
}
