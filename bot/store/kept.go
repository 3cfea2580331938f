package store

import (
	"context"
	"database/sql"
	"time"
)

// Kept says how much of one kind of record is stored.
type Kept struct {
	Kind   string
	Age    time.Duration // how long it may be kept; 0: without end
	N      int
	Oldest time.Time // zero: there is none
	Late   int       // how many should have been removed by now
}

// keptGrace is how much later than its time something may be removed: upkeep runs twice a minute while the service does.
const keptGrace = time.Hour

// Kept lists every kind of record that is about people, with its retention. It reads numbers and times only.
func (s *Store) Kept(ctx context.Context, r Retention, now time.Time) ([]Kept, error) {
	var all []Kept
	for _, k := range []struct {
		kind, from, at, late string // late: the condition for being past its time, given the time before which it ended
		age                  time.Duration
	}{
		{"words of messages", `inbox WHERE body_sealed IS NOT NULL`, `received_at`, `handled_at <= $1`, r.Messages},
		{"words of replies", `outbox WHERE body_sealed IS NOT NULL`, `created_at`, `delivery NOT IN ('queued', 'sending') AND updated_at <= $1`, r.Messages},
		{"notices to the people on duty", `notices WHERE body_sealed IS NOT NULL`, `created_at`, `delivery NOT IN ('queued', 'sending') AND updated_at <= $1`, r.Messages},
		{"addresses and memory of conversations", `conversations WHERE address_hash IS NOT NULL`, `updated_at`, `NOT erasing AND updated_at <= $1`, r.Idle},
		{"unanswered questions", `unanswered`, `asked_at`, `asked_at <= $1`, r.Unanswered},
		{"corrections of the alarm, masked", `corrections`, `at`, `at <= $1`, r.Unanswered},
		{"cases with their history", `cases`, `opened_at`, `status = 'closed' AND updated_at <= $1`, r.Cases},
		{"audit log of the console", `audit`, `at`, ``, 0},
		{"identifiers of messages, without words", `inbox WHERE body_sealed IS NULL`, `received_at`, ``, 0},
	} {
		one := Kept{Kind: k.kind, Age: k.age}
		var oldest sql.NullInt64
		late, args := `0`, []any{}
		if k.late != "" && k.age > 0 {
			late, args = `COALESCE(SUM(CASE WHEN `+k.late+` THEN 1 ELSE 0 END), 0)`, []any{millis(now.Add(-k.age - keptGrace))}
		}
		if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*), MIN(`+k.at+`), `+late+` FROM `+k.from, args...).Scan(&one.N, &oldest, &one.Late); err != nil {
			return nil, wrap("list what is kept", err)
		}
		if oldest.Valid {
			one.Oldest = fromMillis(oldest.Int64)
		}
		all = append(all, one)
	}
	return all, nil
}
