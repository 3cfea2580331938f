package telegram

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Telegram's published limits, https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about
// 30 messages a second in all and one a second in a chat, where short bursts are allowed. A share of the 30 is kept for
// emergencies, so that they never wait behind a broadcast.
const (
	ordinaryRate = 25
	urgentRate   = 5
	chatRate     = 1
	maxChats     = 10000 // limiters kept; an idle one is forgotten first
)

// limits keeps Send within Telegram's limits. Safe for concurrent use.
type limits struct {
	ordinary, urgent *rate.Limiter

	mu    sync.Mutex
	chats map[string]*rate.Limiter
}

func newLimits() *limits {
	return &limits{
		ordinary: rate.NewLimiter(ordinaryRate, 1),
		urgent:   rate.NewLimiter(urgentRate, urgentRate),
		chats:    make(map[string]*rate.Limiter),
	}
}

// errTurn is fixed: the limiter's own error would be, too, but need not stay so.
var errTurn = errors.New("telegram: the time given ended before its turn under Telegram's limits")

// wait returns when a message may go to the chat, or errTurn if that would be after ctx. An urgent message counts
// against its chat's limit but does not wait for it.
func (l *limits) wait(ctx context.Context, chat string, urgent bool) error {
	if ctx.Err() != nil {
		return errTurn
	}
	own := l.chat(chat)
	if urgent {
		own.Reserve()
		if l.ordinary.Allow() { // nothing ordinary is waiting
			return nil
		}
		return l.sooner(ctx)
	}
	if own.Wait(ctx) != nil || l.ordinary.Wait(ctx) != nil {
		return errTurn
	}
	return nil
}

// sooner takes a turn for an emergency from its own share or from the ordinary one, whichever comes first: many emergencies at
// once may use all there is.
func (l *limits) sooner(ctx context.Context) error {
	turn, other := l.urgent.Reserve(), l.ordinary.Reserve()
	if other.Delay() < turn.Delay() {
		turn, other = other, turn
	}
	other.Cancel()
	delay := turn.Delay()
	if until, limited := ctx.Deadline(); limited && time.Until(until) < delay {
		turn.Cancel()
		return errTurn
	}
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return errTurn
	}
}

// chat returns the chat's limiter. When there are too many, all that are idle are dropped: a new one says the same as
// an old one at rest.
func (l *limits) chat(id string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if own, ok := l.chats[id]; ok {
		return own
	}
	if len(l.chats) >= maxChats {
		for other, limiter := range l.chats {
			if limiter.Tokens() >= 1 {
				delete(l.chats, other)
			}
		}
	}
	own := rate.NewLimiter(chatRate, 1)
	if len(l.chats) < maxChats {
		l.chats[id] = own
	}
	return own
}
