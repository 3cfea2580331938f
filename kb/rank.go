package kb

import (
	"cmp"
	"context"
	"slices"
)

func compare(a, b float64) int { return cmp.Compare(a, b) }

// ranking is the candidates for one question, best first.
type ranking struct {
	found []found
	signs signs
	share []float64 // of each candidate, together 1
}

// question weighs a question.
func (ix *Index) question(list []term, foreign []foreigner) question {
	q := ix.ranker.ask(list, foreign)
	q.scope = ix.scope.judge(slots(list))
	return q
}

// rank brings candidates and orders them. without is a sample to leave out; -1: none.
func (ix *Index) rank(ctx context.Context, q question, topic Topic, without int32) (ranking, error) {
	all, err := ix.bring(ctx, q)
	if err != nil || len(all) == 0 {
		return ranking{}, err
	}
	c := ix.comparers.Get().(*comparer)
	defer ix.comparers.Put(c)
	c.sum(ix.ranker, q, without)
	for i := range all {
		f := &all[i]
		f.feat = c.features(ix.ranker, q, f.doc, without)
		if e := ix.ranker.docs[f.doc].hit.Entry; e != nil && topic != "" && e.Topic == topic {
			f.feat[featTopic] = 1
		}
		f.score = dot(ix.model.rank[:], f.feat[:])
	}
	slices.SortStableFunc(all, func(a, b found) int { return compare(b.score, a.score) })
	r := ranking{found: all}
	r.signs[signMissing] = ix.ranker.missing(q, all[0].doc, without) / 10
	r.signs.foreign(ix.ranker, q, all[0].doc, without)
	r.weigh(q, c.outside(ix.ranker, q, without), c.other(ix.ranker))
	return r, nil
}

// maxChoices is how many hits a person sees: in a menu, or the answer with those offered beside it.
const maxChoices = 4

// decide turns a ranking into an answer, choices, or "I do not know".
func (ix *Index) decide(r ranking, limit int) Result {
	result := Result{Verdict: VerdictUnknown}
	if len(r.found) == 0 {
		return result
	}
	known := sigmoid(dot(ix.model.known[:], r.signs[:]))
	sure := sigmoid(dot(ix.model.sure[:], r.signs[:]))
	result.Confidence = known * sure
	for i, f := range r.found[:min(limit, len(r.found))] {
		h := ix.ranker.docs[f.doc].hit
		h.Score = known * r.share[i]
		result.Hits = append(result.Hits, h)
	}
	switch {
	case known < ix.model.Unknown:
	case sure >= ix.model.Choices || len(result.Hits) == 1:
		result.Verdict = VerdictAnswer
		if shown := min(maxChoices, len(result.Hits)); shown > 1 && sure < ix.model.Alone {
			result.Choices = shown
		}
	default:
		result.Verdict, result.Choices = VerdictChoices, min(maxChoices, len(result.Hits))
	}
	return result
}
