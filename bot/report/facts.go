package report

import "time"

// Facts are what the store knows of a period, without identities. They are exact and stay inside the program: what people
// read is a [Report] made of them.
type Facts struct {
	Since     time.Time // the first day anything was counted; zero: nothing was yet
	Turns     []Turns
	Entries   []Entry
	Communes  map[string]int // questions by code of the commune, of those who had told it
	SMS       []SMS
	Helpful   int // answers that people called helpful
	Unhelpful int
	Cases     []Case
}

// Turns counts messages that were handled.
type Turns struct {
	Day     string // 2026-11-24
	Channel string
	Kind    string // as dialogue.Kind
	Topic   string // as kb.Topic, or one of the topics below
	N       int
}

// Topics of questions beside those of kb.
const (
	TopicLaw   = "law"   // an article or document that was asked for
	TopicOther = "other" // the support finder, articles word for word
)

// Entry counts how often an entry or article was the answer.
type Entry struct {
	ID string
	N  int
}

// SMS counts messages that the providers took, and the segments they are paid by.
type SMS struct {
	Channel, Encoding  string
	Messages, Segments int
}

// Case is what a report needs to know of one case.
type Case struct {
	Level    string // that holds: an officer's judgement, else the machine's
	Category string // the same
	Channel  string
	Status   string
	Outcome  string // empty: it goes on, or was withdrawn
	Commune  string // code; empty: not known
	OpenedAt time.Time
	TakenAt  time.Time // when the first officer took it; zero: nobody has
	ClosedAt time.Time // when it got its outcome; zero: it has none
	SpokenAt time.Time // when an officer first wrote to the person through treem or recorded a telephone call with them; zero: none did
	Overdue  bool      // a deadline passed before somebody took it
}
