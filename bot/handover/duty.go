package handover

import (
	"slices"
	"time"
)

// Recipient is one place a notice goes to.
type Recipient struct {
	Target  string `json:"target"`            // name of the target
	To      string `json:"to,omitempty"`      // address at the target; empty: the target's configured one
	Officer string `json:"officer,omitempty"` // whose address it is; empty: a shared one
}

// Duty says who is to be told of a case. A roster implements it.
type Duty interface {
	// Tell returns who is told at a tier, from 0, of a case in a commune; an empty commune is not known. Nobody: that
	// tier has no one on duty at that time.
	Tell(commune string, at time.Time, tier int) []Recipient
	// LastTier is the highest tier for a commune, 0 if there is one only.
	LastTier(commune string) int
	// Everyone is all who can be told, whatever the time.
	Everyone() []Recipient
	// Reach is how one officer alone is reached with what a person wrote; false: in no way.
	Reach(officer string) (Recipient, bool)
	// Next is when somebody is on duty: at itself if somebody is now; zero if that is not known.
	Next(commune string, at time.Time) time.Time
}

// Always is the duty of a service without a roster: every configured target, one tier, at any time.
type Always struct {
	Targets []string                               // names of the targets
	Private func(officer string) (Recipient, bool) // nil: officers are reached in no way of their own
}

// Tell returns every target.
func (a Always) Tell(string, time.Time, int) []Recipient { return a.Everyone() }

// LastTier is 0.
func (a Always) LastTier(string) int { return 0 }

// Everyone returns every target.
func (a Always) Everyone() []Recipient {
	all := make([]Recipient, 0, len(a.Targets))
	for _, t := range a.Targets {
		all = append(all, Recipient{Target: t})
	}
	return all
}

// Reach asks Private.
func (a Always) Reach(officer string) (Recipient, bool) {
	if a.Private == nil || officer == "" {
		return Recipient{}, false
	}
	return a.Private(officer)
}

// Next is now.
func (a Always) Next(_ string, at time.Time) time.Time { return at }

// shared are the recipients that are no single officer's: what concerns everybody who was told, and other programs.
func shared(told []Recipient) []Recipient {
	return slices.DeleteFunc(slices.Clone(told), func(r Recipient) bool { return r.Officer != "" })
}

// join adds the recipients that are not yet among told.
func join(told, more []Recipient) (all, added []Recipient) {
	all = slices.Clone(told)
	for _, r := range more {
		if !slices.Contains(all, r) {
			all, added = append(all, r), append(added, r)
		}
	}
	return all, added
}
