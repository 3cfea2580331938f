package triage

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"treem/kb/vitext"
)

// concept is one meaning of concepts.yaml.
type concept struct {
	ID       string `yaml:"id"`
	Says     string `yaml:"says"`
	Words    string `yaml:"words"`
	Harmless bool   `yaml:"harmless"`
}

// phrase is one way to say one or more concepts.
type phrase struct {
	toned    []uint32 // hashes of the syllables with marks
	concepts []int    // indexes into lexicon.concepts
}

// step leads from a prefix of phrases, over one folded syllable, to a longer prefix.
type step struct {
	from int32
	word uint32
}

// lexicon finds concepts in a text: a tree of phrases over folded syllables, whose leaves check the marks.
type lexicon struct {
	concepts []concept
	byID     map[string]int
	steps    map[step]int32
	ends     [][]phrase // by tree node
}

// hit is a concept found at syllables start..end. Several concepts may share a place.
type hit struct {
	concept    int
	start, end int
}

// loadLexicon reads concepts.yaml.
func loadLexicon(data []byte) (*lexicon, error) {
	l := &lexicon{byID: make(map[string]int), steps: make(map[step]int32), ends: make([][]phrase, 1)}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&l.concepts); err != nil {
		return nil, fmt.Errorf("triage: concepts.yaml: %w", err)
	}
	for i, c := range l.concepts {
		if _, twice := l.byID[c.ID]; twice || c.ID == "" || c.Says == "" {
			return nil, fmt.Errorf("triage: concepts.yaml: %q needs an id of its own and says", c.ID)
		}
		l.byID[c.ID] = i
		for w := range strings.SplitSeq(c.Words, ",") {
			if err := l.insert(vitext.Tone(strings.TrimSpace(w)), i); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

func (l *lexicon) insert(words string, concept int) error {
	syllables := strings.Fields(words)
	if len(syllables) == 0 {
		return fmt.Errorf("triage: concepts.yaml: %s has an empty phrase", l.concepts[concept].ID)
	}
	node := int32(0)
	toned := make([]uint32, len(syllables))
	for i, s := range syllables {
		toned[i] = hashOf(s)
		edge := step{node, hashOf(vitext.Fold(s))}
		next, ok := l.steps[edge]
		if !ok {
			next = int32(len(l.ends))
			l.ends = append(l.ends, nil)
			l.steps[edge] = next
		}
		node = next
	}
	for i := range l.ends[node] {
		if equal(l.ends[node][i].toned, toned) {
			l.ends[node][i].concepts = append(l.ends[node][i].concepts, concept)
			return nil
		}
	}
	l.ends[node] = append(l.ends[node], phrase{toned, []int{concept}})
	return nil
}

func equal(a, b []uint32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// find appends the concepts of the text to hits, from left to right, the longest phrase at each place, phrases not
// overlapping. A phrase does not reach over a clause boundary.
func (l *lexicon) find(r *reading, hits []hit) []hit {
	for i := 0; i < len(r.folded); {
		end := i
		first := len(hits)
		node := int32(0)
		for j := i; j < len(r.folded); j++ {
			if j > i && r.breakAt[j] {
				break
			}
			next, ok := l.steps[step{node, r.folded[j]}]
			if !ok {
				break
			}
			node = next
			var found bool
			for k := range l.ends[node] {
				p := &l.ends[node][k]
				if !r.fits(i, p.toned) {
					continue
				}
				if !found {
					hits = hits[:first]
					found = true
				}
				for _, c := range p.concepts {
					hits = addHit(hits, first, hit{c, i, j + 1})
				}
				end = j + 1
			}
		}
		i = max(end, i+1)
	}
	return hits
}

// addHit appends a hit unless the same concept was found at the same place by another spelling.
func addHit(hits []hit, from int, h hit) []hit {
	for _, o := range hits[from:] {
		if o.concept == h.concept {
			return hits
		}
	}
	return append(hits, h)
}

// reading is a text prepared for looking things up.
type reading struct {
	text    vitext.Text
	folded  []uint32 // hashes by syllable
	toned   []uint32 // hashes; 0 where the marks cannot be relied on
	breakAt []bool   // a clause begins at this syllable
	hits    []hit
	line    []byte // folded syllables between spaces
	at      []int  // offset in line of each syllable, and of the end
}

// read prepares a text, reusing the memory of the reading.
func (r *reading) read(t vitext.Text, l *lexicon) {
	n := len(t.Syllables)
	r.text = t
	r.folded, r.toned, r.breakAt = r.folded[:0], r.toned[:0], r.breakAt[:0]
	r.line, r.at = append(r.line[:0], ' '), r.at[:0]
	for i := range t.Syllables {
		s := &t.Syllables[i]
		r.folded = append(r.folded, hashOf(s.Folded))
		toned := uint32(0)
		if s.Marked {
			toned = hashOf(s.Toned)
		}
		r.toned = append(r.toned, toned)
		r.breakAt = append(r.breakAt, false)
		r.at = append(r.at, len(r.line))
		r.line = append(append(r.line, s.Folded...), ' ')
	}
	r.at = append(r.at, len(r.line))
	for _, b := range t.Breaks {
		if b > 0 && b < n {
			r.breakAt[b] = true
		}
	}
	r.hits = l.find(r, r.hits[:0])
}

// fits reports whether the marks at syllable i do not contradict the phrase.
func (r *reading) fits(i int, toned []uint32) bool {
	for k, want := range toned {
		if have := r.toned[i+k]; have != 0 && have != want {
			return false
		}
	}
	return true
}
