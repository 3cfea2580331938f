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
		t.Rows = append(t.Rows, Row{Key: fmt.Sprint(i), N: n})
		t.Total += n
	}
	return t
}

// seen is a veiled table as a reader sees it.
func seen(t Table) string {
	var out []string
	for _, r := range t.Rows {
		if r.Few {
			out = append(out, "few")
		} else {
			out = append(out, fmt.Sprint(r.N))
		}
	}
	return fmt.Sprint(out)
}

func TestVeil(t *testing.T) {
	for _, c := range []struct {
		counts []int
		want   string
	}{
		{[]int{0, 1, 5, 7, 8, 12, 13}, "[few few few few 10 10 15]"},
		{nil, "[]"},
	} {
		if got := Veil(table(c.counts...)); seen(got) != c.want || !got.Veiled {
			t.Errorf("%v shows %s, want %s", c.counts, seen(got), c.want)
		}
	}
}

// TestAttack is somebody who knows how cases are told, and tries every two tables of the same cases that would show what
// they see, the number of cases beside them: nowhere may a small number be the only one possible.
func TestAttack(t *testing.T) {
	const top = 14 // numbers tried, 0 to 13
	type cells [6]int
	bySum := map[int][][3]int{}
	for a := range top {
		for b := range top {
			for c := range top {
				bySum[a+b+c] = append(bySum[a+b+c], [3]int{a, b, c})
			}
		}
	}
	values := map[string]*[6]map[int]bool{} // what each number can be, by what is shown
	for n, tables := range bySum {
		var shown []string
		for _, one := range tables {
			shown = append(shown, seen(Veil(table(one[0], one[1], one[2]))))
		}
		cases := 0
		if n >= enoughCases {
			cases = (n + 5) / 10 * 10
		}
		for i, levels := range tables {
			for k, categories := range tables {
				key := fmt.Sprint(cases, shown[i], shown[k])
				possible := values[key]
				if possible == nil {
					possible = &[6]map[int]bool{{}, {}, {}, {}, {}, {}}
					values[key] = possible
				}
				for at, v := range (cells{levels[0], levels[1], levels[2], categories[0], categories[1], categories[2]}) {
					possible[at][v] = true
				}
			}
		}
	}
	for key, possible := range values {
		for at, of := range possible {
			for v := range of {
				if len(of) == 1 && v > 0 && v < 5 {
					t.Errorf("%s: number %d can only be %d", key, at, v)
				}
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
	for i := range 22 {
		c := Case{Level: "urgent", Category: "bullying", Status: "closed", Outcome: "helped", OpenedAt: opened, TakenAt: opened.Add(time.Duration(i+1) * time.Minute)}
		if i < 2 {
			c.Category, c.Commune = "neglect_abandon", "21853"
		}
		f.Cases = append(f.Cases, c)
	}
	late := Case{Category: "bullying", OpenedAt: time.Date(2026, 10, 2, 0, 0, 0, 0, vietnam)}
	f.Cases = append(f.Cases, late, late, late, late, late) // of a quarter that is not over
	f.Cases[3].ClosedAt = late.OpenedAt                     // after the quarter that is
	r := Make(f, year, 300, map[string][]string{"topic": {"rights", "drowning", "abuse", "support"}, "category": {"bullying", "neglect_abandon", "runaway"}}, year.Until)
	if r.Questions != 20 || r.Unknown != 4 || r.Segments != 11 || r.Cost != 3300 || !r.Since.Equal(f.Since) {
		t.Errorf("questions %d, unknown %d, segments %d, cost %v, since %v", r.Questions, r.Unknown, r.Segments, r.Cost, r.Since)
	}
	if got := fmt.Sprint(r.ByTopic.Rows); got != "[{rights 8 false} {drowning 0 false} {abuse 0 false} {support 6 false} {other 2 false}]" {
		t.Errorf("topics %s", got)
	}
	week := map[string]int{}
	for _, row := range r.ByWeek.Rows {
		week[row.Key] = row.N
	}
	if week["2026-03-02"] != 14 || week["2026-03-09"] != 6 || len(r.ByWeek.Rows) != len(year.Weeks()) {
		t.Errorf("weeks %v", r.ByWeek.Rows)
	}
	if got := seen(r.ByCommune); got != "[10 few 10]" {
		t.Errorf("communes %s", got)
	}
	if got := seen(r.ByCategory); got != "[20 few few]" || r.Cases != 20 || Day(r.CasesUntil) != "2026-10-01" {
		t.Errorf("categories %s of %d cases until %s", got, r.Cases, r.CasesUntil)
	}
	if got := seen(r.ByOutcome); got != "[20 few]" {
		t.Errorf("outcomes %s", got)
	}
	if c := r.Contact; c.Taken.Median != 12*time.Minute || c.Taken.P90 != 20*time.Minute || c.InTime != 1 || !c.Taken.Enough || c.Spoken.Enough {
		t.Errorf("contact %+v", c)
	}
	if few := Make(Facts{Cases: f.Cases[:19]}, year, 0, nil, year.Until); few.Contact != (Contact{}) || few.Cases != 0 {
		t.Errorf("of nineteen cases the report tells %d, %+v", few.Cases, few.Contact)
	}
	for i := range f.Cases[:22] {
		f.Cases[i].Overdue = i < 2
	}
	if r := Make(f, year, 0, nil, year.Until); r.Contact.InTime != .9 {
		t.Errorf("20 of 22 in time are told as %v", r.Contact.InTime)
	}
}

func TestParts(t *testing.T) {
	now := time.Date(2026, 11, 26, 1, 0, 0, 0, vietnam)
	for _, c := range []struct{ part, from, until, settled string }{
		{"", "2026-01-01", "2026-11-26", "2026-10-01"},
		{"q1", "2026-01-01", "2026-04-01", "2026-04-01"}, // what the whole year told then
		{"q4", "2026-10-01", "2026-11-26", ""},
		{"2", "2026-02-01", "2026-03-01", ""},
		{"11", "2026-11-01", "2026-11-26", ""},
	} {
		p, err := Part(2026, c.part, now)
		settled := ""
		if s := p.settled(); !s.IsZero() {
			settled = Day(s)
		}
		if err != nil || Day(p.From) != c.from || Day(p.Until) != c.until || settled != c.settled {
			t.Errorf("part %q: %s to %s, settled until %q, %v", c.part, Day(p.From), Day(p.Until), settled, err)
		}
	}
	for _, part := range []string{"12", "q5", "13", "0", "-1", "x"} {
		if _, err := Part(2026, part, now); err == nil {
			t.Errorf("part %q was taken", part)
		}
	}
	if p, err := Part(2025, "", now); err != nil || Day(p.settled()) != "2026-01-01" {
		t.Errorf("the year before: %v, %v", p, err)
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
	bars := []Bar{{Label: "<b>", N: 10}, {Label: "ít", N: 5}, {Label: "không", Few: true}}
	for _, svg := range []string{string(Bars("Theo <loại>", bars)), string(Columns("Theo tuần", bars))} {
		if strings.Contains(svg, "<b>") || strings.Contains(svg, "style=") || strings.Contains(svg, "<script") || !strings.Contains(svg, "<title>Theo ") {
			t.Errorf("%s", svg)
		}
	}
	if Bars("x", nil) == "" || Columns("x", nil) == "" {
		t.Error("an empty plot is nothing")
	}
}
