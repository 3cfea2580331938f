package bot

import (
	"context"
	"sync"
	"time"

	"treem/bot/dialogue"
	"treem/channels"
)

// lastResort is what the bot does when it cannot store: somebody in danger is given the numbers to call straight through
// the channel, once for each message; everything else waits until the provider sends the message again. Its zero value
// is ready.
type lastResort struct {
	mu       sync.Mutex
	answered map[string]bool // channel and provider id of the messages answered so
	since    time.Time       // first failure of the present trouble
}

// maxAnswered bounds what is remembered; beyond it a message may be answered once more.
const maxAnswered = 10_000

// messageKey tells messages apart.
func messageKey(in channels.Inbound) string { return in.From.Channel + "\x00" + in.ProviderID }

// done says whether a message has been answered so before.
func (l *lastResort) done(in channels.Inbound) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answered[messageKey(in)]
}

// answer notes that a message has been answered so.
func (l *lastResort) answer(in channels.Inbound) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answered == nil || len(l.answered) >= maxAnswered {
		l.answered = map[string]bool{}
	}
	l.answered[messageKey(in)] = true
}

// note keeps since when storing fails.
func (l *lastResort) note(failed bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !failed:
		l.since = time.Time{}
	case l.since.IsZero():
		l.since = now
	}
}

// Unstored says since when messages cannot be stored; zero: they can.
func (b *Bot) Unstored() time.Time {
	b.last.mu.Lock()
	defer b.last.mu.Unlock()
	return b.last.since
}

// lastResortLimit bounds a send whose message could not be stored: the provider waits for our answer meanwhile.
const lastResortLimit = 10 * time.Second

// unstored answers an urgent message that could not be stored, best effort, and returns what the channel is to report:
// the error, with what the person must read at once if the message is urgent.
func (b *Bot) unstored(ctx context.Context, in channels.Inbound, err error) error {
	if b.Desk != nil && b.Desk.Group.ID != "" && in.From == b.Desk.Group {
		return err
	}
	medium := b.medium(in.From.Channel)
	d, a := b.Responder.Respond(ctx, dialogue.State{}, in, medium, "", b.Now())
	if a.Level.Rank() == 0 || len(d.Say) == 0 {
		return err
	}
	out := Render(d.Say[0], medium)
	out.ID, out.To, out.Urgent = b.NewID(), in.From, true
	ch, ok := b.Channels[in.From.Channel]
	if ok && !b.last.done(in) {
		sctx, cancel := context.WithTimeout(ctx, lastResortLimit)
		defer cancel()
		_, serr := ch.Send(sctx, out)
		if serr == nil || channels.AsSendError(serr).Verdict == channels.Unknown {
			b.last.answer(in)
		}
		b.Log.Error("an urgent message could not be stored; the numbers to call were sent without", "channel", ch.Name(), "level", a.Level, "sent", serr == nil)
	}
	return &channels.NotStored{Say: out.Text, Err: err}
}
