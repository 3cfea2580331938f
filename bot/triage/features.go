package triage

// hashBits is the number of buckets signals fall into, 1<<hashBits: so many that different signals seldom share one.
const hashBits = 22

// buckets is a set of buckets, a bit each.
type buckets []uint64

func newBuckets() buckets { return make(buckets, 1<<hashBits/64) }

func (s buckets) has(f uint32) bool { return s[f/64]&(1<<(f%64)) != 0 }
func (s buckets) add(f uint32)      { s[f/64] |= 1 << (f % 64) }

// family keeps kinds of signals apart, so that the word "ba" and the letters "ba" have weights of their own.
type family uint32

const (
	famWord family = iota + 1
	famPair
	famTriple
	famSkip
	famToned
	famTonedPair
	famChars
	famConcept
	famConceptPair
	famConceptTriple
	famConceptWord
	famShape
	famShapeConcept
	famEdge
	famFrame
	famSynonym // and the four kinds of signals that meanings adds
)

// side is one of the ways of looking at a text. Each says much of it alone.
type side uint8

const (
	sideWords side = iota
	sideChars
	sideConcepts
	sideSynonyms
	sides
)

// sideOf tells the side of a family.
func sideOf(f family) side {
	switch {
	case f <= famTonedPair:
		return sideWords
	case f == famChars:
		return sideChars
	case f < famSynonym:
		return sideConcepts
	default:
		return sideSynonyms
	}
}

// bag collects the buckets of one text, each once.
type bag struct {
	on   []uint32 // buckets found, in order of finding
	from []side   // the side of each
	seen buckets  // the same as a set
}

func newBag() *bag { return &bag{seen: newBuckets()} }

// reset empties the bag for another text.
func (b *bag) reset() {
	for _, f := range b.on {
		b.seen[f/64] = 0
	}
	b.on, b.from = b.on[:0], b.from[:0]
}

func (b *bag) add(f family, h uint32) {
	h = bucketOf(f, h)
	if !b.seen.has(h) {
		b.seen.add(h)
		b.on, b.from = append(b.on, h), append(b.from, sideOf(f))
	}
}

// bucketOf places a signal in the table.
func bucketOf(f family, h uint32) uint32 { return mix(h^uint32(f)*0x9e3779b1) >> (32 - hashBits) }

// mix spreads a hash over all bits (murmur3 finaliser).
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// join continues a hash with another value; order matters.
func join(h, v uint32) uint32 { return mix(h+0x165667b1) ^ v*0x27d4eb2f }

// hashOf hashes a word (FNV-1a).
func hashOf(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// collect adds all signals of syllables from..to.
func (b *bag) collect(r *reading, from, to int) {
	b.words(r, from, to)
	if from < to {
		b.chars(r.line[r.at[from]-1 : r.at[to]])
	}
	b.meanings(r, r.hits, famConcept, from, to)
	b.meanings(r, r.fine, famSynonym, from, to)
	b.shape(r)
	for _, i := range r.framesIn(from, to) {
		b.add(famFrame, uint32(i)+1)
	}
}

// words adds single words, neighbours and near neighbours.
func (b *bag) words(r *reading, from, to int) {
	for i := from; i < to; i++ {
		h := r.folded[i]
		b.add(famWord, h)
		if i+1 < to {
			pair := join(h, r.folded[i+1])
			b.add(famPair, pair)
			if i+2 < to {
				b.add(famTriple, join(pair, r.folded[i+2]))
				b.add(famSkip, join(h, r.folded[i+2]))
			}
			if i+3 < to {
				b.add(famSkip, join(h, r.folded[i+3]))
			}
		}
		if toned := r.toned[i]; toned != 0 {
			b.add(famToned, toned)
			if i+1 < to && r.toned[i+1] != 0 {
				b.add(famTonedPair, join(toned, r.toned[i+1]))
			}
		}
	}
	if from < to {
		b.add(famEdge, join(1, r.folded[from]))
		b.add(famEdge, join(2, r.folded[to-1]))
		if to-from > 1 {
			b.add(famEdge, join(3, join(r.folded[from], r.folded[from+1])))
			b.add(famEdge, join(4, join(r.folded[to-2], r.folded[to-1])))
		}
	}
}

// charMin and charMax are the lengths of the letter sequences looked at.
const (
	charMin = 3
	charMax = 4
)

// chars adds the letter sequences of the folded line, over word borders.
func (b *bag) chars(line []byte) {
	for i := range line {
		h := uint32(2166136261)
		for n := 0; n < charMax && i+n < len(line); n++ {
			h = (h ^ uint32(line[i+n])) * 16777619
			if n+1 >= charMin {
				b.add(famChars, h)
			}
		}
	}
}

// conceptReach is how many concepts ahead one is paired with.
const conceptReach = 4

// meanings adds concepts or synonyms, their order, and the words beside them. Families from fam on name these signals;
// they follow one another as those of concepts do.
func (b *bag) meanings(r *reading, hits []hit, fam family, from, to int) {
	hits = between(hits, from, to)
	question := uint32(0)
	if r.text.Question {
		question = 1
	}
	for i := range hits {
		h := &hits[i]
		if h.end > to {
			continue
		}
		c := uint32(h.concept) + 1
		b.add(fam, c)
		b.add(famShapeConcept, join(question, c))
		if h.start > from {
			b.add(fam+famConceptWord-famConcept, join(c, r.folded[h.start-1]))
		}
		if h.end < to {
			b.add(fam+famConceptWord-famConcept, join(r.folded[h.end], c))
		}
		b.pairs(hits[i:], fam, to)
	}
}

// pairs adds the first of hits with those after it.
func (b *bag) pairs(hits []hit, fam family, to int) {
	pairs, triples := fam+famConceptPair-famConcept, fam+famConceptTriple-famConcept
	first, steps := &hits[0], 0
	var second *hit
	for j := 1; j < len(hits) && steps < conceptReach && hits[j].end <= to; j++ {
		next := &hits[j]
		if next.start == first.start {
			continue
		}
		if hits[j-1].start != next.start {
			steps++
		}
		pair := join(uint32(first.concept)+1, uint32(next.concept)+1)
		b.add(pairs, pair)
		if steps == 1 {
			b.add(pairs, join(pair, 7))
			second = next
		} else if steps == 2 && second != nil {
			b.add(triples, join(join(uint32(first.concept)+1, uint32(second.concept)+1), uint32(next.concept)+1))
		}
	}
}

// shape adds what does not hang on single words. Length is left out on purpose: in written examples it says more about
// their writers than about danger.
func (b *bag) shape(r *reading) {
	b.add(famShape, 1)
	if r.text.Question {
		b.add(famShape, 2)
	}
	for _, e := range r.text.Emoji {
		b.add(famShape, join(7, hashOf(face(e))))
	}
}

// face writes emoticons that say the same alike: "=)))" and ":))" are ":))".
func face(e string) string {
	var out []byte
	for i := range len(e) {
		c := e[i]
		if c == '=' {
			c = ':'
		}
		if n := len(out); n > 1 && out[n-1] == c && out[n-2] == c {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
