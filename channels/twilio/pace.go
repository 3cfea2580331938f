package twilio

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"
)

// pace keeps ordinary messages from piling up in Twilio's own queue, which is first come, first served for each sender:
// an emergency would have to wait there behind all of them. Safe for concurrent use.
type pace struct{ limiter *rate.Limiter }

func newPace(perSecond float64) *pace {
	return &pace{limiter: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
}

// errTurn is fixed, so that it can hold nothing of the message.
var errTurn = errors.New("twilio: the time given ends before the message's turn")

// wait returns when a message may go. If that would be after ctx, it returns at once with an error and how long it would
// have been. An urgent message does not wait, but those after it wait for it.
func (p *pace) wait(ctx context.Context, urgent bool) (time.Duration, error) {
	if ctx.Err() != nil {
		return 0, errTurn
	}
	turn := p.limiter.Reserve()
	if urgent {
		return 0, nil
	}
	wait := turn.Delay()
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		turn.Cancel()
		return wait, errTurn
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return 0, nil
	case <-ctx.Done():
		turn.Cancel()
		return 0, errTurn
	}
}
