package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/handover"
	"treem/bot/report"
	"treem/bot/store"
	"treem/bot/triage"
	"treem/channels"
)

// year holds start, and the days that the cases below count on.
var year = report.Period{From: day(2026, 1, 1), Until: day(2027, 1, 1)}

func day(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, time.FixedZone("ICT", 7*60*60))
}

func facts(t *testing.T, s Subject, p report.Period) report.Facts {
	t.Helper()
	f, err := s.Store.Facts(t.Context(), p)
	must(t, err)
	return f
}

// counted handles one message at a moment and counts it.
func counted(t *testing.T, s Subject, id string, at time.Time, tally bot.Tally) {
	t.Helper()
	m, c := accept(t, s, id, "an", "hỏi")
	tn := turn(m, c)
	tn.Tally, tn.At = tally, at
	must(t, s.Store.SaveTurn(t.Context(), tn))
}

// turnsAreCounted: by day in Viet Nam, channel, kind, topic and entry; the commune apart from all of these.
func turnsAreCounted(t *testing.T, s Subject) {
	if f := facts(t, s, year); !f.Since.IsZero() || len(f.Turns) != 0 || len(f.Communes) != 0 {
		t.Errorf("an empty store holds %+v", f)
	}
	answer := bot.Tally{Kind: dialogue.KindAnswer, Topic: "rights", Entry: "rights-list", Commune: "21583"}
	before := time.Date(2026, 11, 24, 16, 59, 0, 0, time.UTC) // one minute to midnight in Viet Nam
	counted(t, s, "1", before, answer)
	counted(t, s, "2", before, answer)
	counted(t, s, "3", before.Add(2*time.Minute), answer)
	counted(t, s, "4", before, bot.Tally{Kind: dialogue.KindUnknown, Commune: "21601"})
	counted(t, s, "5", before, bot.Tally{})
	f := facts(t, s, year)
	if want := []report.Turns{{Day: "2026-11-24", Channel: "test", Kind: "answer", Topic: "rights", N: 2}, {Day: "2026-11-24", Channel: "test", Kind: "unknown", N: 1},
		{Day: "2026-11-25", Channel: "test", Kind: "answer", Topic: "rights", N: 1}}; !reflect.DeepEqual(f.Turns, want) {
		t.Errorf("turns %+v, want %+v", f.Turns, want)
	}
	if want := []report.Entry{{ID: "rights-list", N: 3}}; !reflect.DeepEqual(f.Entries, want) {
		t.Errorf("entries %+v, want %+v", f.Entries, want)
	}
	if want := map[string]int{"21583": 3, "21601": 1}; !reflect.DeepEqual(f.Communes, want) {
		t.Errorf("communes %v, want %v", f.Communes, want)
	}
	if !f.Since.Equal(day(2026, 11, 24)) {
		t.Errorf("counted since %s", f.Since)
	}
	one := facts(t, s, report.Period{From: day(2026, 11, 25), Until: day(2026, 11, 26)})
	if len(one.Turns) != 1 || one.Turns[0].N != 1 || len(one.Entries) != 1 || one.Entries[0].N != 1 {
		t.Errorf("one day reads %+v", one)
	}
	if next := facts(t, s, report.Period{From: day(2027, 1, 1), Until: day(2028, 1, 1)}); len(next.Turns)+len(next.Entries)+len(next.Communes) != 0 {
		t.Errorf("another year reads %+v", next)
	}
}

// countsAreAllOrNothing: a turn that is not stored is not counted, and one that is stored is counted once.
func countsAreAllOrNothing(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	tn := turn(m, c, "đáp")
	tn.Tally = bot.Tally{Kind: dialogue.KindAnswer, Topic: "rights", Entry: "e", Commune: "21583"}
	s.Fail(errors.New("the queue is down"))
	if err := s.Store.SaveTurn(t.Context(), tn); err == nil {
		t.Fatal("the turn was stored")
	}
	if f := facts(t, s, year); len(f.Turns)+len(f.Entries)+len(f.Communes) != 0 {
		t.Errorf("a turn that was not stored is counted: %+v", f)
	}
	s.Fail(nil)
	must(t, s.Store.SaveTurn(t.Context(), tn))
	wantCode(t, s.Store.SaveTurn(t.Context(), tn), bot.Conflict)
	if f := facts(t, s, year); len(f.Turns) != 1 || f.Turns[0].N != 1 || f.Entries[0].N != 1 || f.Communes["21583"] != 1 {
		t.Errorf("counted %+v, want each once", f)
	}
}

// countsOutliveTheWords: erasing and retention leave the counts, and the counts hold no words.
func countsOutliveTheWords(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "điều thầm kín")
	tn := turn(m, c, "đáp thầm kín")
	tn.Tally, tn.Erase = bot.Tally{Kind: dialogue.KindAnswer, Topic: "abuse", Entry: "e"}, true
	tn.Feedback = &bot.Feedback{Entry: "e", Helpful: true}
	must(t, s.Store.SaveTurn(t.Context(), tn))
	sent(t, s, claim(t, s, c.ID, start), "")
	must(t, s.Store.Forget(t.Context(), store.Retention{}, start.AddDate(1, 0, 0)))
	if f := facts(t, s, year); len(f.Turns) != 1 || f.Turns[0].N != 1 || len(f.Entries) != 1 || f.Helpful != 1 || f.Unhelpful != 0 {
		t.Errorf("after forgetting: %+v", f)
	}
	if bytes.Contains(s.Raw(), []byte("thầm kín")) {
		t.Error("words are readable on disk")
	}
}

// smsAreCounted: once the provider took them, with their segments; those that failed are not paid.
func smsAreCounted(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một", "hai", "ba")))
	for i, o := range []bot.Outcome{
		{Delivery: channels.DeliverySent, ProviderID: "p0", Encoding: "gsm7", Segments: 2},
		{Delivery: channels.DeliverySent, ProviderID: "p1", Encoding: "gsm7", Segments: 1},
		{Delivery: channels.DeliveryFailed, Code: "no"},
	} {
		r := claim(t, s, c.ID, start)
		must(t, s.Store.SaveOutcome(t.Context(), r, o, start))
		must(t, s.Store.SaveReceipt(t.Context(), channels.Receipt{Channel: "test", ProviderID: fmt.Sprintf("p%d", i), Delivery: channels.DeliveryDelivered}, start))
	}
	if got, want := facts(t, s, year).SMS, []report.SMS{{Channel: "test", Encoding: "gsm7", Messages: 2, Segments: 3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("SMS %+v, want %+v", got, want)
	}
}

// casesAreFacts: when somebody took a case and first spoke with the person, whether a deadline had passed before, and
// what an officer judged, come from the record and its history.
func casesAreFacts(t *testing.T, s Subject) {
	c := opened(t, s, "one")
	minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	c.Version, c.Status, c.Outcome, c.Consent.Commune = 2, handover.Closed, "helped", "21583"
	c.Human = &handover.Assessment{Level: triage.Emergency, Category: "sexual_abuse", By: "lan"}
	c.UpdatedAt, c.AckDue = minute(9), time.Time{}
	events := []handover.Event{{Action: handover.ActionOverdue, Actor: handover.Machine, At: minute(1)}, {Action: handover.ActClaim, Actor: "lan", At: minute(2)},
		{Action: handover.ActNote, Actor: "lan", At: minute(3)}, {Action: handover.ActCall, Actor: "lan", At: minute(4)}, {Action: handover.ActRelease, Actor: "lan", At: minute(5)},
		{Action: handover.ActClaim, Actor: "minh", At: minute(6)}, {Action: handover.ActReply, Actor: "minh", At: minute(7)}}
	must(t, s.Store.SaveCase(t.Context(), bot.CaseUpdate{Case: c, Events: events, At: minute(9)}))
	want := []report.Case{{Level: "emergency", Category: "sexual_abuse", Channel: "test", Status: "closed", Outcome: "helped", Commune: "21583",
		OpenedAt: start, TakenAt: minute(2), SpokenAt: minute(4), Overdue: true}}
	if got := facts(t, s, year).Cases; !reflect.DeepEqual(got, want) {
		t.Errorf("cases %+v, want %+v", got, want)
	}
	for _, p := range []report.Period{{From: day(2025, 1, 1), Until: start}, {From: start.Add(time.Millisecond), Until: day(2027, 1, 1)}} {
		if got := facts(t, s, p).Cases; len(got) != 0 {
			t.Errorf("%v has %+v", p, got)
		}
	}
}
