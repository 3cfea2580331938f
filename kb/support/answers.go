package support

import (
	"maps"
	"slices"
)

// Answers are the options chosen, by question. They hold no word the person wrote.
type Answers map[string]string

// Skipped is the answer to a question that the person left out.
const Skipped = "?"

// truth is three-valued: a question left out leaves open what depends on it (Kleene's logic).
type truth int

const (
	no truth = iota
	open
	yes
)

// Next returns the question to ask now and how many were answered before it, or false if the answers are enough. No
// more than Most questions are asked; what then stays open is told as a condition.
func (f *Finder) Next(a Answers) (q *Question, number int, ok bool) {
	if len(a) >= f.Most {
		return nil, 0, false
	}
	for i := range f.Questions {
		q := &f.Questions[i]
		if a[q.ID] == "" && f.asked(q, a) == yes {
			return q, len(a) + 1, true
		}
	}
	return nil, 0, false
}

// Offer lists the options of a question that the earlier answers leave possible.
func (f *Finder) Offer(q *Question, a Answers) []Option {
	var out []Option
	for _, o := range q.Options {
		if len(o.When) == 0 || f.any(o.When, a) != no {
			out = append(out, o)
		}
	}
	return out
}

// Answer returns the answers with one more, and whether question and option go together and the question was due or
// answered before. Answering an earlier question again forgets what was answered behind it.
func (f *Finder) Answer(a Answers, question, option string) (Answers, bool) {
	q, known := f.Question(question)
	if !known {
		return a, false
	}
	if _, fits := q.option(option); !fits && option != Skipped {
		return a, false
	}
	out := Answers{}
	for i := range f.Questions {
		earlier := &f.Questions[i]
		if earlier.ID == question {
			break
		}
		if v := a[earlier.ID]; v != "" {
			out[earlier.ID] = v
		}
	}
	if next, _, ok := f.Next(out); !ok || next.ID != question {
		return a, false
	}
	out[question] = option
	return out, true
}

// Back forgets the last answer.
func (f *Finder) Back(a Answers) Answers {
	out := maps.Clone(a)
	for _, q := range slices.Backward(f.Questions) {
		if out[q.ID] != "" {
			delete(out, q.ID)
			break
		}
	}
	return out
}

// asked says whether a question is to be asked after the answers.
func (f *Finder) asked(q *Question, a Answers) truth {
	if len(q.Ask) == 0 {
		return yes
	}
	return f.any(q.Ask, a)
}

// any joins alternatives.
func (f *Finder) any(conditions []Condition, a Answers) truth {
	out := no
	for _, c := range conditions {
		out = max(out, f.all(c, a))
	}
	return out
}

func (f *Finder) all(c Condition, a Answers) truth {
	out := yes
	for name, options := range c {
		out = min(out, f.holds(name, options, a))
	}
	return out
}

func (f *Finder) holds(name string, options []string, a Answers) truth {
	if name == groupName {
		out := no
		for _, id := range options {
			t, _ := f.group(id, a)
			out = max(out, t)
		}
		return out
	}
	switch v := a[name]; {
	case slices.Contains(options, v):
		return yes
	case v == Skipped:
		return open
	case v != "":
		return no
	}
	// Not answered: open if it was due, settled if it has nothing to do with this child.
	if q, ok := f.Question(name); ok && f.asked(q, a) != no {
		return open
	}
	return no
}

const groupName = "group"

// group says whether the answers put the child in a group, and which cases of it.
func (f *Finder) group(id string, a Answers) (truth, []int) {
	out, cases := no, []int(nil)
	for _, g := range f.Groups {
		if g.ID != id {
			continue
		}
		for i, c := range g.Cases {
			t := f.any(c.When, a)
			out = max(out, t)
			if t == yes {
				cases = append(cases, i)
			}
		}
	}
	return out, cases
}
