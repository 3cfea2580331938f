package vitext

import "strings"

// Syllable is one written word of a message after repair.
type Syllable struct {
	Written string // as the person wrote it, cleaned
	Toned   string // repaired and expanded, lower-case, with marks where the writer gave them or the table is sure
	Folded  string // Toned without marks
	Marked  bool   // marks can be relied on: the syllable carries a mark, the table is sure of it, or the words around it are written with marks
	Start   int    // byte offset of Written in Text.Clean; syllables expanded from one word share Start and End
	End     int
	Slang   bool // came from teencode, dialect or typo repair
}

// Text is one message taken apart.
type Text struct {
	Clean     string
	Syllables []Syllable
	Marked    float64  // share of syllables needing marks that were written with them, 0..1
	Shouted   bool     // mostly capitals
	Emoji     []string // emoji and emoticons, in order
	Breaks    []int    // indexes into Syllables before which a sentence or clause boundary stands; ascending, may hold len(Syllables)
	Question  bool     // has a question mark
}

// Toned returns the repaired syllables joined by spaces.
func (t Text) Toned() string {
	return t.join(func(s *Syllable) string { return s.Toned })
}

// Folded returns the repaired syllables without marks, joined by spaces.
func (t Text) Folded() string {
	return t.join(func(s *Syllable) string { return s.Folded })
}

func (t Text) join(form func(*Syllable) string) string {
	size := 0
	for i := range t.Syllables {
		size += len(form(&t.Syllables[i])) + 1
	}
	var b strings.Builder
	b.Grow(size)
	for i := range t.Syllables {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(form(&t.Syllables[i]))
	}
	return b.String()
}
