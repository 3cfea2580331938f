// Package dialogue decides what to say. It is pure: what is known about the conversation, what came in and what triage
// found go in; what to say, what to look up and what to record come out. It keeps no clock, no store and no text of its
// own: every sentence comes from a [Book], which reads the phrase files of the knowledge base.
//
// A turn has one or two steps. [Book.Step] settles everything that needs no search: danger, commands, menus, small
// talk. If it asks for a search, the caller searches and calls [Book.Answer] with what was found.
package dialogue

import (
	"time"

	"treem/bot/triage"
	"treem/kb"
	"treem/kb/vitext"
)

// State is what a conversation remembers between messages. It holds no text the person wrote.
type State struct {
	Greeted   bool        `json:"greeted,omitempty"`
	Audience  kb.Audience `json:"audience,omitempty"` // parent, child, or empty: not known
	Self      string      `json:"self,omitempty"`     // what a child calls itself: "em" or "con"
	Language  kb.Language `json:"language,omitempty"` // what the person last wrote in; empty: Vietnamese
	Topic     kb.Topic    `json:"topic,omitempty"`
	LastEntry string      `json:"last_entry,omitempty"`
	Article   string      `json:"article,omitempty"` // id of the article whose words the last answer can be followed by
	Menu      []Option    `json:"menu,omitempty"`    // what a bare number means now, in order
	Stopped   bool        `json:"stopped,omitempty"`
	Finder    *Finding    `json:"finder,omitempty"`    // nil: the support finder is not asking
	Marks     bool        `json:"marks,omitempty"`     // SMS with diacritics, as this person asked for
	More      string      `json:"more,omitempty"`      // what is left of a long SMS, for who sends TIEP
	Bulletins []string    `json:"bulletins,omitempty"` // ids of the series the person gets
	Flood     Flood       `json:"flood,omitzero"`
	Group     bool        `json:"group,omitempty"`   // it is a group's: nothing about its case is said there
	Commune   string      `json:"commune,omitempty"` // code of the commune the person told, for counting only
	Case      CaseState   `json:"case,omitzero"`
}

// CaseState is what the dialogue must know of the conversation's open case.
type CaseState struct {
	ID       string       `json:"id,omitempty"` // empty: none open
	Level    triage.Level `json:"level,omitempty"`
	Category string       `json:"category,omitempty"`
	Ref      string       `json:"ref,omitempty"`      // the case's short reference, once it is stored
	Held     bool         `json:"held,omitempty"`     // an officer has the case: the bot is silent
	Question string       `json:"question,omitempty"` // id of the question that waits for an answer
	Waited   int          `json:"waited,omitempty"`   // how many messages were none since it was asked
	Asked    []string     `json:"asked,omitempty"`    // ids of the questions asked so far
	Lifted   bool         `json:"lifted,omitempty"`   // it was opened or went on after DỪNG: its person is answered all the same
}

// Medium is how a message is read.
type Medium string

// The media. Chat shows buttons; Text shows numbered menus; SMS is short, unaccented and paid for by the piece.
const (
	Chat Medium = "chat"
	Text Medium = "text"
	SMS  Medium = "sms"
)

// Event says what sort of thing came in.
type Event string

// The events. They mirror the kinds of inbound message a channel knows.
const (
	Wrote    Event = "text"
	Pressed  Event = "choice"
	Edited   Event = "edited"
	Media    Event = "media"
	Location Event = "location"
	Contact  Event = "contact"
	Joined   Event = "joined"
	Left     Event = "left"
)

// Input is one message as the dialogue sees it.
type Input struct {
	Event      Event
	Text       vitext.Text
	Payload    string // for Pressed
	Medium     Medium
	Group      bool
	Assessment triage.Assessment
	NewCaseID  string // identifier to use should a case be opened
	SafeWord   string // as configured, for those who ask how to get help unseen; empty: none
	Duty       Duty
	Now        time.Time
}

// Duty is what a person may be told about the people on duty.
type Duty struct {
	Reachable bool      // somebody is told of cases at all
	Now       bool      // somebody is on duty now
	From      time.Time // else from when, in local time; zero: not known
}

// Kind sorts a decision for programs that call `treem ask`.
type Kind string

// The kinds of decision.
const (
	KindAnswer    Kind = "answer"
	KindChoices   Kind = "choices"
	KindUnknown   Kind = "unknown"
	KindSmalltalk Kind = "smalltalk"
	KindHandover  Kind = "handover"
	KindCommand   Kind = "command"
)

// Decision is what to do about one message.
type Decision struct {
	Kind       Kind
	State      State
	Say        []Utterance
	Search     *kb.Query   // look this up and call Book.Answer
	Hits       []kb.Hit    // what was answered or offered
	Beside     []kb.Hit    // what was offered beside an answer that is not quite sure
	Confidence float64     // of the answer, 0..1
	Case       *CaseChange // nil: nothing happens to the case
	Unanswered bool        // record the question for staff
	Feedback   *Feedback
	Bulletin   *BulletinChange // nil: nothing changes about bulletins
	Erase      bool            // forget everything about this conversation once the reply is out
	Hide       bool            // take the bot's messages off the person's screen, where the channel can
}

// Utterance is one message to say.
type Utterance struct {
	Text    string
	Marks   bool       // an SMS with diacritics; without them otherwise
	Options []Option   // buttons, or a numbered menu
	Media   []kb.Media // shown behind the text, where the channel can
	Urgent  bool
}

// Option is one thing a person can choose.
type Option struct {
	Label   string `json:"label"`
	Payload string `json:"payload,omitempty"`
	Call    string `json:"call,omitempty"`    // a number to dial instead
	Private bool   `json:"private,omitempty"` // leads from a group to the person's own chat instead
	Silent  bool   `json:"silent,omitempty"`  // shown as a button only, not in a numbered menu
}

// CaseAction is what happens to a case.
type CaseAction string

// The actions on a case.
const (
	CaseOpen     CaseAction = "open"
	CaseAdd      CaseAction = "add"      // another message of the same case
	CaseEscalate CaseAction = "escalate" // the level rises
	CaseWithdraw CaseAction = "withdraw" // the person says it was a wrong alarm
	CaseAnswer   CaseAction = "answer"   // an answer to a question about consent or safety
	CaseRelay    CaseAction = "relay"    // a message for the officer who holds the case
)

// CaseChange opens a case or changes the open one.
type CaseChange struct {
	Action     CaseAction
	ID         string
	Assessment triage.Assessment
	Question   string // which question was answered, if one was
	Answer     string // the chosen option's id; "skipped" if passed over. "Not safe" stands beside CaseEscalate
	Notice     string // version of the notice shown before consent was asked, if it was
	Advice     string // id of the advice shown, if any
	Revision   string // its revision
}

// Feedback is a person's word on an answer.
type Feedback struct {
	Entry   string
	Helpful bool
}
