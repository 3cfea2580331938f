package bot

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Budget bounds what answers by SMS to ordinary messages may cost in an hour, whoever asks for them: the limits of one
// person do not stop somebody with many numbers. What exceeds it waits for its turn, a day at most as any answer. Urgent
// replies are neither held up nor counted; nor are bulletins, whose cost somebody agreed to. Safe for concurrent use; nil bounds nothing.
type Budget struct {
	perHour int
	mu      sync.Mutex
	limiter *rate.Limiter
	refused time.Time
}

// NewBudget allows so many segments an hour; 0 or less: any number.
func NewBudget(perHour int) *Budget {
	if perHour <= 0 {
		return nil
	}
	return &Budget{perHour: perHour, limiter: rate.NewLimiter(rate.Limit(float64(perHour)/time.Hour.Seconds()), perHour)}
}

// take counts a message of so many segments if it may go now, else it says how long it must wait.
func (b *Budget) take(segments int, now time.Time) time.Duration {
	if b == nil {
		return 0
	}
	turn := b.limiter.ReserveN(now, min(segments, b.perHour))
	wait := turn.DelayFrom(now)
	if wait == 0 {
		return 0
	}
	turn.CancelAt(now)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = now
	return wait
}

// heldUpFor is how long after the last message that had to wait people are told of it.
const heldUpFor = 10 * time.Minute

// HoldsUp reports whether messages had to wait within the last minutes.
func (b *Budget) HoldsUp(now time.Time) bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.refused.IsZero() && now.Sub(b.refused) < heldUpFor
}
