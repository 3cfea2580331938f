package support

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"treem/kb"
)

// checkedFor is how long a comparison with the sources holds.
const checkedFor = 366 * 24 * time.Hour

// oneSegment is a GSM-7 message of a single part (3GPP TS 23.040).
const oneSegment = 160

// Check tests what Read cannot: that every name in the file is known, every citation and entry exists, every amount
// agrees with its fact, every question fits one SMS and every result three, and that every question, option, benefit
// and note is reached by some answers.
func Check(f *Finder, c *kb.Content, now time.Time) []kb.Problem {
	k := &checker{f: f, c: c}
	for _, fact := range c.Facts {
		k.facts = append(k.facts, fact.Text)
	}
	slices.SortFunc(k.facts, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // "7 ngày làm việc" before "7 ngày"
	switch {
	case f.CheckedOn.IsZero():
		k.wrong("checked_on is missing")
	case f.CheckedOn.After(now.AddDate(0, 0, 1)):
		k.wrong("checked_on %s lies in the future", f.CheckedOn.Format(time.DateOnly))
	case now.Sub(f.CheckedOn) > checkedFor:
		k.wrong("last checked on %s, more than a year ago", f.CheckedOn.Format(time.DateOnly))
	}
	for _, id := range f.After {
		k.entry("after", id)
	}
	for name, w := range f.Says {
		k.plain("says."+name, w)
	}
	k.citations("citations", f.Citations)
	k.questions()
	for _, g := range f.Groups {
		for i, one := range g.Cases {
			where := fmt.Sprintf("group %s, case %d", g.ID, i+1)
			k.conditions(where, one.When, len(f.Questions))
			k.citations(where, []kb.Citation{one.Citation})
		}
	}
	for _, s := range f.Steps {
		k.text("step "+s.ID, s.Text)
		k.citations("step "+s.ID, s.Citations)
	}
	for i := range f.Benefits {
		k.benefit(&f.Benefits[i], now)
	}
	for _, n := range f.Notes {
		k.text("note "+n.ID, n.Text)
		k.conditions("note "+n.ID, n.When, len(f.Questions))
		k.citations("note "+n.ID, n.Citations)
		k.entry("note "+n.ID, n.Entry)
	}
	if len(k.problems) == 0 { // else the walk would only repeat the same in other words
		k.walk()
	}
	return k.problems
}

// placeholders are what the program puts something in for.
var placeholders = strings.NewReplacer("{n}", "", "{amount}", "", "{date}", "")

type checker struct {
	f        *Finder
	c        *kb.Content
	facts    []string // their texts, longest first
	problems []kb.Problem
}

func (k *checker) wrong(format string, args ...any) {
	k.problems = append(k.problems, kb.Problem{Path: File, What: fmt.Sprintf(format, args...)})
}

func (k *checker) entry(where, id string) {
	if _, ok := k.c.Entry(id); !ok {
		k.wrong("%s: entry %q does not exist", where, id)
	}
}

func (k *checker) citations(where string, cites []kb.Citation) {
	for _, c := range cites {
		if what := k.c.Broken(c); what != "" {
			k.wrong("%s: %s", where, what)
		}
	}
}

// text tests a text that both a chat and an SMS need.
func (k *checker) text(where string, w Wording) {
	if w.Parent == "" || w.SMS == "" {
		k.wrong("%s needs parent and sms", where)
	}
	k.plain(where, w)
}

// plain tests that an SMS text is ASCII without the characters that count twice. Facts are put in with marks and lose
// them when sent.
func (k *checker) plain(where string, w Wording) {
	text := placeholders.Replace(w.SMS)
	for _, fact := range k.facts {
		text = strings.ReplaceAll(text, fact, "")
	}
	for _, r := range text {
		if r > '~' || r < ' ' || strings.ContainsRune("^{}\\[~]|`", r) {
			k.wrong("%s: sms has %q, which is not plain text", where, r)
			return
		}
	}
	if strings.Contains(w.Parent, "{em}") || strings.Contains(w.Parent, "{Em}") {
		k.wrong("%s: parent addresses a child", where)
	}
}

func (k *checker) questions() {
	seen := map[string]bool{}
	for i := range k.f.Questions {
		q := &k.f.Questions[i]
		where := "question " + q.ID
		if seen[q.ID] || q.ID == "" || q.ID == groupName {
			k.wrong("%s: the id is missing or taken", where)
		}
		seen[q.ID] = true
		k.text(where, q.Wording)
		k.conditions(where, q.Ask, i)
		length := len(strings.ReplaceAll(k.f.Says["number"].SMS, "{n}", "9")) + len(q.SMS)
		for n, o := range q.Options {
			option := where + ", option " + o.ID
			if o.ID == "" || o.ID == Skipped || len(o.Months) > 2 || (len(o.Months) > 0) != q.Aged() {
				k.wrong("%s: the id or the months are missing or wrong", option)
			}
			k.text(option, o.Wording)
			k.conditions(option, o.When, i)
			if !q.Aged() {
				length += len(fmt.Sprintf("\n%d. ", n+1)) + len(o.SMS)
			}
		}
		if length > oneSegment {
			k.wrong("%s has %d characters as an SMS; one message holds %d", where, length, oneSegment)
		}
	}
}

// conditions tests the names in conditions, which may speak of the first n questions and of groups.
func (k *checker) conditions(where string, conditions []Condition, n int) {
	for _, c := range conditions {
		for name, options := range c {
			i := slices.IndexFunc(k.f.Questions[:n], func(q Question) bool { return q.ID == name })
			for _, o := range options {
				switch {
				case name == groupName:
					if !slices.ContainsFunc(k.f.Groups, func(g Group) bool { return g.ID == o }) {
						k.wrong("%s: group %q does not exist", where, o)
					}
				case i < 0:
					k.wrong("%s: question %q does not exist or comes later", where, name)
				case o != Skipped:
					if _, ok := k.f.Questions[i].option(o); !ok {
						k.wrong("%s: question %s has no option %q", where, name, o)
					}
				}
			}
		}
	}
}

func (k *checker) benefit(b *Benefit, now time.Time) {
	where := "benefit " + b.ID
	k.text(where, b.Name)
	k.plain(where, b.If)
	k.entry(where, b.Entry)
	k.conditions(where, b.When, len(k.f.Questions))
	k.conditions(where, b.Maybe, len(k.f.Questions))
	k.citations(where, b.Citations)
	switch {
	case !slices.Contains([]Kind{Monthly, Once, Help}, b.Kind):
		k.wrong("%s: kind %q is not monthly, once or help", where, b.Kind)
	case (b.Kind == Help) != (len(b.Rates) == 0):
		k.wrong("%s: monthly and once have rates, help has none", where)
	case len(b.When)+len(b.Maybe) == 0:
		k.wrong("%s has neither when nor maybe", where)
	case len(b.Maybe) > 0 && (b.If.Parent == "" || b.If.SMS == ""):
		k.wrong("%s: maybe needs if with parent and sms", where)
	}
	for _, id := range b.Steps {
		if !slices.ContainsFunc(k.f.Steps, func(s Step) bool { return s.ID == id }) {
			k.wrong("%s: step %q does not exist", where, id)
		}
	}
	for _, r := range b.Rates {
		k.conditions(where, r.When, len(k.f.Questions))
		k.citations(where, r.Citations)
		k.rate(where, r, now)
	}
}

// rate compares an amount with the fact that writes it out for entries.
func (k *checker) rate(where string, r Rate, now time.Time) {
	fact, known := k.c.Facts[r.Fact]
	switch {
	case r.Coefficient <= 0 && r.Fact == "":
		k.wrong("%s: a rate needs a coefficient or a fact", where)
		return
	case r.Fact == "":
		return
	case !known:
		k.wrong("%s: fact %q is not defined in facts/", where, r.Fact)
		return
	case !fact.ValidTo.IsZero() && fact.ValidTo.Before(now):
		k.wrong("%s rests on fact %s, which ended on %s", where, r.Fact, fact.ValidTo.Format(time.DateOnly))
	}
	if r.Coefficient <= 0 {
		return
	}
	written, err := amountOf(fact.Text)
	if err != nil {
		k.wrong("%s: fact %s: %v", where, r.Fact, err)
	} else if written != k.f.times(r.Coefficient) {
		k.wrong("%s: %s × %g is %s, but fact %s says %s", where, Dong(k.f.standard), r.Coefficient,
			Dong(k.f.times(r.Coefficient)), r.Fact, fact.Text)
	}
}

// walk answers the questions in every way and tests that all there is to ask and to tell comes up.
func (k *checker) walk() {
	reached := map[string]bool{}
	long := 0
	Walk(k.f, func(a Answers, r Result) {
		for q, o := range a {
			reached["question "+q], reached["question "+q+", option "+o] = true, true
		}
		for _, g := range slices.Concat(r.Monthly, r.Once, r.Help, r.Unsure) {
			reached["benefit "+g.ID] = true
		}
		for _, n := range r.Notes {
			reached["note "+n.ID] = true
		}
		for _, s := range r.Steps {
			reached["step "+s.ID] = true
		}
		if n := len(k.f.SMS(r)); n > long {
			long = n
		}
	})
	var all []string
	for _, q := range k.f.Questions {
		all = append(all, "question "+q.ID)
		for _, o := range q.Options {
			all = append(all, "question "+q.ID+", option "+o.ID)
		}
	}
	for _, b := range k.f.Benefits {
		all = append(all, "benefit "+b.ID)
	}
	for _, n := range k.f.Notes {
		all = append(all, "note "+n.ID)
	}
	for _, s := range k.f.Steps {
		all = append(all, "step "+s.ID)
	}
	for _, name := range all {
		if !reached[name] {
			k.wrong("no answers lead to %s", name)
		}
	}
	if long > smsBudget {
		k.wrong("a result has %d characters as an SMS; three messages hold %d", long, smsBudget)
	}
}

// Walk answers the questions in every way, those of skipping one too, and gives each result to see.
func Walk(f *Finder, see func(Answers, Result)) {
	var step func(Answers)
	step = func(a Answers) {
		q, _, ok := f.Next(a)
		if !ok {
			see(a, f.Find(a))
			return
		}
		for _, o := range f.Offer(q, a) {
			next := maps.Clone(a)
			next[q.ID] = o.ID
			step(next)
		}
		next := maps.Clone(a)
		next[q.ID] = Skipped
		step(next)
	}
	step(Answers{})
}
