package triage

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"treem/kb/vitext"
)

// Result is one example with what triage said.
type Result struct {
	Example
	Got Assessment
}

// Raised reports whether somebody would have been called.
func (r Result) Raised() bool { return r.Got.Level != None }

// Evaluate assesses every example without context.
func (a *Assessor) Evaluate(n *vitext.Normaliser, examples []Example) []Result {
	all := make([]Result, len(examples))
	for i, e := range examples {
		all[i] = Result{e, a.Assess(n.Normalise(e.Text), Context{})}
	}
	return all
}

// Score is a share: Hit of All.
type Score struct{ Hit, All int }

// Share is Hit/All; of nothing it is 1.
func (s Score) Share() float64 {
	if s.All == 0 {
		return 1
	}
	return float64(s.Hit) / float64(s.All)
}

func (s *Score) add(hit bool) {
	s.All++
	if hit {
		s.Hit++
	}
}

func (s Score) String() string {
	return fmt.Sprintf("%4d of %4d  %5.1f %%", s.Hit, s.All, 100*s.Share())
}

// Summary holds the numbers to reach.
type Summary struct {
	Recognised  Score // urgent and emergency messages that raised an alarm
	Emergencies Score // emergencies that raised an alarm
	Graded      Score // emergencies graded emergency
	UrgentUp    Score // urgent messages graded emergency
	FalseAlarms Score // ordinary messages that raised an alarm
	Categories  Score // recognised messages with the right category
}

// Summarise counts results.
func Summarise(results []Result) Summary {
	var s Summary
	for _, r := range results {
		if r.Level == None {
			s.FalseAlarms.add(r.Raised())
			continue
		}
		s.Recognised.add(r.Raised())
		if r.Level == Emergency {
			s.Emergencies.add(r.Raised())
			s.Graded.add(r.Got.Level == Emergency)
		} else {
			s.UrgentUp.add(r.Got.Level == Emergency)
		}
		if r.Raised() {
			s.Categories.add(r.Got.Category == r.Category)
		}
	}
	return s
}

// WriteReport prints recall by level, category and style, false alarms by category and style, and, if asked, every
// miss and false alarm.
func WriteReport(w io.Writer, results []Result, misses bool) {
	s := Summarise(results)
	fmt.Fprintf(w, "urgent or emergency recognised  %s\n", s.Recognised)
	fmt.Fprintf(w, "emergencies recognised          %s\n", s.Emergencies)
	fmt.Fprintf(w, "emergencies graded emergency    %s\n", s.Graded)
	fmt.Fprintf(w, "ordinary messages alarming      %s\n", s.FalseAlarms)
	fmt.Fprintf(w, "urgent graded emergency         %s\n", s.UrgentUp)
	fmt.Fprintf(w, "category right, of recognised   %s\n", s.Categories)
	breakdown(w, "recognised by category", results, true, func(r Result) string { return r.Category })
	breakdown(w, "recognised by style", results, true, func(r Result) string { return r.Style })
	breakdown(w, "recognised by speaker", results, true, func(r Result) string { return r.Speaker })
	breakdown(w, "false alarms by category", results, false, func(r Result) string { return r.Category })
	breakdown(w, "false alarms by style", results, false, func(r Result) string { return r.Style })
	if !misses {
		return
	}
	fmt.Fprintln(w, "\nwrong:")
	for _, r := range results {
		if r.Got.Level != r.Level && (r.Raised() != (r.Level != None) || r.Level == Emergency) {
			fmt.Fprintf(w, "  %-9s taken for %-9s %s %s/%s/%s: %s\n", r.Level, r.Got.Level, r.ID, r.Category, r.Speaker, r.Style, r.Text)
		}
	}
}

// breakdown prints the share of alarms by some key, among dangerous or among ordinary messages.
func breakdown(w io.Writer, title string, results []Result, danger bool, key func(Result) string) {
	rows := make(map[string]*Score)
	for _, r := range results {
		if (r.Level != None) != danger {
			continue
		}
		k := key(r)
		if rows[k] == nil {
			rows[k] = new(Score)
		}
		rows[k].add(r.Raised())
	}
	fmt.Fprintf(w, "\n%s\n", title)
	keys := slices.Collect(maps.Keys(rows))
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(rows[b].All, rows[a].All), cmp.Compare(a, b))
	})
	for _, k := range keys {
		fmt.Fprintf(w, "  %-22s %s\n", k, rows[k])
	}
}
