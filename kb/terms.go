package kb

import (
	"strings"
	"unicode"

	"treem/kb/vitext"
)

// term is one syllable, pair of neighbouring syllables or concept of a text. Pairs carry most of Vietnamese: most words
// have two syllables.
type term struct {
	first, second string // folded; second is empty except for a pair
	key           uint64 // stands for first and second
	toned         uint64 // stands for the form with marks; 0: the writer gave no marks to rely on
}

func (t term) pair() bool { return t.second != "" }

// concept reports whether the term stands for words that mean the same.
func (t term) concept() bool { return t.first[0] == conceptSign }

// kind is 0 for a syllable, 1 for a pair, 2 for a concept.
func (t term) kind() int {
	switch {
	case t.pair():
		return 1
	case t.concept():
		return 2
	default:
		return 0
	}
}

// token writes the term as one word for bleve.
func (t term) token() string {
	if t.pair() {
		return t.first + "_" + t.second
	}
	return t.first
}

func single(folded, toned string) term {
	t := term{first: folded, key: hash(folded)}
	if toned != "" {
		t.toned = hash(toned)
	}
	return t
}

func pairOf(a, b term) term {
	t := term{first: a.first, second: b.first, key: mix(a.key, b.key)}
	if a.toned != 0 && b.toned != 0 {
		t.toned = mix(a.toned, b.toned)
	}
	return t
}

// terms lists the syllables, pairs and concepts of a text.
func (l *lexicon) terms(t vitext.Text) []term {
	out := make([]term, 0, 2*len(t.Syllables)+4)
	var before term
	for i, s := range t.Syllables {
		toned := ""
		if s.Marked {
			toned = s.Toned
		}
		one := single(s.Folded, toned)
		if s.Folded == "" {
			continue
		}
		out = append(out, one)
		if i > 0 && before.first != "" {
			out = append(out, pairOf(before, one))
		}
		before = one
	}
	return append(out, l.concepts(t.Syllables)...)
}

// plainTerms lists the syllables and pairs of well-written text cheaply: no repair.
func plainTerms(text string) []term {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := make([]term, 0, 2*len(words))
	for _, w := range words {
		out = append(out, single(vitext.Fold(w), w))
	}
	for i := 0; i+1 < len(words); i++ {
		out = append(out, pairOf(out[i], out[i+1]))
	}
	return out
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func mix(a, b uint64) uint64 { return (a*31 ^ b) * 1099511628211 }
