package kb

import (
	"math"
	"slices"
)

// What tells whether a question can be answered, and by the best document.
const (
	signOne        = iota // always 1
	signScore             // rank score of the best
	signLead              // its lead on the next
	signShare             // its share among all
	signBest              // likeness of its best phrasing
	signAsks              // share of the question its phrasings hold
	signText              // share of the question it holds
	signCosine            //
	signUnknown           // share of the question's syllables that no document holds
	signLength            // logarithm of the number of syllables
	signRarest            // it holds the most telling syllable
	signArticle           // it is an article
	signOutside           // likeness of the question and the best question to be left unanswered
	signBeyond            // lead of that likeness over its own
	signWords             // likelihood of the question's syllables in it
	signPhrases           // of its pairs
	signMeanings          // of its concepts
	signGroup             // of all in its group
	signOther             // of all in the questions to be left unanswered
	signExplains          // share of the question's single syllables it explains
	signGroupShare        // share of the question its group explains
	signOtherShare        // share of the question explained by those to be left unanswered
	signMissing           // weight of the most telling syllable that it does not hold
	signTones             // share of words whose marks differ
	signCount
)

type signs [signCount]float64

func signNames() []string {
	return []string{"one", "score", "lead", "share", "best", "asks", "text", "cosine", "unknown", "length", "rarest", "article",
		"outside", "beyond", "words", "phrases", "meanings", "group", "other", "explains", "groupshare", "othershare", "missing", "tones"}
}

// weigh works out shares and signs.
func (r *ranking) weigh(q question, outside, other float64) {
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
	if len(r.found) > 1 {
		s[signLead] = min(3, top.score-r.found[1].score)
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
