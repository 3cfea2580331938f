package staff

import "time"

// Attempts is how often logging in failed of late, under one login or from one network.
type Attempts struct {
	Failed int       // since the last success or the last quiet day
	Last   time.Time // of the last failure
}

// The tries that are free, for a login and for a network, behind which several people may sit.
const (
	FreeForLogin   = 5
	FreeForNetwork = 30
)

// maxWait bounds how long a guess holds the owner up as well.
const maxWait = 15 * time.Minute

// quiet is after how long failures are forgotten.
const quiet = 24 * time.Hour

// Wait is how long the next try must still wait: nothing for the free ones, then twice as long each time.
func (a Attempts) Wait(free int, now time.Time) time.Duration {
	if a.Failed < free || now.Sub(a.Last) >= quiet {
		return 0
	}
	wait := maxWait
	if over := a.Failed - free; over < 10 {
		wait = min(maxWait, 5*time.Second<<over)
	}
	return max(0, wait-now.Sub(a.Last))
}

// Fail counts one more failure.
func (a Attempts) Fail(now time.Time) Attempts {
	if now.Sub(a.Last) >= quiet {
		a.Failed = 0
	}
	return Attempts{Failed: a.Failed + 1, Last: now}
}
