package bot

import (
	"context"
	"fmt"
	"time"

	"treem/bot/handover"
	"treem/channels"
	"treem/channels/hotline"
)

// Limits of notices. A case must not be lost because a target is down for days or set up wrongly: even what is our fault
// is tried again, for somebody may mend it.
const (
	giveUpNotice = 14 * 24 * time.Hour
	faultWait    = 10 * time.Minute
)

// Notify sends a target's due notices. One that must wait holds up only those of its own case and address.
func (b *Bot) Notify(ctx context.Context, target string) error {
	for ctx.Err() == nil {
		n, err := b.Store.ClaimNotice(ctx, target, b.Now(), SendLease)
		if ErrorCode(err) == NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("notify %s: %w", target, err)
		}
		began := b.Now()
		o := b.tell(ctx, n)
		wctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outcomeLimit)
		more, err := b.unreached(wctx, n, o)
		if err == nil {
			err = b.Store.SaveNotice(wctx, n, o, more, b.Now())
		}
		cancel()
		if err != nil {
			return fmt.Errorf("record outcome of notice %d: %w", n.ID, err)
		}
		b.Metrics.Notified(target, o.Delivery, b.Now().Sub(began))
	}
	return ctx.Err()
}

// tell makes one try.
func (b *Bot) tell(ctx context.Context, n Notice) Outcome {
	t, ok := b.Desk.Targets[n.Target]
	if !ok {
		b.Log.Error("a notice waits for a target that is not configured", "notice", n.ID, "target", n.Target)
		return b.retell(n, Outcome{Code: "no-target", RetryAt: b.Now().Add(faultWait)})
	}
	sctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	id, err := t.Notify(sctx, n.Notice)
	if err == nil {
		o := Outcome{Delivery: channels.DeliverySent, ProviderID: id}
		if a, ok := t.(Addresser); ok && id != "" {
			o.ProviderID = noticeKey(a.Address(n.Notice.To), id)
		}
		return o
	}
	se := channels.AsSendError(err)
	b.Log.Warn("notice not sent", "notice", n.ID, "case", n.Notice.Case.ID, "target", n.Target, "try", n.Tries+1, "verdict", se.Verdict, "code", se.Code, "error", se.Err)
	switch {
	case se.Verdict == channels.Stop && n.Notice.To != "":
		return Outcome{Delivery: channels.DeliveryFailed, Code: se.Code, OptedOut: true}
	case se.Verdict == channels.Stop, se.Verdict == channels.Fault:
		return b.retell(n, Outcome{Code: se.Code, RetryAt: b.Now().Add(faultWait)})
	case se.Verdict == channels.Unknown: // told twice is better than not at all
		return b.retell(n, Outcome{Code: se.Code, Uncertain: true, RetryAt: b.Now().Add(toldWait(n.Tries))})
	default:
		return b.retell(n, Outcome{Code: se.Code, RetryAt: b.Now().Add(max(se.After, backOff(n.Tries)))})
	}
}

// toldWait is how long to wait with a notice that may have arrived: as with others at first, then longer and longer, for it
// most likely did.
func toldWait(tries int) time.Duration {
	const few, longest = 6, 6 * time.Hour
	if tries < few {
		return backOff(tries)
	}
	return min(faultWait<<min(tries-few, 8), longest)
}

// retell queues the notice for another try unless it is too old to be of use.
func (b *Bot) retell(n Notice, o Outcome) Outcome {
	o.Delivery = channels.DeliveryQueued
	if o.RetryAt.Sub(n.CreatedAt) > giveUpNotice {
		o.Delivery, o.Code = channels.DeliveryFailed, "expired"
		b.Log.Error("a notice was given up", "notice", n.ID, "case", n.Notice.Case.ID, "target", n.Target)
	}
	return o
}

// unreached returns the notices for when an officer's own chat refuses what a person wrote: it must not end there.
func (b *Bot) unreached(ctx context.Context, n Notice, o Outcome) ([]Notice, error) {
	if o.Delivery != channels.DeliveryFailed || !o.OptedOut || n.Notice.Kind != hotline.Message || n.Notice.Words == "" {
		return nil, nil
	}
	c, err := b.Store.Case(ctx, n.Notice.Case.ID)
	if err != nil {
		return nil, err
	}
	var more []Notice
	for _, one := range handover.Unreached(&c) {
		more = append(more, b.Desk.notice(b.NewID(), c, one, b.Now()))
	}
	return more, nil
}

// Escalate tells the next tier of a case that nobody took in time, or with which the officer who took it did nothing. It may run at any time and any number of times.
func (b *Bot) Escalate(ctx context.Context, caseID string) error {
	for conflicts := 0; ; conflicts++ {
		c, err := b.Store.Case(ctx, caseID)
		if ErrorCode(err) == NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("escalate: %w", err)
		}
		plan, due := b.Desk.Overdue(c, b.Now())
		if !due {
			return nil
		}
		u := b.caseUpdate(c, plan)
		if plan.Case.Held != c.Held { // it is taken from an officer who did nothing with it
			if _, _, err := b.tellPerson(ctx, c, plan, u); err != nil {
				return fmt.Errorf("escalate case %s: %w", caseID, err)
			}
		}
		err = b.Store.SaveCase(ctx, *u)
		if ErrorCode(err) == Conflict && conflicts < handleTries {
			continue
		}
		if err != nil {
			return fmt.Errorf("escalate case %s: %w", caseID, err)
		}
		if len(u.Notices) == 0 && len(plan.Notices) > 0 || u.Unheard {
			b.Log.Error("nobody takes a case; everybody was told", "case", c.ID, "tier", plan.Case.Tier, "due", plan.Case.AckDue)
		} else {
			b.Log.Warn("a case was not taken in time and was escalated", "case", c.ID, "tier", plan.Case.Tier, "due", plan.Case.AckDue)
		}
		b.Metrics.Escalated(u.Unheard)
		return nil
	}
}

// stalledAfter is how long work may wait before Sweep does it without the queue.
const stalledAfter = 2 * time.Minute

// Sweep does itself what the queue should have done long ago, and what nobody is due to do: it runs by a clock of its
// own, so that messages, notices and deadlines do not depend on the queue, nor on the wall clock going forward.
func (b *Bot) Sweep(ctx context.Context) error {
	s, err := b.Store.Stalled(ctx, stalledAfter, b.Desk.Longest(), b.Now())
	if err != nil {
		return err
	}
	var first error
	note := func(err error) {
		if err != nil {
			b.Log.Error("sweep", "error", err)
			if first == nil {
				first = err
			}
		}
	}
	for _, c := range s.Cases {
		note(b.Escalate(ctx, c))
	}
	for _, t := range s.Targets {
		note(b.Notify(ctx, t))
	}
	for _, c := range s.Handle {
		note(b.Handle(ctx, c))
	}
	for _, c := range s.Deliver {
		note(b.Deliver(ctx, c))
	}
	return first
}

// blocked tells those on duty that a person with a live case cannot be reached any more.
func (b *Bot) blocked(ctx context.Context, conversation int64) error {
	conv, _, err := b.Store.Conversation(ctx, conversation)
	if ErrorCode(err) == NotFound || err == nil && conv.State.Case.ID == "" {
		return nil
	}
	if err != nil {
		return err
	}
	for conflicts := 0; ; conflicts++ {
		c, err := b.Store.Case(ctx, conv.State.Case.ID)
		if err != nil {
			return err
		}
		plan, ok := b.Desk.Block(c, b.Now())
		if !ok {
			return nil
		}
		err = b.Store.SaveCase(ctx, *b.caseUpdate(c, plan))
		if ErrorCode(err) != Conflict || conflicts >= handleTries {
			return err
		}
	}
}
