package bot

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"treem/bot/dialogue"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/sms"
)

// Bot answers stored messages and sends stored replies.
type Bot struct {
	Store     Store
	Responder *Responder
	Channels  map[string]channels.Channel
	Desk      *Desk
	Now       func() time.Time
	NewID     func() string // a fresh unguessable identifier, safe in URLs
	Bulletins Hours         // when bulletins may be tried again
	Budget    *Budget       // of SMS; nil: none
	Log       *slog.Logger
	Metrics   Metrics

	last  lastResort
	turns [256]sync.Mutex // of conversations, many to one: a busy duty group's messages would only run into each other
}

// Metrics counts what happens. It is told levels and names of ours only, never anything of the person's.
type Metrics interface {
	Received(channel string, stored bool)
	Handled(kind dialogue.Kind, took time.Duration)
	Delivered(channel string, outcome channels.Delivery, took time.Duration)
	Segments(channel string, encoding sms.Encoding, n int) // of an SMS the provider took
	Notified(target string, outcome channels.Delivery, took time.Duration)
	Opened(level triage.Level)
	Escalated(unheard bool)
}

// Accept stores what a channel received. Together with Receipt it makes a Bot the channels' Sink.
func (b *Bot) Accept(ctx context.Context, in channels.Inbound) error {
	err := b.Store.Accept(ctx, in, b.first(in), b.Now()) // the store lets who is in danger go before a crowd
	failed := ErrorCode(err) == Internal && ctx.Err() == nil
	b.last.note(failed, b.Now())
	b.Metrics.Received(in.From.Channel, err == nil)
	if failed {
		return b.unstored(ctx, in, err)
	}
	return err
}

// first says whether a message goes before others: by triage of its words alone, or because it comes from the people on duty.
func (b *Bot) first(in channels.Inbound) bool {
	if b.Desk != nil {
		if in.From == b.Desk.Group || in.From == b.Desk.Phone {
			return true
		}
		if b.Desk.Officers != nil {
			if _, officer := b.Desk.Officers.Officer(in.From); officer {
				return true
			}
		}
	}
	return b.Responder.urgent(in.Text)
}

// Receipt records a provider's later word on a message.
func (b *Bot) Receipt(ctx context.Context, r channels.Receipt) error {
	return b.Store.SaveReceipt(ctx, r, b.Now())
}

// handleTries bounds how often one run re-reads a conversation that somebody else changes meanwhile.
const handleTries = 5

// Handle answers every waiting message of a conversation, oldest first. It may run twice for the same message, even at
// once: only one run's turn is stored.
func (b *Bot) Handle(ctx context.Context, conversation int64) error {
	turn := &b.turns[uint64(conversation)%uint64(len(b.turns))]
	turn.Lock()
	defer turn.Unlock()
	for conflicts := 0; ; {
		err := b.handleNext(ctx, conversation)
		switch {
		case err == nil:
			conflicts = 0
		case ErrorCode(err) == NotFound:
			return nil
		case ErrorCode(err) == Conflict && conflicts < handleTries:
			conflicts++
		default:
			return fmt.Errorf("handle conversation %d: %w", conversation, err)
		}
	}
}

func (b *Bot) handleNext(ctx context.Context, conversation int64) error {
	msg, conv, err := b.Store.NextMessage(ctx, conversation)
	if err != nil {
		return err
	}
	if done, err := b.handleOrder(ctx, msg, conv); done || err != nil {
		return err
	}
	began := b.Now()
	id := identity()
	medium := b.medium(msg.In.From.Channel)
	if t, ok := b.Channels[msg.In.From.Channel].(channels.Typer); ok && !conv.State.Stopped && !msg.In.Group {
		go t.Typing(context.WithoutCancel(ctx), msg.In.From)
	}
	d, a := b.Responder.Respond(ctx, conv.State, msg.In, medium, id.ID, began)
	turn := Turn{Message: msg, Conversation: conv, Erase: d.Erase, At: began}
	turn.Conversation.State = d.State
	if d.Erase && conv.State.Case.ID != "" { // the words go; the case and the way back stay while it is live
		turn.Conversation.State.Case = conv.State.Case
	}
	if d.Case != nil {
		if turn.Case, err = b.changeCase(ctx, msg, conv, *d.Case, id); err != nil {
			return err
		}
	}
	if u := turn.Case; u != nil && d.Case.Action != dialogue.CaseWithdraw {
		turn.Conversation.State.Case.ID, turn.Conversation.State.Case.Ref = u.Case.ID, u.Case.Ref
		turn.Conversation.State.Case.Held = u.Case.Held
	} else if d.Case != nil {
		turn.Conversation.State.Case = dialogue.CaseState{} // withdrawn, or closed meanwhile
	}
	_, canHide := b.Channels[msg.In.From.Channel].(channels.Hider)
	if canHide && (d.Hide || d.Erase) {
		turn.Say = append(turn.Say, channels.Outbound{ID: b.NewID(), To: msg.In.From, Hide: true})
	}
	for _, u := range d.Say {
		if !canHide {
			u = u.WithoutHiding()
		}
		out := Render(u, medium)
		out.ID, out.To = b.NewID(), msg.In.From
		turn.Say = append(turn.Say, out)
		turn.Say = append(turn.Say, b.media(u, msg.In.From)...)
	}
	if d.Unanswered {
		turn.Unanswered = &Unanswered{Text: msg.In.Text, Medium: medium}
		if len(d.Hits) > 0 {
			turn.Unanswered.Best = d.Hits[0].ID()
		}
	}
	turn.Bulletin, turn.Tally = d.Bulletin, tally(d, conv.State)
	if d.Feedback != nil {
		turn.Feedback = b.feedback(*d.Feedback)
	}
	if err := b.Store.SaveTurn(ctx, turn); err != nil {
		if ErrorCode(err) == Internal && ctx.Err() == nil && a.Level.Rank() > 0 {
			return b.unstored(ctx, msg.In, err)
		}
		return err
	}
	b.Metrics.Handled(d.Kind, b.Now().Sub(began))
	if turn.Case != nil && turn.Case.Case.Version == 1 {
		b.Metrics.Opened(turn.Case.Case.Level())
	}
	if msg.In.Kind == channels.KindLeft {
		if err := b.blocked(ctx, conv.ID); err != nil {
			return err
		}
	}
	b.Log.Info("message handled", "message", msg.ID, "conversation", conv.ID, "kind", d.Kind, "level", a.Level, "category", a.Category)
	return nil
}

// media are the pictures and recordings of an utterance, where the channel can send any.
func (b *Bot) media(u dialogue.Utterance, to channels.Address) []channels.Outbound {
	c, ok := b.Channels[to.Channel].(channels.Illustrator)
	if !ok || !c.Illustrates() {
		return nil
	}
	var all []channels.Outbound
	for _, m := range u.Media {
		all = append(all, channels.Outbound{ID: b.NewID(), To: to, Text: m.Caption, Urgent: u.Urgent,
			Media: &channels.Media{Kind: channels.MediaKind(m.Kind), File: m.File}})
	}
	return all
}

func (b *Bot) feedback(f dialogue.Feedback) *Feedback {
	out := &Feedback{Entry: f.Entry, Helpful: f.Helpful}
	if e, ok := b.Responder.book().Entry(f.Entry); ok {
		out.Revision = e.CheckedOn.Format(time.DateOnly)
	}
	return out
}

// medium says how a channel's messages are read.
func (b *Bot) medium(channel string) dialogue.Medium { return MediumOf(b.Channels[channel]) }

// MediumOf says how a channel's messages are read. An unknown channel is plain text.
func MediumOf(c channels.Channel) dialogue.Medium {
	if t, ok := c.(channels.Texter); ok && t.SMS() {
		return dialogue.SMS
	}
	if t, ok := c.(channels.Buttoner); ok && t.Buttons() {
		return dialogue.Chat
	}
	return dialogue.Text
}
