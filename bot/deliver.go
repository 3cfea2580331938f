package bot

import (
	"context"
	"fmt"
	"time"

	"treem/bot/dialogue"
	"treem/channels"
	"treem/channels/sms"
)

// Limits of delivery. A send is given up on before its lease ends, and its outcome is written under a time of its own,
// so that a slow provider cannot lose what happened.
const (
	sendLimit    = 35 * time.Second
	outcomeLimit = 15 * time.Second
	SendLease    = sendLimit + outcomeLimit + 10*time.Second

	// uncertainWait is how long a receipt may take to settle a send without an answer before it is tried once more.
	uncertainWait = 30 * time.Second
	// maxUncertain is how often a message that may have arrived is sent again: a repeat is better than a missing
	// answer, a flood is not.
	maxUncertain = 2

	giveUpReply  = 24 * time.Hour
	giveUpUrgent = 72 * time.Hour
	firstRetry   = time.Second
	lastRetry    = 5 * time.Minute
)

// Deliver sends a conversation's due replies in order. A reply that must wait holds up those behind it.
func (b *Bot) Deliver(ctx context.Context, conversation int64) error {
	for {
		r, err := b.Store.ClaimReply(ctx, conversation, b.Now(), SendLease)
		if ErrorCode(err) == NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("deliver to conversation %d: %w", conversation, err)
		}
		began := b.Now()
		o := b.send(ctx, r)
		if r.Bulk && o.Delivery == channels.DeliveryQueued {
			o.RetryAt = b.Bulletins.Next(o.RetryAt)
		}
		var encoding sms.Encoding
		if o.Delivery == channels.DeliverySent && b.medium(r.Out.To.Channel) == dialogue.SMS {
			encoding, o.Segments = sms.Measure(r.Out.Text)
			o.Encoding = string(encoding)
		}
		wctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outcomeLimit)
		err = b.Store.SaveOutcome(wctx, r, o, b.Now())
		cancel()
		if err != nil {
			return fmt.Errorf("record outcome of reply %d: %w", r.ID, err)
		}
		if o.OptedOut {
			if err := b.blocked(ctx, conversation); err != nil {
				return err
			}
		}
		b.Metrics.Delivered(r.Out.To.Channel, o.Delivery, b.Now().Sub(began))
		if o.Segments > 0 {
			b.Metrics.Segments(r.Out.To.Channel, encoding, o.Segments)
		}
		if o.Delivery == channels.DeliveryQueued {
			return nil
		}
	}
}

func (b *Bot) send(ctx context.Context, r Reply) Outcome {
	ch, ok := b.Channels[r.Out.To.Channel]
	if !ok {
		b.Log.Error("a reply waits for a channel that is not configured", "reply", r.ID, "channel", r.Out.To.Channel)
		return b.again(r, Outcome{Code: "no-channel", RetryAt: b.Now().Add(lastRetry)})
	}
	if wait := b.budget(r); wait > 0 {
		return b.again(r, Outcome{Code: "budget", Untried: true, RetryAt: b.Now().Add(wait)})
	}
	sctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	if r.Out.Hide {
		return b.hide(sctx, ch, r)
	}
	if m := r.Out.Media; m != nil {
		data, err := b.Responder.book().MediaFile(m.File)
		if err != nil { // taken out of the content meanwhile: the answer itself went out before
			b.Log.Warn("a picture or recording is gone", "reply", r.ID, "file", m.File)
			return Outcome{Delivery: channels.DeliveryFailed, Code: "no-file"}
		}
		r.Out.Media = &channels.Media{Kind: m.Kind, File: m.File, Data: data}
	}
	id, err := ch.Send(sctx, r.Out)
	if err == nil {
		return Outcome{Delivery: channels.DeliverySent, ProviderID: id}
	}
	se := channels.AsSendError(err)
	b.Log.Warn("send failed", "reply", r.ID, "channel", ch.Name(), "verdict", se.Verdict, "code", se.Code, "error", se.Err)
	switch se.Verdict {
	case channels.Stop:
		return Outcome{Delivery: channels.DeliveryFailed, Code: se.Code, OptedOut: true}
	case channels.Fault:
		return Outcome{Delivery: channels.DeliveryFailed, Code: se.Code}
	case channels.Unknown:
		if r.Tries >= maxUncertain && !r.Out.Urgent {
			return Outcome{Delivery: channels.DeliverySent, Code: "unconfirmed"}
		}
		return b.again(r, Outcome{Code: se.Code, Uncertain: true, RetryAt: b.Now().Add(uncertainWait)})
	default:
		return b.again(r, Outcome{Code: se.Code, RetryAt: b.Now().Add(max(se.After, backOff(r.Tries)))})
	}
}

// budget says how long an ordinary SMS must wait because too many were sent.
func (b *Bot) budget(r Reply) time.Duration {
	if r.Out.Urgent || r.Bulk || b.medium(r.Out.To.Channel) != dialogue.SMS {
		return 0
	}
	_, segments := sms.Measure(r.Out.Text)
	return b.Budget.take(segments, b.Now())
}

// hide takes what was sent before r off the person's screen. Doing it again does no harm, so that whatever did not
// clearly fail for good is tried again.
func (b *Bot) hide(ctx context.Context, ch channels.Channel, r Reply) Outcome {
	h, ok := ch.(channels.Hider)
	if !ok {
		return Outcome{Delivery: channels.DeliveryFailed, Code: "cannot-hide"}
	}
	ids, err := b.Store.Shown(ctx, r, b.Now().Add(-channels.HideFor))
	if err != nil {
		b.Log.Error("what to hide cannot be read", "reply", r.ID, "error", err)
		return b.again(r, Outcome{Code: "store", RetryAt: b.Now().Add(backOff(r.Tries))})
	}
	if len(ids) > 0 {
		err = h.Hide(ctx, r.Out.To, ids)
	}
	if err == nil {
		return Outcome{Delivery: channels.DeliverySent}
	}
	se := channels.AsSendError(err)
	b.Log.Warn("messages not hidden", "reply", r.ID, "channel", ch.Name(), "verdict", se.Verdict, "code", se.Code, "error", se.Err)
	switch se.Verdict {
	case channels.Stop:
		return Outcome{Delivery: channels.DeliveryFailed, Code: se.Code, OptedOut: true}
	case channels.Fault:
		return Outcome{Delivery: channels.DeliveryFailed, Code: se.Code}
	default:
		return b.again(r, Outcome{Code: se.Code, RetryAt: b.Now().Add(max(se.After, backOff(r.Tries)))})
	}
}

// again queues the reply for another try unless it is too old to be of use.
func (b *Bot) again(r Reply, o Outcome) Outcome {
	limit := giveUpReply
	if r.Out.Urgent {
		limit = giveUpUrgent
	}
	o.Delivery = channels.DeliveryQueued
	if o.RetryAt.Sub(r.CreatedAt) > limit {
		o.Delivery, o.Code = channels.DeliveryFailed, "expired"
	}
	return o
}

// backOff doubles from one second to five minutes.
func backOff(tries int) time.Duration {
	if tries > 8 {
		return lastRetry
	}
	return min(firstRetry<<tries, lastRetry)
}
