package kb

import (
	"embed"
	"fmt"
	"strings"

	"treem/kb/vitext"
)

//go:embed tables
var tableFiles embed.FS

// lexicon holds the tables about words: which mean the same, and what is asked about other things. It does not change.
type lexicon struct {
	synonyms map[string][]phrase // by first folded syllable
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
	l := &lexicon{synonyms: map[string][]phrase{}}
	add := func(concept, words string) {
		t := n.Normalise(words)
		if len(t.Syllables) == 0 {
			return
		}
		p := phrase{concept: concept}
		for _, s := range t.Syllables {
			p.folded, p.toned = append(p.folded, s.Folded), append(p.toned, s.Toned)
		}
		l.synonyms[p.folded[0]] = append(l.synonyms[p.folded[0]], p)
	}
	for file, read := range map[string]func(line string) error{
		"synonyms.tsv": func(line string) error {
			concept, words, ok := strings.Cut(line, "\t")
			if !ok {
				return fmt.Errorf("%q: want concept, tab, phrases", line)
			}
			for w := range strings.SplitSeq(words, ",") {
				add(string(conceptSign)+concept, w)
			}
			return nil
		},
		"outside.tsv": func(line string) error { l.outside = append(l.outside, line); return nil },
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
