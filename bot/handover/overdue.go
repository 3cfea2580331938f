package handover

import (
	"time"

	"treem/channels/hotline"
)

// Overdue escalates a case that nobody took in time: the next tier is told, after the last one everybody, and from then
// on everybody again and again. One call escalates once, however late it comes, so a clock that jumps ahead does not
// run through the tiers. false: nothing is due; the plan is empty.
//
// A case that an officer took, or that grew worse in an officer's hands, and with which nothing was done goes back to all.
//
// A case due later than any rule allows was written under a clock that has since been put back: its time begins anew.
func (p Planner) Overdue(c Case, now time.Time) (Plan, bool) {
	idle := c.Status == Claimed && c.Owner != ""
	if c.Status != Open && !idle || c.AckDue.IsZero() {
		return Plan{}, false
	}
	wait := p.ack(c.Level())
	if p.exhausted(&c) {
		wait = p.standing(c.Level())
	}
	if idle {
		wait = p.hold(c.Level())
	}
	if c.AckDue.Sub(now) > wait {
		plan := Plan{Case: c.next(now)}
		plan.Case.AckDue = now.Add(wait)
		plan.record(Event{Action: ActionOverdue, Actor: Machine, Detail: "the clock was put back; due anew", At: now})
		return plan, true
	}
	if c.AckDue.After(now) {
		return Plan{}, false
	}
	plan := Plan{Case: c.next(now)}
	n := &plan.Case
	if idle {
		p.giveBack(&plan, now, "released")
	}
	n.Tier++
	kind := hotline.Overdue
	if p.Unheard(n) {
		kind = hotline.Standing
	}
	who := p.onDuty(n, now)
	n.Told, _ = join(n.Told, who)
	n.ToldAt = now
	n.AckDue = now.Add(p.ack(n.Level()))
	if p.exhausted(n) {
		n.AckDue = now.Add(p.standing(n.Level()))
	}
	plan.notify(kind, "", who...)
	plan.record(Event{Action: ActionOverdue, Actor: Machine, Detail: string(kind), At: now})
	return plan, true
}
