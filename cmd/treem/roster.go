package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"treem/bot/console"
	"treem/bot/handover"
	"treem/bot/roster"
	"treem/bot/staff"
	"treem/bot/store"
	"treem/channels"
	"treem/kb"
	"treem/kb/content"
)

// rosters is the duty roster in use, which the console may change while the service runs. It stands in the desk as its
// duty and its officers, and implements console.Rosters.
type rosters struct {
	store  *store.Store
	file   string // of the settings; empty: none
	places *kb.Communes

	mu      sync.RWMutex
	shifts  handover.Shifts // its Roster is nil while there is none: those are told who always are
	version int64           // of the stored roster in use; 0: it comes from the file, or there is none
}

// openRosters takes up the roster that was stored last, or that of the file.
func openRosters(ctx context.Context, s *store.Store, file string, shifts handover.Shifts) (*rosters, error) {
	places, err := kb.ReadCommunes(content.FS)
	if err != nil {
		return nil, err
	}
	r := &rosters{store: s, file: file, places: places, shifts: shifts}
	text, version, err := r.Roster(ctx)
	if err != nil {
		return nil, fmt.Errorf("hotline.roster: %w", err)
	}
	if text == "" {
		return r, nil
	}
	r.version = version
	r.shifts.Roster, err = parseRoster([]byte(text), places)
	return r, err
}

func (r *rosters) current() handover.Shifts {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.shifts
}

// duty is who is told now.
func (r *rosters) duty() handover.Duty {
	if now := r.current(); now.Roster != nil {
		return now
	}
	return r.current().Always
}

// refresh takes up a roster that another process, or the console, stored.
func (r *rosters) refresh(ctx context.Context) error {
	text, version, err := r.store.Roster(ctx)
	r.mu.RLock()
	same := version == r.version
	r.mu.RUnlock()
	if err != nil || same {
		return err
	}
	parsed, err := parseRoster([]byte(text), r.places)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shifts.Roster, r.version = parsed, version
	return nil
}

// Tell implements handover.Duty.
func (r *rosters) Tell(commune string, at time.Time, tier int) []handover.Recipient {
	return r.duty().Tell(commune, at, tier)
}

// LastTier implements handover.Duty.
func (r *rosters) LastTier(commune string) int { return r.duty().LastTier(commune) }

// Everyone implements handover.Duty.
func (r *rosters) Everyone() []handover.Recipient { return r.duty().Everyone() }

// Reach implements handover.Duty.
func (r *rosters) Reach(officer string) (handover.Recipient, bool) { return r.duty().Reach(officer) }

// Next implements handover.Duty.
func (r *rosters) Next(commune string, at time.Time) time.Time { return r.duty().Next(commune, at) }

// Officer implements bot.Officers.
func (r *rosters) Officer(a channels.Address) (string, bool) {
	if in := r.current().Roster; in != nil {
		return officers{in}.Officer(a)
	}
	return "", false
}

// Name implements bot.Officers.
func (r *rosters) Name(id string) string {
	if in := r.current().Roster; in != nil {
		return officers{in}.Name(id)
	}
	return ""
}

// Roster implements console.Rosters.
func (r *rosters) Roster(ctx context.Context) (string, int64, error) {
	text, version, err := r.store.Roster(ctx)
	if err != nil || version > 0 || r.file == "" {
		return text, version, err
	}
	data, err := os.ReadFile(r.file)
	return string(data), 0, err
}

// Check implements console.Rosters.
func (r *rosters) Check(text string) error {
	_, err := parseRoster([]byte(text), r.places)
	return err
}

// OnDuty implements console.Rosters.
func (r *rosters) OnDuty(at time.Time) []console.Tier {
	in := r.current().Roster
	if in == nil {
		return nil
	}
	var tiers []console.Tier
	for n := range in.Tiers() {
		t := console.Tier{Name: in.TierName(n), Officers: namesOf(in.OnDuty(n, "", at)), From: in.Change(n, at)}
		if !t.From.IsZero() {
			t.Then = namesOf(in.OnDuty(n, "", t.From))
		}
		tiers = append(tiers, t)
	}
	return tiers
}

func namesOf(all []roster.Officer) (names []string) {
	for _, o := range all {
		names = append(names, nameOf(o))
	}
	return names
}

func nameOf(o roster.Officer) string {
	if o.Name != "" {
		return o.Name
	}
	return o.ID
}

// Save implements console.Rosters.
func (r *rosters) Save(ctx context.Context, text string, over int64, line staff.Record) error {
	if err := r.store.SaveRoster(ctx, text, over, line); err != nil {
		return err
	}
	return r.refresh(ctx)
}
