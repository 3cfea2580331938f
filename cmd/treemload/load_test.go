package main

import (
	"testing"
	"time"

	"treem/bot/store/pgtest"
)

// TestLoad is a short load on each engine: nothing is lost, and who is in danger is answered in a flood too.
func TestLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and starts the program; not with -short")
	}
	try := func(s settings) func(*testing.T) {
		return func(t *testing.T) {
			r, err := run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("\n%s", r)
			for _, p := range r.Phases[:2] {
				if p.Accepted != p.Offered || p.Calm.Answered+p.Urgent.Answered != p.Offered {
					t.Errorf("%s: %d offered, %d kept, %d answered", p.Name, p.Offered, p.Accepted, p.Calm.Answered+p.Urgent.Answered)
				}
			}
			if flood := r.Phases[2]; flood.Urgent.Answered == 0 || flood.Urgent.Slowest > 5*time.Second {
				t.Errorf("in the flood %d people in danger were answered, the slowest within %s", flood.Urgent.Answered, flood.Urgent.Slowest)
			}
		}
	}
	short := settings{processes: 1, phase: time.Second, urgent: .05, writers: 8, crowd: 100, byTelegram: .1, seed: 1}
	t.Run("SQLite", try(short))
	t.Run("Hundredfold", func(t *testing.T) {
		much := short
		much.sender, much.phase = 1, 3*time.Second
		r, err := run(t.Context(), much)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("\n%s", r)
		many := r.Phases[1]
		if calm := many.Offered - many.Urgent.Answered; calm < 50*int(much.phase/time.Second) || many.Urgent.Answered == 0 || many.Urgent.Slowest > 5*time.Second {
			t.Errorf("%d messages came; %d people in danger were answered, the slowest within %s", calm, many.Urgent.Answered, many.Urgent.Slowest)
		}
	})
	t.Run("Postgres", func(t *testing.T) {
		two := short
		two.database, two.processes = pgtest.Start(t).Database(), 2
		try(two)(t)
	})
}

// BenchmarkLoad is the whole load, once: go test ./cmd/treemload -run '^$' -bench Load -benchtime 1x -v
func BenchmarkLoad(b *testing.B) {
	whole := settings{processes: 1, phase: 10 * time.Second, urgent: .05, writers: 32, crowd: 500, byTelegram: .02, seed: 1}
	for name, set := range map[string]func(*testing.B, *settings){
		"SQLite":     func(*testing.B, *settings) {},
		"Postgres/1": func(b *testing.B, s *settings) { s.database = pgtest.Start(b).Database() },
		"Postgres/2": func(b *testing.B, s *settings) { s.database, s.processes = pgtest.Start(b).Database(), 2 },
	} {
		b.Run(name, func(b *testing.B) {
			s := whole
			set(b, &s)
			for range b.N {
				r, err := run(b.Context(), s)
				if err != nil {
					b.Fatal(err)
				}
				b.Logf("\n%s", r)
				full, flood := r.Phases[1], r.Phases[2]
				b.ReportMetric(float64(full.Accepted)/full.Lasted.Seconds()/r.Raw, "kept/raw")
				b.ReportMetric(float64(full.Calm.Answered+full.Urgent.Answered)/full.Done.Seconds(), "answers/s")
				b.ReportMetric(flood.Urgent.Slowest.Seconds(), "flood-urgent-slowest-s")
			}
		})
	}
}
