package kb

import (
	"math"
	"slices"
	"strings"
)

// Two entries are twins when people ask for both in the same words and both rest on the same article: one tells the
// parent's side, the other the child's, or two topics need the same rule. Either answers the question, so twins do not
// make each other doubtful and are not offered side by side.

// twinLikeness is the cosine of two entries' phrasings from which they may be twins.
const twinLikeness = .42

// findTwins fills r.twins. Terms that a quarter of all entries share are left out: they tell nothing and cost most.
func (r *ranker) findTwins() {
	var entries int32
	for entries < int32(len(r.docs)) && r.docs[entries].hit.Entry != nil {
		entries++
	}
	product := make([]float64, int(entries)*int(entries))
	for term, places := range r.inDocs {
		if len(places) > int(entries)/4 {
			continue
		}
		for i, a := range places {
			if a.doc >= entries {
				break
			}
			if a.count == 0 {
				continue
			}
			w := r.idf[term] * r.idf[term] * math.Log1p(float64(a.count))
			for _, b := range places[i+1:] {
				if b.doc < entries && b.count > 0 {
					product[int(a.doc)*int(entries)+int(b.doc)] += w * math.Log1p(float64(b.count))
				}
			}
		}
	}
	r.twins = make([][]int32, len(r.docs))
	for a := range entries {
		for b := a + 1; b < entries; b++ {
			like := product[int(a)*int(entries)+int(b)] / (r.docs[a].norm * r.docs[b].norm)
			if like >= twinLikeness && sameRule(r.docs[a].hit.Entry, r.docs[b].hit.Entry) {
				r.twins[a], r.twins[b] = append(r.twins[a], b), append(r.twins[b], a)
			}
		}
	}
}

// sameRule reports whether two entries of different groups cite the same article.
func sameRule(a, b *Entry) bool {
	first, _, _ := strings.Cut(a.ID, "-")
	second, _, _ := strings.Cut(b.ID, "-")
	return first != second && slices.ContainsFunc(a.Citations, func(x Citation) bool {
		return slices.ContainsFunc(b.Citations, func(y Citation) bool { return x.Law == y.Law && x.Article == y.Article })
	})
}

// twinOf reports whether a document is the twin of one of the others.
func (r *ranker) twinOf(doc int32, others []int32) bool {
	return slices.ContainsFunc(r.twins[doc], func(t int32) bool { return slices.Contains(others, t) })
}
