package report

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Report is what people read of a period: nothing in it tells of a child. Numbers of cases, and of questions from a commune,
// are veiled, see [Veil]. Cases are told for whole quarters of a year, as they stood when the last of these ended: figures that
// changed from day to day would tell of the one case in between.
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

	CasesUntil time.Time // the end of the last quarter whose cases are told; zero: none are
	Cases      int       // to the nearest ten; 0: fewer than enoughCases
	ByCategory Table
	ByLevel    Table
	ByOutcome  Table // of closed cases; those that go on are counted as "live"
	CasesAt    Table // by commune
	Contact    Contact
}

// Table is counts by key, in an order that does not depend on the numbers.
type Table struct {
	Rows   []Row
	Total  int
	Veiled bool // there is no total, and the rows are those of [Veil]
}

// Row is one count.
type Row struct {
	Key string
	N   int
	Few bool // fewer than Veiling, perhaps none; N is 0
}

// Contact is how soon people saw to the cases.
type Contact struct {
	Taken  Times   // from opening a case to the first officer who took it
	Spoken Times   // to the first words of an officer to the person, written or by telephone
	InTime float64 // share of the taken cases whose deadline had not passed, in steps of 5 %
}

// Times are spans of many cases.
type Times struct {
	Enough      bool // there are enough cases to tell
	Median, P90 time.Duration
}

const (
	// enoughCases is how many cases there must be before their number, or their times, are told.
	enoughCases = 20
	// Veiling is the smallest number of a veiled table that is told.
	Veiling = 8
	// step is what the numbers of a veiled table are rounded to.
	step = 5
)

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
	r.ByCommune = Veil(open(f.Communes, nil))
	for _, s := range f.SMS {
		r.SMS = append(r.SMS, s)
		r.Segments += s.Segments
	}
	r.Cost = float64(r.Segments) * price
	r.cases(f.Cases, order)
	return r
}

func (r *Report) cases(all []Case, order map[string][]string) {
	r.CasesUntil = r.Period.settled()
	categories, levels, outcomes, places := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	var taken, spoken []time.Duration
	n, inTime := 0, 0
	for _, c := range all {
		if !c.OpenedAt.Before(r.CasesUntil) {
			continue
		}
		n++
		categories[c.Category]++
		levels[c.Level]++
		places[c.Commune]++
		if c.Outcome != "" && c.ClosedAt.Before(r.CasesUntil) {
			outcomes[c.Outcome]++
		} else {
			outcomes[Live]++
		}
		if !c.TakenAt.IsZero() && c.TakenAt.Before(r.CasesUntil) {
			taken = append(taken, c.TakenAt.Sub(c.OpenedAt))
			if !c.Overdue {
				inTime++
			}
		}
		if !c.SpokenAt.IsZero() && c.SpokenAt.Before(r.CasesUntil) {
			spoken = append(spoken, c.SpokenAt.Sub(c.OpenedAt))
		}
	}
	if r.CasesUntil.IsZero() {
		return
	}
	r.ByCategory = Veil(open(categories, order["category"]))
	r.ByLevel = Veil(open(levels, order["level"]))
	r.ByOutcome = Veil(open(outcomes, order["outcome"]))
	r.CasesAt = Veil(open(places, nil))
	if n >= enoughCases {
		r.Cases = (n + 5) / 10 * 10
	}
	r.Contact = Contact{Taken: times(taken), Spoken: times(spoken)}
	if r.Contact.Taken.Enough {
		r.Contact.InTime = math.Round(20*float64(inTime)/float64(len(taken))) / 20
	}
}

func times(all []time.Duration) Times {
	if len(all) < enoughCases {
		return Times{}
	}
	slices.Sort(all)
	return Times{Enough: true, Median: quantile(all, .5), P90: quantile(all, .9)}
}

// quantile is the smallest value that the share of the sorted values does not exceed.
func quantile(sorted []time.Duration, share float64) time.Duration {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// open makes a table of exact numbers: the keys of order first, whether anything was counted or not, then others by name.
func open(counts map[string]int, order []string) Table {
	var t Table
	add := func(key string) {
		t.Rows = append(t.Rows, Row{Key: key, N: counts[key]})
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

// Veil rounds every number to the nearest multiple of five, tells of those below Veiling only that they are few, perhaps
// none, and leaves the total out. Several tables of the same cases then do not pin a small number down together: each tells
// within how much the total lies, and where two of these just meet, the numbers they fix are none or at least Veiling - 1.
func Veil(t Table) Table {
	out := Table{Rows: slices.Clone(t.Rows), Veiled: true}
	for i, row := range t.Rows {
		if row.N < Veiling {
			out.Rows[i].N, out.Rows[i].Few = 0, true
			continue
		}
		out.Rows[i].N = (row.N + step/2) / step * step
	}
	return out
}
