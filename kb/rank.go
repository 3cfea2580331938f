package kb

import (
	"cmp"
	"context"
	"math"
	"slices"
)

func compare(a, b float64) int { return cmp.Compare(a, b) }

// ranking is the candidates for one question, best first.
type ranking struct {
	found []found
	signs signs
	share []float64 // of each candidate, together 1
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
	r.signs[signMissing] = ix.ranker.missing(q, all[0].doc) / 10
	r.weigh(q, ix.ranker.twins[all[0].doc], c.outside(ix.ranker, q, without), c.other(ix.ranker))
	return r, nil
}

// weigh works out shares and signs.
func (r *ranking) weigh(q question, twins []int32, outside, other float64) {
	sum := 0.0
	for _, f := range r.found {
		w := math.Exp(f.score - r.found[0].score)
		r.share = append(r.share, w)
		sum += w
	}
	for i := range r.share {
		r.share[i] /= sum
	}
	top := r.found[0]
	s := &r.signs
	s[signOne], s[signScore], s[signShare] = 1, top.score, r.share[0]
	s[signLead] = 3
	for i, f := range r.found[1:] {
		if slices.Contains(twins, f.doc) {
			s[signShare] += r.share[i+1]
			continue
		}
		if s[signLead] == 3 {
			s[signLead] = min(2.99, top.score-f.score)
		}
	}
	s[signBest], s[signAsks], s[signText], s[signCosine] = top.feat[featBest], top.feat[featAsks], top.feat[featText], top.feat[featCosine]
	s[signRarest], s[signArticle], s[signTones] = top.feat[featRarest], top.feat[featArticle], top.feat[featTones]
	count := 0
	for _, t := range q.terms {
		if !t.pair() && !t.concept() {
			count++
		}
	}
	s[signLength] = math.Log(float64(max(1, count)))
	if q.single > 0 {
		s[signUnknown] = q.unknown / q.single
	}
	s[signWords], s[signPhrases], s[signMeanings], s[signGroup] = top.feat[featWords], top.feat[featPhrases], top.feat[featMeanings], top.feat[featGroup]
	s[signOther] = other
	if q.single > 0 {
		s[signExplains], s[signGroupShare], s[signOtherShare] = 10*s[signWords]/q.single, 10*s[signGroup]/q.all, 10*other/q.all
	}
	s[signOutside], s[signBeyond] = outside, outside-top.feat[featBest]
}

// missing is the weight of the question's most telling syllable that a document does not hold.
func (r *ranker) missing(q question, doc int32) float64 {
	most := 0.0
	for _, t := range q.terms {
		if t.pair() || t.concept() || t.weight <= most {
			continue
		}
		if t.id < 0 || !slices.ContainsFunc(r.inDocs[t.id], func(p docPlace) bool { return p.doc == doc }) {
			most = t.weight
		}
	}
	return most
}

// outside is the likeness of the question and the best question to be left unanswered.
func (c *comparer) outside(r *ranker, q question, without int32) float64 {
	best := 0.0
	for doc := len(r.docs) - 1; doc >= 0 && r.docs[doc].outside(); doc-- {
		for i := r.docs[doc].from; i < r.docs[doc].to; i++ {
			if i != without {
				best = max(best, like(c.common[i], q.all, r.samples[i].weight))
			}
		}
	}
	return best
}

// other is the likelihood of the question among those to be left unanswered.
func (c *comparer) other(r *ranker) float64 {
	if last := len(r.docs) - 1; last >= 0 && r.docs[last].outside() {
		return c.group[r.docs[last].group] / 10
	}
	return 0
}

// maxChoices is how many hits a menu offers.
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
	var shown []int32
	for pass := range 2 { // twins of better ones come last
		for i, f := range r.found {
			if twin := ix.ranker.twinOf(f.doc, shown); slices.Contains(shown, f.doc) || pass == 0 && twin {
				continue
			}
			shown = append(shown, f.doc)
			h := ix.ranker.docs[f.doc].hit
			h.Score = known * r.share[i]
			result.Hits = append(result.Hits, h)
		}
	}
	result.Hits = result.Hits[:min(limit, len(result.Hits))]
	switch {
	case known < ix.model.Unknown:
	case sure >= ix.model.Choices || len(result.Hits) == 1:
		result.Verdict = VerdictAnswer
	default:
		result.Verdict, result.Choices = VerdictChoices, min(maxChoices, len(result.Hits))
	}
	return result
}
