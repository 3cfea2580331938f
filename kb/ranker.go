package kb

import (
	"math"
	"slices"
	"strings"
)

// ranker compares a question with the phrasings each document collects. It does not change after finish.
type ranker struct {
	ids      map[uint64]int32 // term key → number
	idf      []float64        // by term
	spread   []int32          // by term: how many documents that answer something hold it
	inAsks   places[samplePlace]
	inDocs   places[docPlace]
	inGroups places[groupPlace]
	samples  []sample
	docs     []rankDoc
	known    int              // documents that are not to be left unanswered
	groups   []int32          // phrasings of each group
	byName   map[string]int32 // group's name → number
}

// places tells by term where it stands, in order. There are some hundred thousand, so they lie in one piece.
type places[P any] struct {
	start []int32 // by term, and the end
	all   []P
}

// of lists the places of a term.
func (p *places[P]) of(id int32) []P { return p.all[p.start[id]:p.start[id+1]] }

// lay puts the lists of all terms into one piece.
func lay[P any](lists [][]P) places[P] {
	var p places[P]
	p.start, p.all = make([]int32, 1, len(lists)+1), slices.Concat(lists...)
	for _, l := range lists {
		p.start = append(p.start, p.start[len(p.start)-1]+int32(len(l)))
	}
	return p
}

// gathering is a ranker that still takes documents.
type gathering struct {
	*ranker
	inAsks [][]samplePlace
	inDocs [][]docPlace
}

// sample is one phrasing.
type sample struct {
	doc    int32
	weight float64 // of all its terms
}

// samplePlace is a phrasing that holds a term.
type samplePlace struct {
	sample int32
	toned  marks
}

// docPlace is a document that holds a term.
type docPlace struct {
	doc   int32
	toned marks  // those of its text; 0: with more than one
	count uint16 // phrasings that hold the term
	text  bool   // its text holds it
}

// groupPlace is a group that holds a term.
type groupPlace struct {
	group int32
	count int32 // phrasings that hold the term
}

// marks stands for the form of a term with marks, in half the room; 0: it has none to rely on.
type marks uint32

// marksOf shortens what a term says of its marks.
func marksOf(toned uint64) marks {
	if m := marks(toned >> 32); m != 0 || toned == 0 {
		return m
	}
	return 1
}

type rankDoc struct {
	hit      Hit    // neither entry nor law: a question to be left unanswered
	title    []term // of an entry
	group    int32
	from, to int32   // samples; the first is the title
	norm     float64 // length of the vector of its phrasings
}

func (d *rankDoc) outside() bool { return d.hit.Entry == nil && d.hit.Law == nil }

// newRanker begins to gather documents; finish ends it.
func newRanker() *gathering {
	return &gathering{ranker: &ranker{ids: map[uint64]int32{}, byName: map[string]int32{}}}
}

func (r *gathering) number(t term) int32 {
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
func (r *gathering) add(h Hit, samples [][]term, body []term) {
	doc := int32(len(r.docs))
	d := rankDoc{hit: h, from: int32(len(r.samples)), group: r.group(h)}
	if h.Entry != nil {
		d.title = slices.Clone(samples[0])
	}
	r.groups[d.group] += int32(len(samples))
	for _, list := range samples {
		id := int32(len(r.samples))
		r.samples = append(r.samples, sample{doc: doc})
		for _, t := range list {
			n := r.number(t)
			if places := r.inAsks[n]; len(places) > 0 && places[len(places)-1].sample == id {
				continue
			}
			r.inAsks[n] = append(r.inAsks[n], samplePlace{id, marksOf(t.toned)})
			if places := r.inDocs[n]; len(places) > 0 && places[len(places)-1].doc == doc {
				places[len(places)-1].count++
			} else {
				r.inDocs[n] = append(places, docPlace{doc: doc, count: 1})
			}
		}
	}
	for _, t := range body {
		n := r.number(t)
		places := r.inDocs[n]
		if len(places) == 0 || places[len(places)-1].doc != doc {
			r.inDocs[n] = append(places, docPlace{doc: doc, text: true, toned: marksOf(t.toned)})
			continue
		}
		switch last := &places[len(places)-1]; {
		case !last.text:
			last.text, last.toned = true, marksOf(t.toned)
		case last.toned != marksOf(t.toned):
			last.toned = 0
		}
	}
	d.to = int32(len(r.samples))
	r.docs = append(r.docs, d)
}

// finish weighs the terms: those of few documents much, those of most little.
func (g *gathering) finish() *ranker {
	r := g.ranker
	r.inAsks, r.inDocs = lay(g.inAsks), lay(g.inDocs)
	for i := range r.docs {
		if !r.docs[i].outside() {
			r.known++
		}
	}
	all := float64(r.known)
	r.idf, r.spread = make([]float64, len(g.inDocs)), make([]int32, len(g.inDocs))
	for n, places := range g.inDocs {
		for _, p := range places {
			if !r.docs[p.doc].outside() {
				r.spread[n]++
			}
		}
		count := float64(r.spread[n])
		r.idf[n] = math.Log(1 + (all-count+.5)/(count+.5))
		for _, p := range places {
			w := r.idf[n] * math.Log1p(float64(p.count))
			r.docs[p.doc].norm += w * w
		}
		for _, p := range g.inAsks[n] {
			r.samples[p.sample].weight += r.idf[n]
		}
	}
	g.gatherGroups()
	for i := range r.docs {
		r.docs[i].norm = math.Sqrt(r.docs[i].norm)
	}
	return r
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
		a := asked{term: t, id: -1, weight: math.Log(1 + float64(r.known))}
		if id, ok := r.ids[t.key]; ok {
			a.id, a.weight = id, r.idf[id]
		}
		out = append(out, a)
	}
	return out
}

// inPhrasing and inText report whether a document holds a term in a phrasing or its text, with the same marks where both are
// written with marks. without is a sample to leave out; -1: none.
func (r *ranker) inPhrasing(id int32, toned uint64, doc, without int32) bool {
	d := &r.docs[doc]
	asks := r.inAsks.of(id)
	first, _ := slices.BinarySearchFunc(asks, d.from, func(p samplePlace, from int32) int { return int(p.sample - from) })
	for _, p := range asks[first:] {
		if p.sample >= d.to {
			break
		}
		if p.sample != without && agree(p.toned, marksOf(toned)) {
			return true
		}
	}
	return false
}

func (r *ranker) inText(id int32, toned uint64, doc int32) bool {
	docs := r.inDocs.of(id)
	i, ok := slices.BinarySearchFunc(docs, doc, func(p docPlace, doc int32) int { return int(p.doc - doc) })
	return ok && docs[i].text && agree(docs[i].toned, marksOf(toned))
}

// agree reports whether two ways to write a term may be the same word.
func agree(a, b marks) bool { return a == 0 || b == 0 || a == b }

// group numbers the group of a document: entries whose ids begin alike, the articles of a law, what is left unanswered.
func (r *ranker) group(h Hit) int32 {
	name := ""
	switch {
	case h.Entry != nil:
		name, _, _ = strings.Cut(h.Entry.ID, "-")
	case h.Law != nil:
		name = h.Law.Number
	}
	n, ok := r.byName[name]
	if !ok {
		n = int32(len(r.groups))
		r.byName[name] = n
		r.groups = append(r.groups, 0)
	}
	return n
}

// gatherGroups notes for each term how many phrasings of each group hold it.
func (g *gathering) gatherGroups() {
	lists := make([][]groupPlace, len(g.inDocs))
	sums := make([]int32, len(g.groups))
	for n, places := range g.inDocs {
		for _, p := range places {
			sums[g.docs[p.doc].group] += int32(p.count)
		}
		for _, p := range places {
			if group := g.docs[p.doc].group; sums[group] > 0 {
				lists[n] = append(lists[n], groupPlace{group, sums[group]})
				sums[group] = 0
			}
		}
	}
	g.inGroups = lay(lists)
}
