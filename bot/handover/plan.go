package handover

import (
	"time"

	"treem/bot/triage"
	"treem/channels/hotline"
)

// Settings are the times of the handover.
type Settings struct {
	AckEmergency time.Duration // in which somebody must take an emergency, at each tier
	AckUrgent    time.Duration // the same for every other case
	Again        time.Duration // how long those who were told are left alone when the person writes again
	Standing     time.Duration // how often everybody is reminded of a case that nobody takes; a quarter of it in an emergency
}

// DefaultSettings are the times of a service nobody configured.
func DefaultSettings() Settings {
	return Settings{AckEmergency: 3 * time.Minute, AckUrgent: 30 * time.Minute, Again: 10 * time.Minute, Standing: time.Hour}
}

// Planner works out what a change means: the changed case, its history, who is told, what the person hears. It changes
// nothing itself and keeps no clock.
type Planner struct {
	Settings
	Duty Duty
}

// Notice is something to tell somebody on duty.
type Notice struct {
	Kind  hotline.Kind
	Text  string // name of the text, see kb/content/desk.yaml; empty: the kind's own
	To    Recipient
	Words string // what the person wrote, only for the officer who holds the case
}

// Saying is something to tell the person.
type Saying struct {
	Text  string // name of the text, see kb/content/desk.yaml
	Words string // for a reply: what the officer wrote; for a referral: to whom
}

// Plan is what a change comes to. All of it is stored in one transaction or nothing.
type Plan struct {
	Case    Case
	Events  []Event
	Notices []Notice
	Say     []Saying
}

func (p *Plan) record(e Event) { p.Events = append(p.Events, e) }

func (p *Plan) notify(kind hotline.Kind, text string, to ...Recipient) {
	for _, r := range to {
		p.Notices = append(p.Notices, Notice{Kind: kind, Text: text, To: r})
	}
}

// ack is how long a case of a level may wait for somebody to take it.
func (s Settings) ack(l triage.Level) time.Duration {
	if l == triage.Emergency {
		return s.AckEmergency
	}
	return s.AckUrgent
}

// hold is how long an officer may have a case without doing anything with it: replying, telephoning, noting, grading, referring.
// The bot is silent meanwhile.
func (s Settings) hold(l triage.Level) time.Duration { return max(holdTimes*s.ack(l), holdLeast) }

// holdTimes is how much longer than for taking a case that is, holdLeast how long at least: reading and telephoning take time.
const (
	holdTimes = 4
	holdLeast = 10 * time.Minute
)

// standing is how often everybody is reminded of a case that nobody takes.
func (s Settings) standing(l triage.Level) time.Duration {
	if l == triage.Emergency {
		return s.Standing / 4
	}
	return s.Standing
}

// Longest is the longest time from now that a case can rightly be due: what is due later was written under a clock that
// has been put back.
func (s Settings) Longest() time.Duration {
	return max(s.hold(triage.Emergency), s.hold(triage.Urgent), s.Standing)
}

// onDuty returns who is told of the case at its tier. A tier without anybody on duty falls to everybody: a notice too
// many in the night is better than a child nobody hears of.
func (p Planner) onDuty(c *Case, at time.Time) []Recipient {
	if c.Tier <= p.Duty.LastTier(c.Consent.Commune) {
		if who := p.Duty.Tell(c.Consent.Commune, at, c.Tier); len(who) > 0 {
			return who
		}
	}
	return p.Duty.Everyone()
}

// exhausted says whether the case has passed the last tier and everybody has been told.
func (p Planner) exhausted(c *Case) bool { return c.Tier > p.Duty.LastTier(c.Consent.Commune) }

// Unheard says whether everybody was told of a case, its time has passed again, and still nobody has it.
func (p Planner) Unheard(c *Case) bool {
	return c.Status == Open && c.Tier > p.Duty.LastTier(c.Consent.Commune)+1
}

// tellOwner passes what the person wrote on to the officer who holds the case. An officer who can be reached in no way
// of their own is told, where everybody is, that there is something to read.
func (p Planner) tellOwner(plan *Plan, kind hotline.Kind, text, words string) {
	if to, ok := p.Duty.Reach(plan.Case.Owner); ok {
		plan.Notices = append(plan.Notices, Notice{Kind: kind, Text: text, To: to, Words: words})
		return
	}
	plan.notify(kind, TextUnread, shared(plan.Case.Told)...)
}

// Unreached returns the notices for when the owner's own address refuses the person's words: those who were told learn,
// without the words, that the owner has something to read.
func Unreached(c *Case) []Notice {
	var plan Plan
	plan.notify(hotline.Message, TextUnread, shared(c.Told)...)
	return plan.Notices
}

// Names of texts that are not a kind's own.
const (
	TextUnread    = "unread"    // the person wrote; the officer must open the bot's private chat to read it
	TextUnsafe    = "unsafe"    // the person says not to be safe now
	TextAgain     = "again"     // the person wrote again and nobody has the case
	TextReleased  = "released"  // an officer gave the case back
	TextEscalated = "escalated" // an officer asks for the next tier
	TextReferred  = "referred"  // an officer handed the case on
	TextBlocked   = "blocked"   // the person cannot be reached on the channel any more
	TextWords     = "words"     // what the person has written so far
)
