package report

import (
	"cmp"
	"slices"
	"time"
)

// Report is what people read of a period: nothing in it tells of a child. Numbers of cases, and of questions from a commune,
// are rounded to fives, and their totals are those of the rounded numbers, so that no sum or difference inside a table gives
// a small number away.
type Report struct {
	Period    Period
	Since     time.Time // the first day anything was counted, if that is inside the period; else zero
	Made      time.Time
	Questions int   // answered, offered to choose from, or unknown
	Unknown   int   // of these, those without a sure answer
	ByTopic   Table // of what was answered
	ByChannel Table // every message
	ByWeek    Table // questions, by the week's Monday
	ByCommune Table // of those who had told it, by code
	Entries   []Entry
	Helpful   int
	Unhelpful int
	SMS       []SMS
	Segments  int
	Cost      float64 // đồng; 0: the price is not known

	Cases      int // rounded: the total of ByLevel
	ByCategory Table
	ByLevel    Table
	ByOutcome  Table // of closed cases; those that go on are counted as "live"
	CasesAt    Table // by commune
	Contact    Contact
}

// Table is counts by key, in an order that does not depend on the numbers.
type Table struct {
	Rows    []Row
	Total   int
	Rounded bool // to fives: 0 stands for 0 to 2, 5 for 3 to 7
}

// Row is one count.
type Row struct {
	Key string
	N   int
}

// Contact is how soon an officer took the cases.
type Contact struct {
	Enough      bool          // there are enough taken cases to tell
	Median, P90 time.Duration // from opening a case to the first officer who took it
	InTime      float64       // share of the taken cases whose deadline had not passed
}

// enoughCases is how many taken cases there must be before their times are told.
const enoughCases = 20

// step is what small numbers are rounded to.
const step = 5

// Live is the outcome of cases that are not closed.
const Live = "live"

// topEntries bounds the entries that are listed.
const topEntries = 20

// Make works a report out. price is what a segment of SMS costs, in đồng; order gives the keys of a table in the order of
// the report, by table: topic, channel, category, level, outcome. Keys it does not name come behind, by name.
func Make(f Facts, p Period, price float64, order map[string][]string, made time.Time) Report {
	r := Report{Period: p, Made: made, Helpful: f.Helpful, Unhelpful: f.Unhelpful, Entries: f.Entries[:min(len(f.Entries), topEntries)]}
	if f.Since.After(p.From) {
		r.Since = f.Since
	}
	topics, chans, weeks := map[string]int{}, map[string]int{}, map[string]int{}
	for _, t := range f.Turns {
		chans[t.Channel] += t.N
		switch t.Kind {
		case "unknown":
			r.Unknown += t.N
		case "answer", "choices":
			topics[cmp.Or(t.Topic, TopicOther)] += t.N
		default:
			continue
		}
		r.Questions += t.N
		if day, err := ParseDay(t.Day); err == nil {
			weeks[Day(monday(day))] += t.N
		}
	}
	r.ByTopic, r.ByChannel = open(topics, order["topic"]), open(chans, order["channel"])
	var mondays []string
	for _, m := range p.Weeks() {
		mondays = append(mondays, Day(m))
		weeks[Day(m)] += 0
	}
	r.ByWeek = open(weeks, mondays)
	r.ByCommune = Round(open(f.Communes, nil))
	for _, s := range f.SMS {
		r.SMS = append(r.SMS, s)
		r.Segments += s.Segments
	}
	r.Cost = float64(r.Segments) * price
	r.cases(f.Cases, order)
	return r
}

func (r *Report) cases(all []Case, order map[string][]string) {
	categories, levels, outcomes, places := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	var waits []time.Duration
	inTime := 0
	for _, c := range all {
		categories[c.Category]++
		levels[c.Level]++
		outcomes[cmp.Or(c.Outcome, Live)]++
		places[c.Commune]++
		if !c.TakenAt.IsZero() {
			waits = append(waits, c.TakenAt.Sub(c.OpenedAt))
			if !c.Overdue {
				inTime++
			}
		}
	}
	r.ByCategory = Round(open(categories, order["category"]))
	r.ByLevel = Round(open(levels, order["level"]))
	r.ByOutcome = Round(open(outcomes, order["outcome"]))
	r.CasesAt = Round(open(places, nil))
	r.Cases = r.ByLevel.Total
	if len(waits) < enoughCases {
		return
	}
	slices.Sort(waits)
	r.Contact = Contact{Enough: true, Median: quantile(waits, .5), P90: quantile(waits, .9), InTime: float64(inTime) / float64(len(waits))}
}

// quantile is the smallest value that the share of the sorted values does not exceed.
func quantile(sorted []time.Duration, share float64) time.Duration {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// open makes a table of exact numbers: the keys of order first, whether anything was counted or not, then others by name.
func open(counts map[string]int, order []string) Table {
	var t Table
	add := func(key string) {
		t.Rows = append(t.Rows, Row{key, counts[key]})
		t.Total += counts[key]
	}
	for _, key := range order {
		add(key)
	}
	var rest []string
	for key := range counts {
		if !slices.Contains(order, key) {
			rest = append(rest, key)
		}
	}
	slices.Sort(rest)
	for _, key := range rest {
		add(key)
	}
	return t
}

// Round rounds every number to the nearest multiple of five, and makes the total that of the rounded numbers: the exact one
// would tell what was rounded away.
func Round(t Table) Table {
	out := Table{Rows: slices.Clone(t.Rows), Rounded: true}
	for i := range out.Rows {
		out.Rows[i].N = (out.Rows[i].N + step/2) / step * step
		out.Total += out.Rows[i].N
	}
	return out
}
