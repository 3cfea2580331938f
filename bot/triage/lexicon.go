package triage

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treem/kb/vitext"
)

// concept is one meaning of concepts.yaml.
type concept struct {
	ID     string `yaml:"id"`
	Says   string `yaml:"says"`
	Words  string `yaml:"words"`
	Strict bool   `yaml:"strict"`
	root   int32
}

// phrase is one way to say one or more concepts.
type phrase struct {
	toned    []uint32 // hashes of the syllables with marks
	marked   bool     // counts only where written with marks
	concepts []int    // indexes into lexicon.concepts
}

// step leads from a prefix of phrases, over one folded syllable, to a longer prefix.
type step struct {
	from int32
	word uint32
}

// Roots of the trees of phrases: strict concepts and synonyms are looked up apart, so that they hide no others.
const (
	usualRoot = iota
	strictRoot
	synonymRoot
	roots
)

// lexicon finds concepts in a text: trees of phrases over folded syllables, whose leaves check the marks.
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

// loadLexicon reads concepts.yaml and synonyms.yaml.
func loadLexicon(concepts, synonyms []byte) (*lexicon, error) {
	l := &lexicon{byID: make(map[string]int), steps: make(map[step]int32), ends: make([][]phrase, roots)}
	d := yaml.NewDecoder(bytes.NewReader(concepts))
	d.KnownFields(true)
	if err := d.Decode(&l.concepts); err != nil {
		return nil, fmt.Errorf("triage: concepts.yaml: %w", err)
	}
	sets, err := loadSynonyms(synonyms)
	if err != nil {
		return nil, err
	}
	l.concepts = append(l.concepts, sets...)
	for i, c := range l.concepts {
		if c.Strict {
			l.concepts[i].root = strictRoot
		}
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

// loadSynonyms reads synonyms.yaml, a mapping from names to words, in the order of the file.
func loadSynonyms(data []byte) ([]concept, error) {
	var file yaml.Node
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("triage: synonyms.yaml: %w", err)
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("triage: synonyms.yaml: must be name: words, one set a line")
	}
	pairs := file.Content[0].Content
	var sets []concept
	for i := 0; i+1 < len(pairs); i += 2 {
		name := "synonyms " + pairs[i].Value
		sets = append(sets, concept{ID: name, Says: name, Words: pairs[i+1].Value, root: synonymRoot})
	}
	return sets, nil
}

func (l *lexicon) insert(words string, concept int) error {
	words, marked := strings.CutSuffix(words, "!")
	syllables := strings.Fields(words)
	if len(syllables) == 0 {
		return fmt.Errorf("triage: concepts.yaml: %s has an empty phrase", l.concepts[concept].ID)
	}
	node := l.concepts[concept].root
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
		if slices.Equal(l.ends[node][i].toned, toned) {
			l.ends[node][i].concepts = append(l.ends[node][i].concepts, concept)
			return nil
		}
	}
	l.ends[node] = append(l.ends[node], phrase{toned, marked, []int{concept}})
	return nil
}

// find appends the concepts of one tree to hits, from left to right, the longest phrase at each place, phrases not
// overlapping. A phrase does not reach over a clause boundary.
func (l *lexicon) find(r *reading, root int32, hits []hit) []hit {
	for i := 0; i < len(r.folded); {
		end := i
		first := len(hits)
		node := root
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
				if !r.fits(i, p) {
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

// between returns the hits that begin at syllables from..to-1; hits are in order of place.
func between(hits []hit, from, to int) []hit {
	begins := func(h hit, at int) int { return h.start - at }
	i, _ := slices.BinarySearchFunc(hits, from, begins)
	j, _ := slices.BinarySearchFunc(hits, to, begins)
	return hits[i:j]
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
	begins  []int    // syllables at which a sentence begins
	hits    []hit    // usual concepts
	all     []hit    // strict ones too, by place
	fine    []hit    // synonyms
	line    []byte   // folded syllables between spaces
	at      []int    // offset in line of each syllable, and of the end
	written string   // a short message as written, folded
	frames  []frame
	fitting []int
}

// longestWord is the length in bytes from which the letters of a word are not looked at: a key held down says nothing.
const longestWord = 24

// sentenceEnds are the signs that end a sentence.
const sentenceEnds = ".!?…\n;"

// read prepares a text, reusing the memory of the reading.
func (r *reading) read(t vitext.Text, l *lexicon, frames []frame) {
	n := len(t.Syllables)
	r.frames = frames
	r.written = keyword(t.Clean)
	r.text = t
	r.folded, r.toned, r.breakAt = r.folded[:0], r.toned[:0], r.breakAt[:0]
	r.begins = append(r.begins[:0], 0)
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
		if len(s.Folded) <= longestWord {
			r.line = append(r.line, s.Folded...)
		}
		r.line = append(r.line, ' ')
	}
	r.at = append(r.at, len(r.line))
	for _, b := range t.Breaks {
		if b > 0 && b < n {
			r.breakAt[b] = true
			if strings.ContainsAny(t.Clean[t.Syllables[b-1].End:t.Syllables[b].Start], sentenceEnds) {
				r.begins = append(r.begins, b)
			}
		}
	}
	r.hits = l.find(r, usualRoot, r.hits[:0])
	r.all = l.find(r, strictRoot, append(r.all[:0], r.hits...))
	r.fine = l.find(r, synonymRoot, r.fine[:0])
	slices.SortStableFunc(r.all, func(a, b hit) int { return a.start - b.start })
}

// fits reports whether the marks at syllable i do not contradict the phrase.
func (r *reading) fits(i int, p *phrase) bool {
	for k, want := range p.toned {
		if have := r.toned[i+k]; have != want && (have != 0 || p.marked) {
			return false
		}
	}
	return true
}
