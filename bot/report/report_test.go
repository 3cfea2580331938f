package report

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func table(counts ...int) Table {
	var t Table
	for i, n := range counts {
		t.Rows = append(t.Rows, Row{fmt.Sprint(i), n})
		t.Total += n
	}
	return t
}

// seen is a table as a reader sees it.
func seen(t Table) string {
	var out []int
	for _, r := range t.Rows {
		out = append(out, r.N)
	}
	return fmt.Sprint(append(out, t.Total))
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		counts []int
		want   string
	}{
		{[]int{0, 1, 2, 3, 4, 5, 7, 8, 12, 13}, "[0 0 0 5 5 5 5 10 10 15 55]"},
		{[]int{6, 6, 4}, "[5 5 5 15]"},
		{[]int{2, 2, 2, 2}, "[0 0 0 0 0]"},
		{nil, "[0]"},
	} {
		if got := seen(Round(table(c.counts...))); got != c.want {
			t.Errorf("%v shows %s, want %s", c.counts, got, c.want)
		}
	}
}

// TestAttack is somebody who knows how Round works and tries every table that would show what they see: nowhere may a number
// be the only one possible.
func TestAttack(t *testing.T) {
	const top = 9 // numbers tried, 0 to 9
	shown := map[string][][]int{}
	var try func(counts []int, n int)
	try = func(counts []int, n int) {
		if n == 0 {
			key := seen(Round(table(counts...)))
			shown[key] = append(shown[key], append([]int(nil), counts...))
			return
		}
		for i := range top + 1 {
			try(append(counts, i), n-1)
		}
	}
	for n := 1; n <= 4; n++ {
		try(nil, n)
	}
	for key, possible := range shown {
		for i := range possible[0] {
			values := map[int]bool{}
			for _, counts := range possible {
				values[counts[i]] = true
			}
			if len(values) < 2 {
				t.Errorf("%s: number %d can only be %d", key, i, possible[0][i])
			}
		}
	}
}

var year = Period{From: time.Date(2026, 1, 1, 0, 0, 0, 0, vietnam), Until: time.Date(2026, 11, 20, 0, 0, 0, 0, vietnam)}

func TestMake(t *testing.T) {
	opened := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	f := Facts{Since: year.From.AddDate(0, 1, 0), Helpful: 7, Unhelpful: 3,
		Turns: []Turns{{"2026-03-02", "web", "answer", "rights", 8}, {"2026-03-04", "kannel", "choices", "support", 6}, {"2026-03-11", "web", "unknown", "", 4},
			{"2026-03-11", "web", "command", "", 9}, {"2026-03-12", "web", "answer", "", 2}},
		Communes: map[string]int{"21853": 12, "21862": 2, "21871": 9},
		SMS:      []SMS{{"kannel", "gsm7", 6, 11}}}
	for i := range 21 {
		c := Case{Level: "urgent", Category: "bullying", Status: "closed", Outcome: "helped", OpenedAt: opened, TakenAt: opened.Add(time.Duration(i+1) * time.Minute)}
		if i < 2 {
			c.Category, c.Commune = "neglect_abandon", "21853"
		}
		f.Cases = append(f.Cases, c)
	}
	r := Make(f, year, 300, map[string][]string{"topic": {"rights", "drowning", "abuse", "support"}, "category": {"bullying", "neglect_abandon", "runaway"}}, year.Until)
	if r.Questions != 20 || r.Unknown != 4 || r.Segments != 11 || r.Cost != 3300 || !r.Since.Equal(f.Since) {
		t.Errorf("questions %d, unknown %d, segments %d, cost %v, since %v", r.Questions, r.Unknown, r.Segments, r.Cost, r.Since)
	}
	if got := fmt.Sprint(r.ByTopic.Rows); got != "[{rights 8} {drowning 0} {abuse 0} {support 6} {other 2}]" {
		t.Errorf("topics %s", got)
	}
	week := map[string]int{}
	for _, row := range r.ByWeek.Rows {
		week[row.Key] = row.N
	}
	if week["2026-03-02"] != 14 || week["2026-03-09"] != 6 || len(r.ByWeek.Rows) != len(year.Weeks()) {
		t.Errorf("weeks %v", r.ByWeek.Rows)
	}
	if got := seen(r.ByCommune); got != "[10 0 10 20]" {
		t.Errorf("communes %s", got)
	}
	if got := seen(r.ByCategory); got != "[20 0 0 20]" || r.Cases != 20 {
		t.Errorf("categories %s", got)
	}
	if r.Contact.Median != 11*time.Minute || r.Contact.P90 != 19*time.Minute || r.Contact.InTime != 1 || !r.Contact.Enough {
		t.Errorf("contact %+v", r.Contact)
	}
	if few := Make(Facts{Cases: f.Cases[:19]}, year, 0, nil, year.Until); few.Contact != (Contact{}) {
		t.Errorf("of nineteen cases the report tells %+v", few.Contact)
	}
}

// A report tells the same of the same facts, in whatever order they come.
func TestMakeDoesNotDependOnOrder(t *testing.T) {
	var f Facts
	for i := range 50 {
		f.Turns = append(f.Turns, Turns{"2026-03-02", fmt.Sprint("c", i%3), "answer", fmt.Sprint("t", i%7), i})
		f.Cases = append(f.Cases, Case{Category: fmt.Sprint("k", i%9), OpenedAt: year.From, TakenAt: year.From.Add(time.Duration(i*i) * time.Second)})
	}
	want := Make(f, year, 1, nil, year.Until)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		r.Shuffle(len(f.Turns), func(i, j int) { f.Turns[i], f.Turns[j] = f.Turns[j], f.Turns[i] })
		r.Shuffle(len(f.Cases), func(i, j int) { f.Cases[i], f.Cases[j] = f.Cases[j], f.Cases[i] })
		if got := Make(f, year, 1, nil, year.Until); !reflect.DeepEqual(got, want) {
			t.Fatal("the report depends on the order of its facts")
		}
	}
}

func TestPlots(t *testing.T) {
	bars := []Bar{{"<b>", 10}, {"ít", 5}, {"không", 0}}
	for _, svg := range []string{string(Bars("Theo <loại>", bars)), string(Columns("Theo tuần", bars))} {
		if strings.Contains(svg, "<b>") || strings.Contains(svg, "style=") || strings.Contains(svg, "<script") || !strings.Contains(svg, "<title>Theo ") {
			t.Errorf("%s", svg)
		}
	}
	if Bars("x", nil) == "" || Columns("x", nil) == "" {
		t.Error("an empty plot is nothing")
	}
}
