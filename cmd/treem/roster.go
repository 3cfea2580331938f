package main

import (
	"context"
	"os"
	"sync"
	"time"

	"treem/bot"
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
	shifts  handover.Shifts // its Roster is nil while there is none
	version int64           // of the stored roster in use; 0: it comes from the file, or there is none
}

// newRosters takes the desk's roster over. Without one the desk stays as it is until the next start.
func newRosters(desk *bot.Desk, s *store.Store, file string, version int64) (*rosters, error) {
	places, err := kb.ReadCommunes(content.FS)
	r := &rosters{store: s, file: file, places: places, version: version}
	if shifts, ok := desk.Duty.(handover.Shifts); ok {
		r.shifts = shifts
		desk.Duty, desk.Officers = r, r
	}
	return r, err
}

func (r *rosters) current() handover.Shifts {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.shifts
}

// refresh takes up a roster that another process, or the console, stored.
func (r *rosters) refresh(ctx context.Context) error {
	text, version, err := r.store.Roster(ctx)
	r.mu.RLock()
	same := version == r.version || r.shifts.Roster == nil
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
	return r.current().Tell(commune, at, tier)
}

// LastTier implements handover.Duty.
func (r *rosters) LastTier(commune string) int { return r.current().LastTier(commune) }

// Everyone implements handover.Duty.
func (r *rosters) Everyone() []handover.Recipient { return r.current().Everyone() }

// Reach implements handover.Duty.
func (r *rosters) Reach(officer string) (handover.Recipient, bool) { return r.current().Reach(officer) }

// Next implements handover.Duty.
func (r *rosters) Next(commune string, at time.Time) time.Time { return r.current().Next(commune, at) }

// Officer implements bot.Officers.
func (r *rosters) Officer(a channels.Address) (string, bool) {
	return officers{r.current().Roster}.Officer(a)
}

// Name implements bot.Officers.
func (r *rosters) Name(id string) string { return officers{r.current().Roster}.Name(id) }

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
func (r *rosters) OnDuty(at time.Time) (tiers []console.Tier, next time.Time) {
	in := r.current().Roster
	if in == nil {
		return nil, time.Time{}
	}
	for n := range in.Tiers() {
		t := console.Tier{Name: in.TierName(n)}
		for _, o := range in.OnDuty(n, "", at) {
			t.Officers = append(t.Officers, nameOf(o))
		}
		tiers = append(tiers, t)
	}
	return tiers, in.Next("", at)
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
