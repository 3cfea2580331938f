// Package roster says who is on duty: which officers are told of a case in a commune at a time, who is told next if
// nobody takes it, and when somebody is there again. It is pure; the roster itself is a file that the people on duty
// write, see README.md.
package roster

import (
	"slices"
	"time"
)

// Officer is one person on duty and how to reach them.
type Officer struct {
	ID       string `yaml:"id"`       // short name used in histories, e.g. "lan"
	Name     string `yaml:"name"`     // as colleagues see it
	Telegram string `yaml:"telegram"` // numeric user id; the officer must have started the bot once
	SMS      string `yaml:"sms"`      // +84…
	Email    string `yaml:"email"`
}

// Roster is who is on duty when. It never changes after Parse.
type Roster struct {
	zone     *time.Location
	officers []Officer
	tiers    []tier
	holidays map[string]bool // "2027-01-01"
}

type tier struct {
	name   string
	shifts []shift
}

// shift is a span of hours on some days. One that ends at or before its beginning goes over midnight and belongs to the
// day on which it begins.
type shift struct {
	days     [7]bool
	from, to int      // minutes since midnight
	holidays bool     // held on holidays too
	communes []string // codes; empty: all
	officers []int
}

// Tiers is how many tiers there are; the tier behind the last is everybody.
func (r *Roster) Tiers() int { return len(r.tiers) }

// TierName is the tier's own name; "" behind the last.
func (r *Roster) TierName(n int) string {
	if n < 0 || n >= len(r.tiers) {
		return ""
	}
	return r.tiers[n].name
}

// Officers lists everybody.
func (r *Roster) Officers() []Officer { return slices.Clone(r.officers) }

// ByTelegram finds an officer by Telegram's number for them.
func (r *Roster) ByTelegram(user string) (Officer, bool) {
	i := slices.IndexFunc(r.officers, func(o Officer) bool { return user != "" && o.Telegram == user })
	if i < 0 {
		return Officer{}, false
	}
	return r.officers[i], true
}

// OnDuty lists the officers of a tier who are on duty for a commune; an empty code means that the commune is not known,
// and then every shift counts. Behind the last tier it is everybody, whatever the hour.
func (r *Roster) OnDuty(tier int, commune string, at time.Time) []Officer {
	if tier >= len(r.tiers) {
		return r.Officers()
	}
	var on []Officer
	for _, s := range r.tiers[max(tier, 0)].shifts {
		if !s.covers(commune) || !r.holds(s, at) {
			continue
		}
		for _, i := range s.officers {
			if !slices.Contains(on, r.officers[i]) {
				on = append(on, r.officers[i])
			}
		}
	}
	return on
}

// Next is when somebody of the first tier is on duty for the commune: at itself if somebody is, the beginning of the next
// shift within four weeks, or zero.
func (r *Roster) Next(commune string, at time.Time) time.Time {
	if len(r.OnDuty(0, commune, at)) > 0 {
		return at
	}
	if len(r.tiers) == 0 {
		return time.Time{}
	}
	var next time.Time
	local := at.In(r.zone)
	for day := range 28 {
		for _, s := range r.tiers[0].shifts {
			begins := time.Date(local.Year(), local.Month(), local.Day()+day, 0, s.from, 0, 0, r.zone)
			if s.covers(commune) && begins.After(at) && r.holds(s, begins) && (next.IsZero() || begins.Before(next)) {
				next = begins
			}
		}
		if !next.IsZero() {
			return next
		}
	}
	return next
}

// Change is when others come on duty in a tier after a time, or nobody does: the first such moment within four weeks; zero:
// the same people stay.
func (r *Roster) Change(tier int, at time.Time) time.Time {
	now := r.OnDuty(tier, "", at)
	local := at.In(r.zone)
	var next time.Time
	for day := range 28 {
		for _, s := range r.tiers[tier].shifts {
			for _, minute := range []int{s.from, s.to} {
				m := time.Date(local.Year(), local.Month(), local.Day()+day, 0, minute, 0, 0, r.zone)
				if m.After(at) && (next.IsZero() || m.Before(next)) && !slices.Equal(r.OnDuty(tier, "", m), now) {
					next = m
				}
			}
		}
		if !next.IsZero() {
			break
		}
	}
	return next
}

func (s shift) covers(commune string) bool {
	return len(s.communes) == 0 || commune == "" || slices.Contains(s.communes, commune)
}

// holds says whether a shift is under way: begun today, or yesterday and over midnight.
func (r *Roster) holds(s shift, at time.Time) bool {
	local := at.In(r.zone)
	minute := local.Hour()*60 + local.Minute()
	if s.from < s.to {
		return r.begins(s, local) && s.from <= minute && minute < s.to
	}
	return minute >= s.from && r.begins(s, local) || minute < s.to && r.begins(s, local.AddDate(0, 0, -1))
}

// begins says whether a shift begins on a day.
func (r *Roster) begins(s shift, day time.Time) bool {
	if r.holidays[day.Format(time.DateOnly)] && !s.holidays {
		return false
	}
	return s.days[day.Weekday()]
}
