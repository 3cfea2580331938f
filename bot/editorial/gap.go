package editorial

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"treem/kb/vitext"
)

// Asked is one question without a sure answer.
type Asked struct {
	Text string
	Best string // id of the nearest entry; empty: none
	At   time.Time
}

// Gap is a group of questions that mean the same, as far as their words tell.
type Gap struct {
	Questions []string // at most sampleOf, the newest first, without numbers and links
	N         int
	Best      string // id of the entry nearest to most of them
	Last      time.Time
}

// sampleOf bounds the questions shown of a group.
const sampleOf = 8

// alike is the share of words that two questions of a group have in common.
const alike = .5

// Words in more than a fifth of the questions tell nothing of what one is about; fewer than twenty do not tell which.
const (
	everywhere = .2
	enough     = 20
)

// Gaps groups questions, newest first, by the words they have in common; the largest group comes first.
func Gaps(asked []Asked) []Gap {
	type group struct {
		words map[string]bool
		gap   Gap
		best  map[string]int
	}
	all := make([]map[string]bool, len(asked))
	counts := map[string]int{}
	for i, a := range asked {
		all[i] = map[string]bool{}
		for _, w := range strings.Fields(vitext.Fold(a.Text)) {
			if w = strings.Trim(w, ".,:;!?\"'()"); w != "" && !all[i][w] {
				all[i][w] = true
				counts[w]++
			}
		}
	}
	var groups []*group
	for i, a := range asked {
		words := map[string]bool{}
		for w := range all[i] {
			if len(asked) < enough || float64(counts[w]) <= everywhere*float64(len(asked)) {
				words[w] = true
			}
		}
		var to *group
		most := 0.0
		for _, g := range groups {
			if s := overlap(words, g.words); s >= alike && s > most {
				to, most = g, s
			}
		}
		if to == nil {
			to = &group{words: words, best: map[string]int{}}
			groups = append(groups, to)
		}
		to.gap.N++
		to.best[a.Best]++
		if a.At.After(to.gap.Last) {
			to.gap.Last = a.At
		}
		if text := Mask(a.Text); len(to.gap.Questions) < sampleOf && !slices.Contains(to.gap.Questions, text) {
			to.gap.Questions = append(to.gap.Questions, text)
		}
	}
	gaps := make([]Gap, 0, len(groups))
	for _, g := range groups {
		for _, id := range sorted(keys(g.best)) {
			if id != "" && (g.gap.Best == "" || g.best[id] > g.best[g.gap.Best]) {
				g.gap.Best = id
			}
		}
		gaps = append(gaps, g.gap)
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int { return cmp.Or(cmp.Compare(b.N, a.N), b.Last.Compare(a.Last)) })
	return gaps
}

// overlap is the share of common words of the smaller question's words, 0 if either has none.
func overlap(a, b map[string]bool) float64 {
	common := 0
	for w := range a {
		if b[w] {
			common++
		}
	}
	if min(len(a), len(b)) == 0 {
		return 0
	}
	return float64(common) / (.5 * float64(len(a)+len(b)))
}
