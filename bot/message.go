package bot

import (
	"time"

	"treem/bot/dialogue"
	"treem/channels"
)

// Message is one inbound message in the inbox.
type Message struct {
	ID           int64
	Conversation int64
	In           channels.Inbound
	ReceivedAt   time.Time
}

// Conversation is everything with one person on one channel. The person is known by a keyed hash; the address is
// stored sealed, for sending only.
type Conversation struct {
	ID      int64
	Version int64 // rises with every change; a write under an old version is refused with Conflict
	State   dialogue.State
}

// Reply is one outbound message in the outbox.
type Reply struct {
	ID           int64
	Conversation int64
	Out          channels.Outbound
	Tries        int       // sends begun before this one
	Uncertain    bool      // an earlier try may have reached the person
	Bulk         bool      // a bulletin
	CreatedAt    time.Time //
}

// Outcome is what became of one send.
type Outcome struct {
	Delivery   channels.Delivery // queued (try again), sent or failed
	ProviderID string
	Code       string    // the provider's code or our reason; never personal
	RetryAt    time.Time // for queued
	Uncertain  bool      // for queued: it may have been sent
	Untried    bool      // for queued: nothing was tried yet
	OptedOut   bool      // for failed: nothing more is to be sent to this person
	Encoding   string    // for sent: of an SMS, as sms.Encoding names it; empty: it was none
	Segments   int       // for sent: of an SMS, which is paid by these
}

// Turn is everything one handled message changes; it is stored in one transaction or not at all.
type Turn struct {
	Message      Message
	Conversation Conversation // as read, with the new State
	Say          []channels.Outbound
	Case         *CaseUpdate
	Unanswered   *Unanswered
	Feedback     *Feedback
	Bulletin     *dialogue.BulletinChange
	Tally        Tally
	Erase        bool // once the replies are out, forget the conversation
	At           time.Time
}

// Tally is what is counted of a turn. It says nothing about the person but the commune, and that is counted apart.
type Tally struct {
	Kind    dialogue.Kind // empty: nothing is counted
	Topic   string        // of what was answered or offered first: a kb.Topic, report.TopicLaw or report.TopicOther; empty: none
	Entry   string        // id of the entry or article that was the answer; empty: none was
	Commune string        // code of the commune the person had told before asking a question; empty: not known
}

// Unanswered is a question the knowledge base had no sure answer to, kept for staff without the person.
type Unanswered struct {
	Text   string
	Medium dialogue.Medium
	Best   string // id of the best hit, if any
}

// Feedback is a person's word on an entry.
type Feedback struct {
	Entry    string
	Revision string // checked-on date of the entry shown
	Helpful  bool
}
