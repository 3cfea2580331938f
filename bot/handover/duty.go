package handover

import (
	"slices"
	"strings"
	"time"

	"treem/bot/roster"
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
	Targets []string // names of the targets
	Chat    string   // name of the target whose chat is the duty group; its members are officers named "chat:number"
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

// Reach finds the private chat of a member of the duty group. An administrator who hides behind the group has none: its
// number, which begins with "-", is the group's, where nobody's words may go.
func (a Always) Reach(officer string) (Recipient, bool) {
	to, ok := strings.CutPrefix(officer, a.Chat+":")
	if !ok || a.Chat == "" || to == "" || to[0] == '-' {
		return Recipient{}, false
	}
	return Recipient{Target: a.Chat, To: to, Officer: officer}, true
}

// Next is now.
func (a Always) Next(_ string, at time.Time) time.Time { return at }

// Shifts is the duty of a service with a roster. The configured targets are told of every case; beside them the officers
// on duty, each at the addresses they have.
type Shifts struct {
	Roster *roster.Roster
	Always
	SMS, Mail string // names of the targets that take telephone numbers and e-mail addresses; empty: none does
}

// Tell returns the configured targets and the officers of the tier who are on duty.
func (s Shifts) Tell(commune string, at time.Time, tier int) []Recipient {
	return s.with(s.Roster.OnDuty(tier, commune, at))
}

// LastTier is the roster's.
func (s Shifts) LastTier(string) int { return max(0, s.Roster.Tiers()-1) }

// Everyone is the configured targets and all officers.
func (s Shifts) Everyone() []Recipient { return s.with(s.Roster.Officers()) }

func (s Shifts) with(officers []roster.Officer) []Recipient {
	all := s.Always.Everyone()
	for _, o := range officers {
		for _, way := range []Recipient{{s.Chat, o.Telegram, o.ID}, {s.SMS, o.SMS, o.ID}, {s.Mail, o.Email, o.ID}} {
			if way.Target != "" && way.To != "" {
				all = append(all, way)
			}
		}
	}
	return all
}

// Reach finds an officer's private chat, the only place where they are sent what a person wrote.
func (s Shifts) Reach(officer string) (Recipient, bool) {
	for _, o := range s.Roster.Officers() {
		if o.ID == officer && o.Telegram != "" && s.Chat != "" {
			return Recipient{s.Chat, o.Telegram, o.ID}, true
		}
	}
	return s.Always.Reach(officer)
}

// Next asks the roster.
func (s Shifts) Next(commune string, at time.Time) time.Time { return s.Roster.Next(commune, at) }

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
