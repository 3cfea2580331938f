package handover

import (
	"errors"
	"slices"
	"time"

	"treem/bot/triage"
	"treem/channels/hotline"
)

// Change is what one message of the person does to a case.
type Change struct {
	Action       Action
	Message      int64 // inbox id
	Assessment   triage.Assessment
	Question     string // which question about consent or safety was answered; empty: none
	Answer       string // the chosen option, "skipped" if passed over
	Notice       string // version of the notice shown before consent was asked, if it was
	Advice       string // id of the advice shown, if any
	Revision     string // its revision
	Words        string // what the person wrote, for the officer who holds the case
	Conversation int64  // for ActionOpen
	Channel      string // for ActionOpen
	At           time.Time
}

// Open begins a case.
func (p Planner) Open(id Identity, ch Change) Plan {
	c := Case{ID: id.ID, Ref: id.Ref, Conversation: ch.Conversation, Channel: ch.Channel, Status: Open,
		Machine: assessed(ch), OpenedAt: ch.At, UpdatedAt: ch.At, Version: 1, ToldAt: ch.At}
	c.Told, _ = join(nil, p.onDuty(&c, ch.At))
	c.AckDue = ch.At.Add(p.ack(c.Level()))
	c.Consent.Notice = ch.Notice
	plan := Plan{Case: c}
	plan.advise(ch)
	plan.record(Event{Action: ActionOpen, Actor: Person, Message: ch.Message, Reasons: ch.Assessment.Reasons, At: ch.At})
	plan.notify(hotline.Opened, "", c.Told...)
	return plan
}

// ErrNotLive: the case was closed or withdrawn meanwhile; a new alarm is a new case.
var ErrNotLive = errors.New("the case is over")

// Change applies a further message to a live case. Withdrawn cases take nothing but are no error to withdraw again.
func (p Planner) Change(c Case, ch Change) (Plan, error) {
	if !c.Status.Live() {
		return Plan{}, ErrNotLive
	}
	plan := Plan{Case: c.next(ch.At)}
	plan.advise(ch)
	event := Event{Action: ch.Action, Actor: Person, Message: ch.Message, Reasons: ch.Assessment.Reasons, At: ch.At}
	switch ch.Action {
	case ActionRaise:
		if ch.Assessment.Level.Rank() <= c.Machine.Level.Rank() {
			event.Action = ActionAdd
			p.heard(&plan, ch)
			break
		}
		p.raise(&plan, ch)
	case ActionAdd, ActionRelay:
		p.heard(&plan, ch)
	case ActionWithdraw:
		p.withdraw(&plan)
	case ActionAnswer:
	default:
		return Plan{}, errors.New("a person's message cannot " + string(ch.Action) + " a case")
	}
	if ch.Notice != "" {
		plan.Case.Consent.Notice = ch.Notice
	}
	if ch.Question != "" || ch.Action == ActionAnswer {
		event.Detail = ch.Question + "=" + ch.Answer
		if err := p.answer(&plan, ch); err != nil {
			return Plan{}, err
		}
	}
	plan.record(event)
	return plan, nil
}

// next is the case as changed once more. What it points to is its own, so that the case before stays as it was.
func (c *Case) next(at time.Time) Case {
	n := *c
	n.Version++
	n.UpdatedAt = at
	n.Advice, n.Told, n.Events = slices.Clone(c.Advice), slices.Clone(c.Told), nil
	return n
}

func assessed(ch Change) Assessment { return ByMachine(ch.Assessment, ch.At) }

// ByMachine is what triage found at a time.
func ByMachine(a triage.Assessment, at time.Time) Assessment {
	return Assessment{Level: a.Level, Category: a.Category, Subject: a.Subject, Ongoing: a.Ongoing, Reasons: a.Reasons, Rules: a.Rules, At: at}
}

func (p *Plan) advise(ch Change) {
	if ch.Advice != "" {
		p.Case.Advice = append(p.Case.Advice, Advice{ID: ch.Advice, Revision: ch.Revision, At: ch.At})
	}
}

// raise lifts the machine's level. The time to take the case becomes shorter, never longer.
func (p Planner) raise(plan *Plan, ch Change) {
	c := &plan.Case
	c.Machine = assessed(ch)
	c.ToldAt = ch.At
	text := ""
	if unsafe(ch) {
		text = TextUnsafe
	}
	plan.notify(hotline.Raised, text, shared(c.Told)...)
	if c.Owner != "" {
		if ch.Words != "" {
			p.tellOwner(plan, hotline.Message, "", ch.Words)
		} else {
			p.tellOwner(plan, hotline.Raised, text, "")
		}
		p.expect(c, ch.At)
		return
	}
	plan.notify(hotline.Raised, text, personal(c.Told)...)
	if due := ch.At.Add(p.ack(c.Level())); c.Status == Open && (c.AckDue.IsZero() || due.Before(c.AckDue)) {
		c.AckDue = due
	}
}

// expect sets the time by which the officer who has a case must have done something with it.
func (p Planner) expect(c *Case, at time.Time) {
	if due := at.Add(p.hold(c.Level())); c.Status == Claimed && (c.AckDue.IsZero() || due.Before(c.AckDue)) {
		c.AckDue = due
	}
}

// personal are the recipients that are one officer's.
func personal(told []Recipient) []Recipient {
	return slices.DeleteFunc(slices.Clone(told), func(r Recipient) bool { return r.Officer == "" })
}

// heard takes a further message: to the officer who holds the case, else, not too often, to all who were told.
func (p Planner) heard(plan *Plan, ch Change) {
	c := &plan.Case
	c.Blocked = false
	if c.Owner != "" {
		p.tellOwner(plan, hotline.Message, "", ch.Words)
		if ch.Assessment.Level == triage.Emergency {
			p.expect(c, ch.At)
		}
		return
	}
	if since := ch.At.Sub(c.ToldAt); since < p.Again && since >= 0 {
		return
	}
	c.ToldAt = ch.At
	plan.notify(hotline.Raised, TextAgain, c.Told...)
}

// withdraw takes the alarm back. Nothing is due any more, but whoever was told learns of it: a child may have been made
// to take it back.
func (p Planner) withdraw(plan *Plan) {
	c := &plan.Case
	c.Status, c.AckDue, c.Held = Withdrawn, time.Time{}, false
	plan.notify(hotline.Withdrawn, "", c.Told...)
	if to, ok := p.Duty.Reach(c.Owner); ok && !slices.Contains(c.Told, to) {
		plan.notify(hotline.Withdrawn, "", to)
	}
}

// Block notes that the person can no longer be reached on this channel, and tells who has the case, or else everybody
// who was told. false: that is known.
func (p Planner) Block(c Case, at time.Time) (Plan, bool) {
	if c.Blocked || !c.Status.Live() {
		return Plan{}, false
	}
	plan := Plan{Case: c.next(at)}
	plan.Case.Blocked = true
	plan.record(Event{Action: ActionBlocked, Actor: Person, At: at})
	to := c.Told
	if r, ok := p.Duty.Reach(c.Owner); ok {
		to = []Recipient{r}
	}
	plan.notify(hotline.Raised, TextBlocked, to...)
	return plan, true
}

// questionSafe is the question of kb/content/questions.yaml whose "no" is told on at once.
const questionSafe = "safe"

func unsafe(ch Change) bool { return ch.Question == questionSafe && ch.Answer == string(No) }

// answer notes an answer. Who says not to be safe is told on at once; a commune may bring in people of its own.
func (p Planner) answer(plan *Plan, ch Change) error {
	c := &plan.Case
	k := &c.Consent
	commune := k.Commune
	if !k.Answer(ch.Question, ch.Answer, ch.At) {
		return errors.New("there is no question " + ch.Question + " with that answer")
	}
	if unsafe(ch) && ch.Action != ActionRaise {
		c.ToldAt = ch.At
		plan.notify(hotline.Raised, TextUnsafe, shared(c.Told)...)
		if c.Owner != "" {
			p.tellOwner(plan, hotline.Raised, TextUnsafe, "")
		}
	}
	if k.Commune != commune && c.Status == Open {
		var added []Recipient
		c.Told, added = join(c.Told, p.onDuty(c, ch.At))
		plan.notify(hotline.Opened, "", added...)
	}
	return nil
}
