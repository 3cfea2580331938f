package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Span is how long answers took, from the web hook's being sent to the provider's being handed the first reply.
type Span struct {
	Answered int
	P50, P99 time.Duration // P99 is zero for fewer than 100 answers
	Slowest  time.Duration
}

// Phase is what one phase of the load showed.
type Phase struct {
	Name     string
	Offered  int           // messages that were sent to us
	Accepted int           // of these, confirmed as kept
	Lasted   time.Duration // of sending
	Done     time.Duration // from the first message to the last answer that was waited for
	Calm     Span
	Urgent   Span
	Commits  int64 // of the database meanwhile, everything included; 0: the engine does not count them
}

// Report is a whole run.
type Report struct {
	Engine    string
	Processes int
	Raw       float64 // commits of one row a second that the same database does on the same disk, by itself
	Phases    []Phase
}

func span(all []time.Duration) Span {
	if len(all) == 0 {
		return Span{}
	}
	slices.Sort(all)
	at := func(share float64) time.Duration { return all[min(len(all)-1, int(share*float64(len(all))))] }
	s := Span{Answered: len(all), P50: at(.5), Slowest: all[len(all)-1]}
	if len(all) >= 100 {
		s.P99 = at(.99)
	}
	return s
}

// String is the report as a table.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d process(es); the database by itself: %.0f commits a second\n\n", r.Engine, r.Processes, r.Raw)
	fmt.Fprintf(&b, "| phase | offered/s | kept/s | answered/s | commits/answer | kept ÷ raw | calm p50 | p99 | urgent n | p50 | p99 | slowest |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, p := range r.Phases {
		sent, done := p.Lasted.Seconds(), p.Done.Seconds()
		answered := p.Calm.Answered + p.Urgent.Answered
		commits := "–"
		if p.Commits > 0 && answered > 0 {
			commits = fmt.Sprintf("%.1f", float64(p.Commits)/float64(answered))
		}
		fmt.Fprintf(&b, "| %s | %.0f | %.0f | %.0f | %s | %.2f | %s | %s | %d | %s | %s | %s |\n", p.Name, float64(p.Offered)/sent, float64(p.Accepted)/sent,
			float64(answered)/done, commits, float64(p.Accepted)/sent/r.Raw, short(p.Calm.P50), short(p.Calm.P99), p.Urgent.Answered, short(p.Urgent.P50), short(p.Urgent.P99), short(p.Urgent.Slowest))
	}
	return b.String()
}

func short(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return d.Round(time.Millisecond).String()
}
