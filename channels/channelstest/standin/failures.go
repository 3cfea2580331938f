package standin

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// Failure is what goes wrong with one call.
type Failure struct {
	Kind  Kind
	After time.Duration // Delay: how long; TooMany: how long to wait, in whole seconds, rounded up
}

// Kind is a way to fail.
type Kind int

// The ways to fail that every stand-in has. Only Delay and DropAfter do what was asked.
const (
	None         Kind = iota
	TooMany           // 429 with a time to wait
	ServerError       // 500 in the provider's form
	BadGateway        // 502 with a page of HTML, as from the servers in front
	Malformed         // 400: something is wrong with the request
	Unauthorized      // 401
	Delay             // a late answer
	DropBefore        // the connection ends, nothing was done
	DropAfter         // the connection ends, but all was done
	Hang              // no answer until the client gives up; nothing was done
	Own               // the first of the provider's own ways to refuse
)

// Schedule makes calls fail at random, the same way each time for the same seed and the same order of calls.
type Schedule struct {
	Seed  uint64
	Calls []string         // which calls; empty: the usual ones, see the stand-in
	Rates map[Kind]float64 // how likely each kind is, together at most 1
	After time.Duration    // for Delay and TooMany
}

// failing is what is going to fail.
type failing struct {
	usual    []string
	plans    map[string][]Failure
	schedule *Schedule
	dice     *rand.Rand
}

// Fail plans failures for the next calls of that name, one each. None lets a call through.
func (b *Base[M]) Fail(call string, failures ...Failure) {
	b.Mu.Lock()
	defer b.Mu.Unlock()
	if b.failing.plans == nil {
		b.failing.plans = map[string][]Failure{}
	}
	b.failing.plans[call] = append(b.failing.plans[call], failures...)
}

// SetSchedule starts failing at random, beside what Fail plans; nil ends it.
func (b *Base[M]) SetSchedule(schedule *Schedule) {
	b.Mu.Lock()
	defer b.Mu.Unlock()
	b.failing.schedule = schedule
	if schedule != nil {
		b.failing.dice = rand.New(rand.NewPCG(schedule.Seed, 0))
	}
}

// Arrived notes one call and decides how it fails. A call that is none of the provider's goes by the name "".
func (b *Base[M]) Arrived(call string) Failure {
	b.Mu.Lock()
	defer b.Mu.Unlock()
	b.count(call)
	return b.failing.next(call)
}

func (f *failing) next(call string) Failure {
	if plan := f.plans[call]; len(plan) > 0 {
		f.plans[call] = plan[1:]
		return plan[0]
	}
	if f.schedule == nil {
		return Failure{}
	}
	among := f.schedule.Calls
	if len(among) == 0 {
		among = f.usual
	}
	if !slices.Contains(among, call) {
		return Failure{}
	}
	x := f.dice.Float64()
	for _, kind := range slices.Sorted(maps.Keys(f.schedule.Rates)) { // in a fixed order, which a map does not give
		if x -= f.schedule.Rates[kind]; x < 0 {
			return Failure{Kind: kind, After: f.schedule.After}
		}
	}
	return Failure{}
}
