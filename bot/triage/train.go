package triage

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"

	"treem/kb/vitext"
)

// school turns examples into lessons.
type school struct {
	lex  *lexicon
	norm *vitext.Normaliser
	bag  *bag
	read reading

	names  []string // categories, in order of name
	levels []Level
}

func newSchool(lexicon []byte, examples []Example) (*school, error) {
	lex, err := loadLexicon(lexicon)
	if err != nil {
		return nil, err
	}
	norm, err := vitext.New()
	if err != nil {
		return nil, err
	}
	s := &school{lex: lex, norm: norm, bag: newBag()}
	of := make(map[string]Level)
	for _, e := range examples {
		if l, known := of[e.Category]; known && l != e.Level {
			return nil, fmt.Errorf("triage: category %q has two levels: %q", e.Category, e.Text)
		}
		of[e.Category] = e.Level
	}
	for name := range of {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
	for _, name := range s.names {
		s.levels = append(s.levels, of[name])
	}
	return s, nil
}

// signals returns the buckets of a text.
func (s *school) signals(text string) []uint32 {
	t := s.norm.Normalise(text)
	s.read.read(t, s.lex)
	s.bag.reset()
	s.bag.collect(&s.read, 0, len(t.Syllables))
	return slices.Clone(s.bag.on)
}

// lessons returns the lessons of one example: as written, then its other spellings at half weight.
func (s *school) lessons(e Example) []lesson {
	category, _ := slices.BinarySearch(s.names, e.Category)
	rng := rand.New(rand.NewPCG(uint64(hashOf(e.Text)), 7))
	var all []lesson
	for i, v := range variants(e.Text, rng) {
		weight := 1.0
		if i > 0 {
			weight = 0.5
		}
		all = append(all, lesson{s.signals(v), e.Level.Rank(), category, weight})
	}
	return all
}

// fit learns a whole model.
func (s *school) fit(lessons []lesson) *model {
	m := &model{names: s.names, levels: s.levels}
	m.linear = quantise(learnLinear(lessons, levelCount, 0, course{8, 0.03, 0.3, 1},
		func(l *lesson) int { return l.level }), levelCount)
	net := learnNet(lessons, course{8, 0.03, 0.4, 2})
	m.hidden = quantise(net.emb.w, hiddenUnits)
	m.out, m.bias = net.out.w, net.bias.w
	m.category = quantise(learnLinear(lessons, len(s.names), categoryShift, course{5, 0.05, 0.3, 3},
		func(l *lesson) int { return l.category }), len(s.names))
	return m
}

// Train learns the weights file from a training folder and concepts.yaml.
func Train(dir fs.FS, concepts []byte) ([]byte, error) {
	examples, err := readTraining(dir)
	if err != nil {
		return nil, err
	}
	s, err := newSchool(concepts, examples)
	if err != nil {
		return nil, err
	}
	var lessons []lesson
	for _, e := range examples {
		lessons = append(lessons, s.lessons(e)...)
	}
	m := s.fit(lessons)
	m.training = fingerprint(examples, concepts)
	return m.encode(fmt.Sprintf("%d examples, %d lessons", len(examples), len(lessons))), nil
}

// fingerprint tells whether weights were made from these examples and concepts.
func fingerprint(examples []Example, concepts []byte) string {
	h := sha256.New()
	h.Write(concepts)
	for _, e := range examples {
		fmt.Fprintf(h, "%q %s %s\n", e.Text, e.Level, e.Category)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:12])
}
