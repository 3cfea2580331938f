package kb

import "math"

// ranker compares a question with the phrasings each document collects. It does not change after finish.
type ranker struct {
	ids     map[uint64]int32 // term key → number
	idf     []float64        // by term
	inAsks  [][]samplePlace  // by term: the phrasings that hold it
	inDocs  [][]docPlace     // by term: the documents that hold it
	samples []sample
	docs    []rankDoc
}

// sample is one phrasing.
type sample struct {
	doc    int32
	weight float64 // of all its terms
}

type samplePlace struct {
	sample int32
	toned  uint64
}

type docPlace struct {
	doc   int32
	count int32 // phrasings that hold the term; 0: only the text does
}

type rankDoc struct {
	hit      Hit // neither entry nor law: a question to be left unanswered
	title    []term
	from, to int32   // samples; the first is the title
	norm     float64 // length of the vector of its phrasings
	body     float64 // weight of all its terms
}

func (d *rankDoc) outside() bool { return d.hit.Entry == nil && d.hit.Law == nil }

func newRanker() *ranker { return &ranker{ids: map[uint64]int32{}} }

func (r *ranker) number(t term) int32 {
	n, ok := r.ids[t.key]
	if !ok {
		n = int32(len(r.ids))
		r.ids[t.key] = n
		r.inAsks = append(r.inAsks, nil)
		r.inDocs = append(r.inDocs, nil)
	}
	return n
}

// add takes a document's phrasings, the title first, and the terms of its text.
func (r *ranker) add(h Hit, samples [][]term, body []term) {
	doc := int32(len(r.docs))
	d := rankDoc{hit: h, title: samples[0], from: int32(len(r.samples))}
	for _, list := range samples {
		id := int32(len(r.samples))
		r.samples = append(r.samples, sample{doc: doc})
		for _, t := range list {
			n := r.number(t)
			if places := r.inAsks[n]; len(places) > 0 && places[len(places)-1].sample == id {
				continue
			}
			r.inAsks[n] = append(r.inAsks[n], samplePlace{id, t.toned})
			if places := r.inDocs[n]; len(places) > 0 && places[len(places)-1].doc == doc {
				places[len(places)-1].count++
			} else {
				r.inDocs[n] = append(places, docPlace{doc, 1})
			}
		}
	}
	for _, t := range body {
		n := r.number(t)
		if places := r.inDocs[n]; len(places) == 0 || places[len(places)-1].doc != doc {
			r.inDocs[n] = append(places, docPlace{doc: doc})
		}
	}
	d.to = int32(len(r.samples))
	r.docs = append(r.docs, d)
}

// finish weighs the terms: those of few documents much, those of most little.
func (r *ranker) finish() {
	all := float64(len(r.docs))
	r.idf = make([]float64, len(r.inDocs))
	for n, places := range r.inDocs {
		count := float64(len(places))
		r.idf[n] = math.Log(1 + (all-count+.5)/(count+.5))
		for _, p := range places {
			w := r.idf[n] * math.Log1p(float64(p.count))
			r.docs[p.doc].norm += w * w
			r.docs[p.doc].body += r.idf[n]
		}
		for _, p := range r.inAsks[n] {
			r.samples[p.sample].weight += r.idf[n]
		}
	}
	for i := range r.docs {
		r.docs[i].norm = math.Sqrt(r.docs[i].norm)
	}
}

// asked is one term of a question.
type asked struct {
	term
	id     int32 // -1: no document holds it
	weight float64
}

// question numbers and weighs the terms of a question, each once.
func (r *ranker) question(list []term) []asked {
	out := make([]asked, 0, len(list))
	seen := make(map[uint64]bool, len(list))
	for _, t := range list {
		if seen[t.key] {
			continue
		}
		seen[t.key] = true
		a := asked{term: t, id: -1, weight: math.Log(1 + float64(len(r.docs)))}
		if id, ok := r.ids[t.key]; ok {
			a.id, a.weight = id, r.idf[id]
		}
		out = append(out, a)
	}
	return out
}
