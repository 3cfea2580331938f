package storetest

import (
	"testing"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/store"
	"treem/channels"
)

// keptOf finds one kind of record in what is kept.
func keptOf(t *testing.T, s Subject, kind string, now time.Time) store.Kept {
	t.Helper()
	all, err := s.Store.Kept(t.Context(), store.Retention{Messages: 24 * time.Hour, Idle: 48 * time.Hour, Unanswered: 72 * time.Hour}, now)
	must(t, err)
	for _, one := range all {
		if one.Kind == kind {
			return one
		}
	}
	t.Fatalf("%q is not among what is kept: %v", kind, all)
	return store.Kept{}
}

// keptIsCounted: every kind of record is counted, and what outstays its time shows until it is removed.
func keptIsCounted(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	out := turn(m, c, "một")
	out.Unanswered = &bot.Unanswered{Text: "hỏi", Medium: "sms"}
	must(t, s.Store.SaveTurn(t.Context(), out))
	sent(t, s, claim(t, s, c.ID, start), "SM1")
	for _, step := range []struct {
		kind string
		at   time.Duration
		late int
	}{
		{"words of messages", 24 * time.Hour, 0}, // as long as upkeep may take
		{"words of messages", 26 * time.Hour, 1},
		{"words of replies", 26 * time.Hour, 1},
		{"addresses and memory of conversations", 26 * time.Hour, 0},
		{"addresses and memory of conversations", 50 * time.Hour, 1},
		{"unanswered questions", 50 * time.Hour, 0},
		{"unanswered questions", 74 * time.Hour, 1},
	} {
		got := keptOf(t, s, step.kind, start.Add(step.at))
		if got.N != 1 || got.Late != step.late || !got.Oldest.Equal(start) || got.Age == 0 {
			t.Errorf("%s after %s: %+v, want %d late", step.kind, step.at, got, step.late)
		}
	}
	now := start.Add(74 * time.Hour)
	must(t, s.Store.Forget(t.Context(), store.Retention{Messages: 24 * time.Hour, Idle: 48 * time.Hour, Unanswered: 72 * time.Hour}, now))
	for _, kind := range []string{"words of messages", "words of replies", "addresses and memory of conversations", "unanswered questions"} {
		if got := keptOf(t, s, kind, now); got.N != 0 || got.Late != 0 || !got.Oldest.IsZero() {
			t.Errorf("%s after they were removed: %+v", kind, got)
		}
	}
	if got := keptOf(t, s, "identifiers of messages, without words", now); got.N != 1 || got.Age != 0 {
		t.Errorf("identifiers: %+v", got)
	}
}

// closedCasesGo: a closed case goes with all that belongs to it when its time is over; an open one and a history by itself stay.
func closedCasesGo(t *testing.T, s Subject) {
	opened(t, s, "case-1", notice("n1", "telegram", "5551"))
	opened(t, s, "case-2")
	change(t, s, "case-1", func(c *handover.Case) { c.Status, c.Outcome, c.AckDue = handover.Closed, "helped", time.Time{} })
	if err := s.Exec(`DELETE FROM case_events`); err == nil {
		t.Error("the history of a case was removed")
	}
	year := store.Retention{Messages: time.Hour, Idle: time.Hour, Unanswered: time.Hour, Cases: 365 * 24 * time.Hour}
	left := func(r store.Retention, after time.Duration) (cases, late int) {
		all, err := s.Store.Kept(t.Context(), year, start.Add(after))
		must(t, err)
		must(t, s.Store.Forget(t.Context(), r, start.Add(after)))
		list, err := s.Store.Cases(t.Context(), false, 10)
		must(t, err)
		for _, one := range all {
			if one.Kind == "cases with their history" {
				late = one.Late
			}
		}
		return len(list), late
	}
	for _, step := range []struct {
		r           store.Retention
		after       time.Duration
		cases, late int
	}{{year, 364 * 24 * time.Hour, 2, 0}, {store.Retention{}, 367 * 24 * time.Hour, 2, 1}, {year, 367 * 24 * time.Hour, 1, 1}, {year, 367 * 24 * time.Hour, 1, 0}} {
		if n, late := left(step.r, step.after); n != step.cases || late != step.late {
			t.Errorf("after %s: %d cases left and %d late, want %d and %d", step.after, n, late, step.cases, step.late)
		}
	}
	_, err := s.Store.Case(t.Context(), "case-1")
	wantCode(t, err, bot.NotFound)
	if err := s.Exec(`DELETE FROM case_events`); err == nil {
		t.Error("the history of the open case was removed")
	}
}

// personIsOneConversation: who asks gets all that is stored about them, nothing about others, and nothing from before they
// took it off their screen.
func personIsOneConversation(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "bố đánh em")
	out := turn(m, c, "gọi 111")
	out.Unanswered = &bot.Unanswered{Text: "bố đánh em", Medium: "sms"}
	out.Case = opening(m, c, "case-1")
	must(t, s.Store.SaveTurn(t.Context(), out))
	_, _ = accept(t, s, "2", "bình", "hỏi khác")
	an := channels.Address{Channel: "test", ID: "an"}
	p, err := s.Store.Person(t.Context(), an, time.Time{})
	must(t, err)
	if len(p.Lines) != 2 || p.Lines[0].Text != "bố đánh em" || p.Lines[1].Text != "gọi 111" || len(p.Questions) != 1 || len(p.Cases) != 1 || p.Cases[0].Over || !p.Since.Equal(start) {
		t.Errorf("an: %+v", p)
	}
	p, err = s.Store.Person(t.Context(), an, start.Add(time.Minute))
	must(t, err)
	if len(p.Lines)+len(p.Questions)+len(p.Cases) != 0 {
		t.Errorf("an, who hid all of it: %+v", p)
	}
	_, err = s.Store.Person(t.Context(), channels.Address{Channel: "test", ID: "chi"}, time.Time{})
	wantCode(t, err, bot.NotFound)
}
