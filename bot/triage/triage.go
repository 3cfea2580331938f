// Package triage decides whether a message must be handed over to the child-protection hotline 111. It is pure: text
// and context in, an assessment with its reasons out; no clock, no store, no network. Levels and categories follow
// what helplines distinguish: someone's life or body in danger now, a child who needs protection, and everything else.
package triage

import "treem/kb/vitext"

// Level says how fast a person must act.
type Level string

// The levels. Emergency: life or body in danger now. Urgent: handover to 111, though not this minute. None: no
// handover.
const (
	None      Level = "none"
	Urgent    Level = "urgent"
	Emergency Level = "emergency"
)

// Rank orders levels: None 0, Urgent 1, Emergency 2.
func (l Level) Rank() int {
	switch l {
	case Emergency:
		return 2
	case Urgent:
		return 1
	default:
		return 0
	}
}

// Subject says who is in danger.
type Subject string

// The subjects: the writer, a child known to the writer, somebody else, or not to be told from the text.
const (
	Self    Subject = "self"
	Child   Subject = "child"
	Other   Subject = "other"
	Unknown Subject = "unknown"
)

// Assessment is what triage found in one message.
type Assessment struct {
	Level    Level
	Category string   // e.g. "drowning", "physical_abuse"; for None the kind of harmless message or empty
	Advice   string   // which advice fits better than that of the category; empty: none
	Reasons  []string // the signals that decided, for staff; never the person's own words beyond a matched term
	Subject  Subject
	Ongoing  bool   // it is happening now
	Rules    string // version of rules and weights
}

// Context is what is known besides the message.
type Context struct {
	OpenCase bool   // the conversation has an open case
	SafeWord string // configured word that raises a case from anywhere; folded; empty: none
}

// Triager assesses one message.
type Triager interface {
	Assess(text vitext.Text, c Context) Assessment
}
