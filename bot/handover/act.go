package handover

import (
	"slices"
	"time"

	"treem/bot/triage"
	"treem/channels/hotline"
)

// The kinds of act: what an officer does with a case. They are also the actions of its history.
const (
	ActClaim    Action = "claim"
	ActRelease  Action = "release"
	ActReply    Action = "reply"    // a text to the person
	ActCall     Action = "call"     // the officer spoke with the person by telephone; Text, which may be empty, is for colleagues
	ActGrade    Action = "grade"    // the human level and category
	ActNote     Action = "note"     // a remark for colleagues
	ActEscalate Action = "escalate" // the next tier is to take it
	ActRefer    Action = "refer"    // handed on to 111, the police or the commune
	ActClose    Action = "close"
	ActWrong    Action = "wrong" // closed as a wrong alarm
	ActRead     Action = "read"
	ActView     Action = "view"   // the person's words were opened on a screen
	ActExport   Action = "export" // the record was written out; Text says in which form
)

// Outcomes are the reasons for which a case may be closed.
var Outcomes = []string{"helped", "referred", "wrong-alarm", "duplicate", "unreachable"}

// Referrals are to whom a case may be handed on.
var Referrals = []string{"111", "113", "commune"}

// Act is one thing an officer does. Acts with the same ID are one act.
type Act struct {
	ID       string // the provider's identifier of the press or message, with its channel
	Do       Action
	Officer  string       // officer's id
	Text     string       // reply, note, or what was said on the telephone
	To       string       // for ActRefer: one of Referrals
	Outcome  string       // for ActClose: one of Outcomes
	Level    triage.Level // for ActGrade
	Category string       // for ActGrade; empty: as it was
	Words    string       // what the person has written in this case, for ActClaim and ActRead
	Message  int64        // inbox id, if the act came in as a message
	At       time.Time
}

// Refusal is why an act is not done; the officer is told. It is no fault of the program.
type Refusal struct {
	Why   string // one of the reasons below
	Owner string // who has the case, for Taken
}

// The reasons for refusals.
const (
	Taken      = "taken"       // another officer has it
	Over       = "over"        // the case is closed
	NotYours   = "not-yours"   // only the officer who has it may do this
	ClaimFirst = "claim-first" // somebody must take it first
	Incomplete = "incomplete"  // the text, outcome, level or recipient is missing or unknown
)

func (r *Refusal) Error() string { return "refused: " + r.Why }

// Act applies an officer's act. Of two officers who claim at once the store lets one through; the other's act is worked
// out again on the changed case and refused with the owner's name. The error is a *Refusal.
func (p Planner) Act(c Case, a Act) (Plan, error) {
	if why := p.refuse(&c, a); why != nil {
		return Plan{}, why
	}
	plan := Plan{Case: c.next(a.At)}
	n := &plan.Case
	event := Event{Action: a.Do, Actor: a.Officer, Message: a.Message, At: a.At}
	if c.Owner == a.Officer && a.Do != ActClaim && a.Do != ActRead {
		n.AckDue = time.Time{} // something is being done
	}
	switch a.Do {
	case ActClaim:
		if c.Owner == a.Officer {
			return Plan{Case: c}, nil // again: nothing changes
		}
		p.claim(&plan, a)
	case ActReply:
		if c.Owner == "" {
			p.claim(&plan, a)
			plan.Say = nil
			plan.record(Event{Action: ActClaim, Actor: a.Officer, Message: a.Message, At: a.At})
		}
		n.Held, n.AckDue = true, time.Time{}
		if c.Status == Withdrawn {
			n.Status = Claimed
		}
		plan.Say = append(plan.Say, Saying{"reply", a.Text})
		event.Detail = a.Text
	case ActRelease:
		p.giveBack(&plan, a.At, "released")
		plan.notify(hotline.Raised, TextReleased, n.Told...)
	case ActEscalate:
		p.giveBack(&plan, a.At, "escalated")
		n.Tier++
		who := p.onDuty(n, a.At)
		n.Told, _ = join(n.Told, who)
		plan.notify(hotline.Raised, TextEscalated, who...)
		event.Detail = a.Text
	case ActGrade:
		p.grade(n, a)
		event.Detail = string(n.Human.Level) + " " + n.Human.Category
	case ActCall, ActNote, ActExport:
		event.Detail = a.Text
	case ActRefer:
		if c.Owner == "" {
			n.Owner = a.Officer
		}
		n.Status, n.AckDue = Referred, time.Time{}
		plan.notify(hotline.Claimed, TextReferred, shared(n.Told)...)
		if n.Consent.MayContact != No {
			plan.Say = append(plan.Say, Saying{"referred", a.To})
		}
		event.Detail = a.To
	case ActClose:
		p.close(&plan, a, a.Outcome)
		event.Detail = a.Outcome
	case ActWrong:
		n.Human = &Assessment{Level: triage.None, Category: n.Machine.Category, By: a.Officer, At: a.At}
		p.close(&plan, a, "wrong-alarm")
	case ActRead:
		p.tellOwner(&plan, hotline.Message, TextWords, a.Words)
	}
	plan.record(event)
	return plan, nil
}

// refuse says why an act cannot be done, nil if it can.
func (p Planner) refuse(c *Case, a Act) error {
	owned, mine := c.Owner != "", c.Owner == a.Officer
	no := func(why string) error { return &Refusal{Why: why, Owner: c.Owner} }
	if a.Officer == "" {
		return no(Incomplete)
	}
	if c.Status == Closed && a.Do != ActNote && a.Do != ActRead && a.Do != ActView && a.Do != ActExport {
		return no(Over)
	}
	switch a.Do {
	case ActClaim, ActReply, ActRefer:
		if owned && !mine {
			return no(Taken)
		}
	case ActClose, ActWrong, ActGrade:
		if owned && !mine {
			return no(NotYours)
		}
	case ActRelease, ActRead, ActCall:
		if !owned {
			return no(ClaimFirst)
		}
		if !mine {
			return no(NotYours)
		}
	case ActEscalate:
		if c.Status == Withdrawn {
			return no(ClaimFirst)
		}
		if owned && !mine {
			return no(NotYours)
		}
	case ActNote, ActView, ActExport:
	default:
		return no(Incomplete)
	}
	complete := true
	switch a.Do {
	case ActReply, ActNote, ActExport:
		complete = a.Text != ""
	case ActClose:
		complete = slices.Contains(Outcomes, a.Outcome)
	case ActRefer:
		complete = slices.Contains(Referrals, a.To)
	case ActGrade:
		complete = a.Level == triage.None || a.Level == triage.Urgent || a.Level == triage.Emergency
	}
	if !complete {
		return no(Incomplete)
	}
	return nil
}

// claim gives the case to an officer: everybody who was told learns that it is taken, the officer alone gets what the
// person wrote. The person is told, unless they asked not to be contacted or took the alarm back: then nothing is sent
// to a telephone that others may read, and the bot goes on answering until the officer writes.
func (p Planner) claim(plan *Plan, a Act) {
	n := &plan.Case
	n.Owner, n.AckDue = a.Officer, a.At.Add(p.hold(n.Level()))
	plan.notify(hotline.Claimed, "", shared(n.Told)...)
	p.tellOwner(plan, hotline.Message, TextWords, a.Words)
	if n.Status == Withdrawn {
		n.AckDue = time.Time{}
		return
	}
	if n.Status == Open {
		n.Status = Claimed
	}
	if n.Consent.MayContact != No {
		n.Held = true
		plan.Say = append(plan.Say, Saying{Text: "taken"})
	}
}

// giveBack makes the case wait for somebody again. A person who spoke with the officer is told that the bot is back.
func (p Planner) giveBack(plan *Plan, at time.Time, text string) {
	n := &plan.Case
	if n.Held {
		plan.Say = append(plan.Say, Saying{Text: text})
	}
	n.Owner, n.Held, n.ToldAt = "", false, at
	if n.Status != Withdrawn {
		n.Status, n.AckDue = Open, at.Add(p.ack(n.Level()))
	}
}

// grade sets the human level beside the machine's. A case that nobody has becomes due as its new level says, if that is
// sooner.
func (p Planner) grade(n *Case, a Act) {
	category := a.Category
	if category == "" {
		category = n.Machine.Category
	}
	n.Human = &Assessment{Level: a.Level, Category: category, Subject: n.Machine.Subject, Ongoing: n.Machine.Ongoing, By: a.Officer, At: a.At}
	if due := a.At.Add(p.ack(a.Level)); n.Status == Open && due.Before(n.AckDue) {
		n.AckDue = due
	}
}

// close ends the case. A person who knows of the officer is told, with the way back.
func (p Planner) close(plan *Plan, a Act, outcome string) {
	n := &plan.Case
	if n.Owner == "" {
		n.Owner = a.Officer
	}
	if n.Held {
		plan.Say = append(plan.Say, Saying{Text: "closed"})
	}
	n.Status, n.Outcome, n.AckDue, n.Held = Closed, outcome, time.Time{}, false
	plan.notify(hotline.Closed, "", shared(n.Told)...)
}
