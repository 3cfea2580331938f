package kb

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"treem/kb/vitext"
)

//go:embed tables
var tableFiles embed.FS

// lexicon holds the tables about words: which mean the same, and what is asked about other things. It does not change.
type lexicon struct {
	synonyms map[string][]phrase // by first folded syllable
	foreign  map[string][]phrase // words of other matters, by first folded syllable; the concept is their field
	outside  []string            // questions about other things, to be left unanswered
}

// phrase is some syllables and the concept they stand for.
type phrase struct {
	folded, toned []string
	concept       string
}

// conceptSign begins the name of a concept and no word.
const conceptSign = '='

func newLexicon(n *vitext.Normaliser) (*lexicon, error) {
	l := &lexicon{synonyms: map[string][]phrase{}, foreign: map[string][]phrase{}}
	add := func(to map[string][]phrase, concept, words string) {
		t := n.Normalise(words)
		if len(t.Syllables) == 0 {
			return
		}
		p := phrase{concept: concept}
		for _, s := range t.Syllables {
			p.folded, p.toned = append(p.folded, s.Folded), append(p.toned, s.Toned)
		}
		to[p.folded[0]] = append(to[p.folded[0]], p)
	}
	rows := func(to map[string][]phrase, sign string) func(line string) error {
		return func(line string) error {
			name, words, ok := strings.Cut(line, "\t")
			if !ok {
				return fmt.Errorf("%q: want a name, tab, phrases", line)
			}
			for w := range strings.SplitSeq(words, ",") {
				add(to, sign+name, w)
			}
			return nil
		}
	}
	for file, read := range map[string]func(line string) error{
		"synonyms.tsv": rows(l.synonyms, string(conceptSign)),
		"foreign.tsv":  rows(l.foreign, ""),
		"outside.tsv":  func(line string) error { l.outside = append(l.outside, line); return nil },
	} {
		if err := eachLine(file, read); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// eachLine reads the lines of a table that are neither empty nor comments.
func eachLine(file string, read func(line string) error) error {
	data, err := tableFiles.ReadFile("tables/" + file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := read(line); err != nil {
			return fmt.Errorf("tables/%s: %w", file, err)
		}
	}
	return nil
}

// concepts lists the concepts the syllables name.
func (l *lexicon) concepts(s []vitext.Syllable) []term {
	var out []term
	for i := range s {
		for _, p := range l.synonyms[s[i].Folded] {
			if p.at(s, i) {
				out = append(out, single(p.concept, ""))
			}
		}
	}
	return out
}

// foreigners lists the words of other matters that the syllables hold: the longest at each place, none within another.
func (l *lexicon) foreigners(s []vitext.Syllable) []foreigner {
	var out []foreigner
	for i := 0; i < len(s); {
		var longest phrase
		for _, p := range l.foreign[s[i].Folded] {
			if len(p.folded) > len(longest.folded) && p.at(s, i) {
				longest = p
			}
		}
		if len(longest.folded) == 0 {
			i++
			continue
		}
		f := newForeigner(longest.toned, s[i].Marked)
		f.served = served(s[:i])
		out = append(out, f)
		i += len(longest.folded)
	}
	return out
}

// foreigner is one place in a question with words of another matter.
type foreigner struct {
	keys, toned []uint64 // of its syllables, without and with marks
	syllables   int
	marked      bool // the writer gave marks
	served      bool // it stands where the child would: "cho con mèo", "của người già"
}

// served reports whether what follows the syllables is whom or what the question is about.
func served(before []vitext.Syllable) bool {
	i := len(before) - 1
	for i >= 0 && slices.Contains([]string{"con", "chiec", "cai", "nguoi", "mot", "em", "be", "may"}, before[i].Folded) {
		i--
	}
	return i >= 0 && (before[i].Folded == "cho" && (!before[i].Marked || before[i].Toned == "cho") || before[i].Folded == "cua")
}

func newForeigner(syllables []string, marked bool) foreigner {
	f := foreigner{syllables: len(syllables), marked: marked}
	for _, w := range syllables {
		f.keys, f.toned = append(f.keys, hash(vitext.Fold(w))), append(f.toned, hash(w))
	}
	return f
}

// at reports whether the phrase stands at i: marks must agree where the writer gave them.
func (p phrase) at(s []vitext.Syllable, i int) bool {
	if i+len(p.folded) > len(s) {
		return false
	}
	for j, w := range p.folded {
		if one := s[i+j]; one.Folded != w || one.Marked && one.Toned != p.toned[j] {
			return false
		}
	}
	return true
}
