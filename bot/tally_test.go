package bot_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"treem/bot/dialogue"
	"treem/bot/report"
)

// TestTurnsAreTallied talks with the bot and reads what was counted: questions by what they were about, an entry each time
// it was the answer, and the commune once the person had told it, apart from the rest.
func TestTurnsAreTallied(t *testing.T) {
	b := newBench(t)
	b.Responder.Duty = func(time.Time) dialogue.Duty { return dialogue.Duty{Reachable: true, Now: true} }
	say := func(texts ...string) {
		for _, text := range texts {
			b.write(text)
			if err := b.Handle(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	facts := func() report.Facts {
		p, err := report.Year(2026, b.clock().AddDate(0, 0, 2))
		if err != nil {
			t.Fatal(err)
		}
		f, err := b.store.Facts(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	say("tre may tuoi duoc di lam", "dieu 25 luat tre em", "xe tăng nặng bao nhiêu tấn", "xin chào", "menu")
	got := map[string]int{}
	for _, c := range facts().Turns {
		if c.Day != "2026-11-24" || c.Channel != "telegram" {
			t.Errorf("counted as %+v", c)
		}
		got[strings.TrimSuffix(c.Kind+" "+c.Topic, " ")] += c.N
	}
	if want := map[string]int{"answer rights": 1, "answer law": 1, "unknown": 1, "smalltalk": 1, "command": 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	if f := facts(); len(f.Communes) != 0 || len(f.Entries) != 2 || !strings.Contains(fmt.Sprint(f.Entries), "{labour-min-age 1}") {
		t.Errorf("communes %v, entries %v", f.Communes, f.Entries)
	}
	say("ba con quanh con hoai, con dau lam")
	say("có", "có", "trưa", "không", "Phường Quy Nhơn Nam") // contact, safe, when, shared, where
	if c := facts().Cases; len(c) != 1 || c[0].Commune != "21592" || c[0].Level != "urgent" || c[0].Category != "physical_abuse" {
		t.Fatalf("cases %+v", c)
	}
	told := facts().Communes["21592"]
	b.wait(time.Hour)
	say("tre may tuoi duoc di lam")
	if f := facts(); told != 0 || f.Communes["21592"] != 1 || len(f.Communes) != 1 {
		t.Errorf("communes %v, %d before the question; want one question of 21592", f.Communes, told)
	}
	say("XÓA")
	say("tre may tuoi duoc di lam")
	if f := facts(); f.Communes["21592"] != 1 {
		t.Errorf("communes %v: the commune was remembered after the person asked to be forgotten", f.Communes)
	}
}
