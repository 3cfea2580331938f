package triage

import (
	"bytes"
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
type Score struct {
	Hit int `json:"hit"`
	All int `json:"all"`
}

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

// Report is what an evaluation found.
type Report struct {
	Messages        int              `json:"messages"`
	Recognised      Score            `json:"recognised"`       // urgent and emergency messages that raised an alarm
	Emergencies     Score            `json:"emergencies"`      // emergencies that raised an alarm
	Graded          Score            `json:"graded_emergency"` // emergencies graded emergency
	UrgentUp        Score            `json:"urgent_graded_emergency"`
	FalseAlarms     Score            `json:"false_alarms"`   // ordinary messages that raised an alarm
	Categories      Score            `json:"category_right"` // of recognised messages
	ByLevel         map[Level]Score  `json:"recognised_by_level"`
	ByCategory      map[string]Score `json:"recognised_by_category"`
	ByStyle         map[string]Score `json:"recognised_by_style"`
	BySpeaker       map[string]Score `json:"recognised_by_speaker"`
	AlarmByCategory map[string]Score `json:"false_alarms_by_category"`
	AlarmByStyle    map[string]Score `json:"false_alarms_by_style"`
	Misses          []Miss           `json:"misses"`
}

// Miss is a message that was not recognised, an emergency graded too low, or a false alarm.
type Miss struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Level    Level  `json:"level"` // as labelled
	Category string `json:"category"`
	Style    string `json:"style"`
	Got      Level  `json:"got"`
	GotAs    string `json:"got_category"`
}

// NewReport counts results.
func NewReport(results []Result) Report {
	s := Summarise(results)
	danger := func(r Result) bool { return r.Level != None }
	ordinary := func(r Result) bool { return r.Level == None }
	category := func(r Result) string { return r.Category }
	style := func(r Result) string { return r.Style }
	rep := Report{
		Messages: len(results), Recognised: s.Recognised, Emergencies: s.Emergencies, Graded: s.Graded,
		UrgentUp: s.UrgentUp, FalseAlarms: s.FalseAlarms, Categories: s.Categories,
		ByLevel:         tally(results, danger, func(r Result) Level { return r.Level }),
		ByCategory:      tally(results, danger, category),
		ByStyle:         tally(results, danger, style),
		BySpeaker:       tally(results, danger, func(r Result) string { return r.Speaker }),
		AlarmByCategory: tally(results, ordinary, category),
		AlarmByStyle:    tally(results, ordinary, style),
		Misses:          []Miss{},
	}
	for _, r := range results {
		if r.Raised() != (r.Level != None) || r.Level == Emergency && r.Got.Level != Emergency {
			rep.Misses = append(rep.Misses, Miss{r.ID, r.Text, r.Level, r.Category, r.Style, r.Got.Level, r.Got.Category})
		}
	}
	return rep
}

// tally counts alarms by some key, among the results that are asked for.
func tally[K comparable](results []Result, among func(Result) bool, key func(Result) K) map[K]Score {
	rows := make(map[K]Score)
	for _, r := range results {
		if !among(r) {
			continue
		}
		s := rows[key(r)]
		s.add(r.Raised())
		rows[key(r)] = s
	}
	return rows
}

// WriteTo prints the report for people: shares, tables, and every miss.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d messages\n", r.Messages)
	fmt.Fprintf(&b, "urgent or emergency recognised  %s\n", r.Recognised)
	fmt.Fprintf(&b, "emergencies recognised          %s\n", r.Emergencies)
	fmt.Fprintf(&b, "emergencies graded emergency    %s\n", r.Graded)
	fmt.Fprintf(&b, "ordinary messages alarming      %s\n", r.FalseAlarms)
	fmt.Fprintf(&b, "urgent graded emergency         %s\n", r.UrgentUp)
	fmt.Fprintf(&b, "category right, of recognised   %s\n", r.Categories)
	writeTable(&b, "recognised by level", r.ByLevel)
	writeTable(&b, "recognised by category", r.ByCategory)
	writeTable(&b, "recognised by style", r.ByStyle)
	writeTable(&b, "recognised by speaker", r.BySpeaker)
	writeTable(&b, "false alarms by category", r.AlarmByCategory)
	writeTable(&b, "false alarms by style", r.AlarmByStyle)
	if len(r.Misses) > 0 {
		fmt.Fprintln(&b, "\nwrong")
	}
	for _, m := range r.Misses {
		fmt.Fprintf(&b, "  %-9s taken for %-9s %s %s/%s: %s\n", m.Level, m.Got, m.ID, m.Category, m.Style, m.Text)
	}
	return b.WriteTo(w)
}

// writeTable prints scores, the largest group first.
func writeTable[K cmp.Ordered](b *bytes.Buffer, title string, rows map[K]Score) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	keys := slices.SortedFunc(maps.Keys(rows), func(a, b K) int {
		return cmp.Or(cmp.Compare(rows[b].All, rows[a].All), cmp.Compare(a, b))
	})
	for _, k := range keys {
		fmt.Fprintf(b, "  %-22v %s\n", k, rows[k])
	}
}
