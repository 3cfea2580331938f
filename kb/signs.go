package kb

import (
	"math"
)

// What tells whether a question can be answered, and by the best document.
const (
	signOne          = iota // always 1
	signScore               // rank score of the best
	signLead                // its lead on the next
	signShare               // its share among all
	signBest                // likeness of its best phrasing
	signAsks                // share of the question its phrasings hold
	signText                // share of the question it holds
	signCosine              //
	signUnknown             // share of the question's syllables that no document holds
	signLength              // logarithm of the number of syllables
	signRarest              // it holds the most telling syllable
	signArticle             // it is an article
	signOutside             // likeness of the question and the best question to be left unanswered
	signBeyond              // lead of that likeness over its own
	signWords               // likelihood of the question's syllables in it
	signPhrases             // of its pairs
	signMeanings            // of its concepts
	signGroup               // of all in its group
	signOther               // of all in the questions to be left unanswered
	signExplains            // share of the question's single syllables it explains
	signGroupShare          // share of the question its group explains
	signOtherShare          // share of the question explained by those to be left unanswered
	signMissing             // weight of the most telling syllable that it does not hold
	signTones               // share of words whose marks differ
	signForeign             // words of other matters that it does not hold, at most two
	signForeignShare        // share of the syllables that these are
	signServed              // one of them stands where the child would
	signScope               // what the question's terms alone say of its belonging here
	signAgainst             // what of them speaks against it
	signWorst               // the term that speaks most against it
	signCount
)

type signs [signCount]float64

func signNames() []string {
	return []string{"one", "score", "lead", "share", "best", "asks", "text", "cosine", "unknown", "length", "rarest", "article",
		"outside", "beyond", "words", "phrases", "meanings", "group", "other", "explains", "groupshare", "othershare", "missing", "tones",
		"foreign", "foreignshare", "served", "scope", "against", "worst"}
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
	s[signOther], s[signScope], s[signAgainst], s[signWorst] = other, q.scope.all, q.scope.against, q.scope.worst
	if q.single > 0 {
		s[signExplains], s[signGroupShare], s[signOtherShare] = 10*s[signWords]/q.single, 10*s[signGroup]/q.all, 10*other/q.all
	}
	s[signOutside], s[signBeyond] = outside, outside-top.feat[featBest]
}

// missing is the weight of the question's most telling syllable that a document does not hold. without is a sample to leave
// out.
func (r *ranker) missing(q question, doc, without int32) float64 {
	most := 0.0
	for _, t := range q.terms {
		if t.pair() || t.concept() || t.weight <= most {
			continue
		}
		if t.id < 0 || !r.inPhrasing(t.id, t.toned, doc, without) && !r.inText(t.id, t.toned, doc) {
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

// foreign counts the words of other matters that a document holds nowhere, at most two, and their share of the question's
// syllables, and says whether one stands where the child would. without is a sample to leave out.
func (s *signs) foreign(r *ranker, q question, doc, without int32) {
	words, syllables := 0, 0
	for _, f := range q.foreign {
		if r.holds(f, doc, without) {
			continue
		}
		words++
		syllables += f.syllables
		if f.served {
			s[signServed] = 1
		}
	}
	all := 0
	for _, t := range q.terms {
		if t.kind() == 0 {
			all++
		}
	}
	s[signForeign], s[signForeignShare] = float64(min(2, words)), float64(syllables)/float64(max(1, all))
}

// commonSyllable is the number of documents that answer something from which an unmarked syllable may be some other word:
// "bo" is bò, bố and bỏ.
const commonSyllable = 20

// holds reports whether the words stand in the document's phrasings or text, with their marks where the question and these
// have marks; an unmarked syllable that may be another word counts as held.
func (r *ranker) holds(f foreigner, doc, without int32) bool {
	last := max(1, f.syllables-1)
	for i := range last {
		key, toned := f.keys[i], f.toned[i]
		if f.syllables > 1 {
			key, toned = mix(key, f.keys[i+1]), mix(toned, f.toned[i+1])
		}
		if !f.marked {
			toned = 0
		}
		id, known := r.ids[key]
		if !known {
			return false
		}
		if f.syllables == 1 && !f.marked && r.spread[id] > commonSyllable {
			return true
		}
		if !r.inPhrasing(id, toned, doc, without) && !r.inText(id, toned, doc) {
			return false
		}
	}
	return true
}
