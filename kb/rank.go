package kb

import (
	"math"
	"slices"
)

// ranker compares a question with the phrasings each document collects. Syllables and pairs count by how telling they
// are: those of few documents much, those of most little.
type ranker struct {
	docs map[string]*rankDoc
	seen map[string]int // folded term → documents that hold it
	idf  map[string]float64
}

type rankDoc struct {
	samples []sample
	words   map[string]bool // every folded term of the document
	title   []term
}

// sample is one phrasing: folded term → form with marks, if written with marks.
type sample struct {
	terms  map[string]string
	weight float64
}

type candidate struct {
	id    string
	hit   Hit
	bleve float64
	score float64
}

func newRanker() *ranker { return &ranker{docs: map[string]*rankDoc{}, seen: map[string]int{}} }

// add takes a document's phrasings, the title first, and its text.
func (r *ranker) add(id string, samples [][]term, body []term) {
	d := &rankDoc{words: map[string]bool{}, title: samples[0]}
	for _, list := range samples {
		s := sample{terms: make(map[string]string, len(list))}
		for _, t := range list {
			s.terms[t.folded] = t.toned
			d.words[t.folded] = true
		}
		d.samples = append(d.samples, s)
	}
	for _, t := range body {
		d.words[t.folded] = true
	}
	for w := range d.words {
		r.seen[w]++
	}
	r.docs[id] = d
}

// finish weighs the terms; afterwards the ranker does not change.
func (r *ranker) finish() {
	n := float64(len(r.docs))
	r.idf = make(map[string]float64, len(r.seen))
	for w, count := range r.seen {
		r.idf[w] = math.Log(1 + (n-float64(count)+.5)/(float64(count)+.5))
	}
	for _, d := range r.docs {
		for i := range d.samples {
			for w := range d.samples[i].terms {
				d.samples[i].weight += r.idf[w]
			}
		}
	}
}

// title returns the terms of a document's title.
func (r *ranker) title(id string) []term {
	if d, ok := r.docs[id]; ok {
		return d.title
	}
	return nil
}

// unseenWeight is what a word nobody wrote into the content weighs: much, for it says that the question is about
// something else.
func (r *ranker) weight(w string) float64 {
	if v, ok := r.idf[w]; ok {
		return v
	}
	return math.Log(1 + float64(len(r.docs)))
}

// rank scores the candidates, best first, and decides what the question gets.
func (r *ranker) rank(list []term, q Query, all []candidate, limit int) Result {
	for i := range all {
		all[i].score = r.score(list, all[i].id)
		if all[i].hit.Entry != nil && all[i].hit.Entry.Topic == q.Topic {
			all[i].score *= 1.03
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		default:
			return 0
		}
	})
	result := Result{Verdict: VerdictUnknown}
	for _, c := range all[:min(limit, len(all))] {
		c.hit.Score = min(1, c.score)
		result.Hits = append(result.Hits, c.hit)
	}
	if len(result.Hits) == 0 {
		return result
	}
	result.Confidence = result.Hits[0].Score
	switch {
	case result.Confidence >= answerFrom:
		result.Verdict = VerdictAnswer
	case result.Confidence >= choicesFrom:
		result.Verdict = VerdictChoices
		for result.Choices < min(4, len(result.Hits)) && result.Hits[result.Choices].Score >= choicesFrom*.8 {
			result.Choices++
		}
	}
	return result
}

// The scores from which a question is answered, and from which choices are offered.
const (
	answerFrom  = .40
	choicesFrom = .28
)

// score compares a question with one document: the best phrasing decides, the rest of the document helps.
func (r *ranker) score(list []term, id string) float64 {
	d := r.docs[id]
	var asked, covered float64
	seen := map[string]bool{}
	for _, t := range list {
		if seen[t.folded] {
			continue
		}
		seen[t.folded] = true
		w := r.weight(t.folded)
		asked += w
		if d.words[t.folded] {
			covered += w
		}
	}
	if asked == 0 {
		return 0
	}
	best := 0.0
	for _, s := range d.samples {
		common := 0.0
		for _, t := range list {
			if toned, ok := s.terms[t.folded]; ok {
				w := r.weight(t.folded)
				if toned != "" && t.toned != "" && toned != t.toned {
					w *= .3
				}
				common += w
			}
		}
		best = max(best, common/(.6*asked+.4*s.weight))
	}
	return .75*min(1, best) + .25*covered/asked
}
