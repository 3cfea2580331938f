package triage

import (
	"cmp"
	"fmt"
	"slices"
)

// reasonsMax is how many frames, and how many terms, are named as reasons.
const reasonsMax = 4

// reasons names what decided: frames that fit, then the words the model weighed most, then its odds. Words are single
// matched terms, folded; no more of the message is shown.
func (a *Assessor) reasons(fitting []int, r *reading, p odds) []string {
	var all []string
	for _, withLevel := range []bool{true, false} {
		for _, i := range fitting {
			f := &r.frames[i]
			if (f.Level != "") == withLevel && !f.Harmless && len(all) < reasonsMax && !slices.Contains(all, f.Says) {
				all = append(all, f.Says)
			}
		}
	}
	for _, term := range a.model.terms(r) {
		all = append(all, "từ: "+term)
	}
	return append(all, fmt.Sprintf("mô hình: %.0f %%", 100*p.alarm()))
}

// term is a word or pair of words with the weight it had.
type term struct {
	from, to int
	weight   float64
}

// terms returns the words of the text that spoke most for an alarm, heaviest first, not overlapping.
func (m *model) terms(r *reading) []string {
	var all []term
	for i, h := range r.folded {
		if w := m.pull(famWord, h); w > 0 {
			all = append(all, term{i, i + 1, w})
		}
		if i+1 < len(r.folded) {
			if w := m.pull(famPair, join(h, r.folded[i+1])); w > 0 {
				all = append(all, term{i, i + 2, w})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b term) int { return cmp.Compare(b.weight, a.weight) })
	var out []string
	var taken []term
	for _, t := range all {
		if len(out) == reasonsMax-1 {
			break
		}
		if slices.ContainsFunc(taken, func(o term) bool { return t.from < o.to && o.from < t.to }) {
			continue
		}
		word := string(r.line[r.at[t.from] : r.at[t.to]-1])
		if word != "" && !slices.Contains(out, word) {
			taken, out = append(taken, t), append(out, word)
		}
	}
	return out
}

// pull is how much a signal speaks for an alarm in the linear model.
func (m *model) pull(f family, h uint32) float64 {
	r := m.row(bucketOf(f, h))
	if r < 0 {
		return 0
	}
	var by [levelCount]float64
	m.linear.sum([]int32{r}, 1, by[:])
	return max(by[1], by[2]) - by[0]
}

// ongoing reports whether it is happening now: emergencies do unless only the past is told, urgent cases if present or
// lasting time is told.
func (r *reading) ongoing(l Level, lex *lexicon) bool {
	now, past := false, false
	for i := range r.hits {
		switch lex.concepts[r.hits[i].concept].ID {
		case "now", "always":
			now = true
		case "past":
			past = true
		}
	}
	if l == Emergency {
		return now || !past
	}
	return now && !past
}
