package kb

import "math"

// How the comparer judges.
const (
	toneClash = .3    // what a word still counts whose marks differ
	ownShare  = .8    // how far a document's own phrasings are trusted against all phrasings
	textCount = .25   // what a word of a document's text counts against one of its phrasings
	chance    = .0005 // how often a word stands in a phrasing by chance
)

// comparer holds sums for every phrasing and document; it is used for one question at a time and kept for the next.
type comparer struct {
	common []float64    // by sample: weight it shares with the question
	pairs  []float64    // by sample: of that, pairs
	clash  []float64    // by sample: weight of words whose marks differ
	asks   []float64    // by document: weight its phrasings share
	text   []float64    // by document: weight it shares
	dot    []float64    // by document: product with the phrasings' vector
	likely [3][]float64 // by document: likelihood of syllables, pairs, concepts
	body   []float64    // by document: weight its text shares
	group  []float64    // by group: likelihood of them all

	count      []float64 // by document: phrasings that hold the term looked at; zero between terms
	groupCount []float64 // by group: the same
	all        float64   // phrasings that hold the term looked at
	outDoc     int32     // document of the phrasing left out; -1: none
}

func newComparer(r *ranker) *comparer {
	s, d := len(r.samples), len(r.docs)
	c := &comparer{common: make([]float64, s), pairs: make([]float64, s), clash: make([]float64, s),
		asks: make([]float64, d), text: make([]float64, d), dot: make([]float64, d), body: make([]float64, d)}
	c.group, c.groupCount, c.count = make([]float64, len(r.groups)), make([]float64, len(r.groups)), make([]float64, d)
	for i := range c.likely {
		c.likely[i] = make([]float64, d)
	}
	return c
}

// question is one question's terms and their weights in all.
type question struct {
	terms   []asked
	all     float64 // weight
	pairs   float64 // weight of pairs
	unknown float64 // weight of single syllables that no document holds
	single  float64 // weight of single syllables
	length  float64 // root of the squares
	rarest  int     // the most telling known syllable; -1: none
	foreign []foreigner
	scope   verdict // what its terms alone say of its belonging here
}

// ask weighs a question.
func (r *ranker) ask(list []term, foreign []foreigner) question {
	q := question{terms: r.question(list), rarest: -1, foreign: foreign}
	for i, t := range q.terms {
		q.all += t.weight
		q.length += t.weight * t.weight
		switch {
		case t.pair():
			q.pairs += t.weight
		case t.concept():
		default:
			q.single += t.weight
			if t.id < 0 {
				q.unknown += t.weight
			} else if q.rarest < 0 || t.weight > q.terms[q.rarest].weight {
				q.rarest = i
			}
		}
	}
	q.length = math.Sqrt(q.length)
	return q
}

// sum compares the question with everything. without is a sample to leave out, as if it had never been written; -1: none.
func (c *comparer) sum(r *ranker, q question, without int32) {
	for _, sums := range [][]float64{c.common, c.pairs, c.clash, c.asks, c.text, c.dot, c.body, c.group, c.likely[0], c.likely[1], c.likely[2]} {
		clear(sums)
	}
	c.outDoc = -1
	if without >= 0 {
		c.outDoc = r.samples[without].doc
	}
	for _, t := range q.terms {
		if t.id >= 0 {
			c.sumSamples(r, t, without)
			c.sumDocs(r, t)
		}
	}
}

// sumSamples adds what one term shares with each phrasing, and counts the phrasings of each document.
func (c *comparer) sumSamples(r *ranker, t asked, without int32) {
	c.all = 0
	toned := marksOf(t.toned)
	for _, p := range r.inAsks.of(t.id) {
		if p.sample == without {
			continue
		}
		w := 1.0
		if !agree(p.toned, toned) {
			c.clash[p.sample] += t.weight
			w = toneClash
		}
		c.common[p.sample] += w * t.weight
		if t.pair() {
			c.pairs[p.sample] += w * t.weight
		}
		c.count[r.samples[p.sample].doc] += w
		c.all += w
	}
}

// sumDocs adds what one term shares with each document and its group.
func (c *comparer) sumDocs(r *ranker, t asked) {
	kind, anywhere := t.kind(), (1-ownShare)*c.all/float64(len(r.samples))+chance
	for _, p := range r.inDocs.of(t.id) {
		d := &r.docs[p.doc]
		count := c.count[p.doc]
		c.count[p.doc] = 0
		c.groupCount[d.group] += count
		all := float64(d.to - d.from)
		if p.doc == c.outDoc {
			all--
		}
		has := count
		if p.text {
			c.body[p.doc] += t.weight
			has += textCount
		}
		c.likely[kind][p.doc] += math.Log((ownShare*has/(all+1) + anywhere) / anywhere)
		if count > 0 {
			c.asks[p.doc] += t.weight * min(1, count)
			c.dot[p.doc] += t.weight * t.weight * math.Log1p(count)
			c.text[p.doc] += t.weight
		} else if p.text {
			c.text[p.doc] += t.weight
		}
	}
	for _, p := range r.inGroups.of(t.id) {
		own := c.groupCount[p.group] / float64(r.groups[p.group]+1)
		c.groupCount[p.group] = 0
		c.group[p.group] += math.Log((ownShare*own + anywhere) / anywhere)
	}
}
