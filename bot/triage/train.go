package triage

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"treem/kb/vitext"
)

// school turns examples into lessons.
type school struct {
	lex     *lexicon
	frames  []frame
	norm    *vitext.Normaliser
	bag     *bag
	read    reading
	message int32  // number of the last message made into lessons
	from    []side // by bucket: the side of the signals in it

	names  []string // categories, in order of name
	levels []Level
}

func newSchool(src *sources) (*school, error) {
	lex, err := loadLexicon(src.concepts, src.synonyms)
	if err != nil {
		return nil, err
	}
	frames, err := loadFrames(src.frames, lex)
	if err != nil {
		return nil, err
	}
	norm, err := vitext.New()
	if err != nil {
		return nil, err
	}
	s := &school{lex: lex, frames: frames, norm: norm, bag: newBag(), from: make([]side, 1<<hashBits)}
	of := make(map[string]Level)
	for _, e := range src.examples {
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
	s.read.read(t, s.lex, s.frames)
	s.bag.reset()
	s.bag.collect(&s.read, 0, len(t.Syllables))
	for i, f := range s.bag.on {
		s.from[f] = s.bag.from[i]
	}
	return slices.Clone(s.bag.on)
}

// lessons returns the lessons of one example: as written, then its other spellings at half weight.
func (s *school) lessons(e Example) []lesson {
	s.message++
	category, _ := slices.BinarySearch(s.names, e.Category)
	rng := rand.New(rand.NewPCG(uint64(hashOf(e.Text)), 7))
	var all []lesson
	for i, v := range variants(e.Text, rng) {
		weight := 1.0
		if i > 0 {
			weight = 0.5
		}
		all = append(all, lesson{s.signals(v), e.Level.Rank(), category, e.subject(), weight, s.message})
	}
	if said, changed := s.otherwise(e.Text, rng); changed {
		all = append(all, lesson{s.signals(said), e.Level.Rank(), category, e.subject(), otherWeight, s.message})
	}
	return all
}

// otherwise says a text in other words, without marks: about one phrase of three that synonyms.yaml knows is replaced by
// another of its set.
func (s *school) otherwise(text string, rng *rand.Rand) (string, bool) {
	t := s.norm.Normalise(text)
	s.read.read(t, s.lex, s.frames)
	var said []string
	changed := false
	next := 0
	for i := range t.Syllables {
		if i < next {
			continue
		}
		for _, h := range between(s.read.fine, i, i+1) {
			if next <= i && rng.IntN(3) == 0 {
				words := strings.Split(s.lex.concepts[h.concept].Words, ",")
				said = append(said, vitext.Fold(strings.Trim(words[rng.IntN(len(words))], " !")))
				next, changed = h.end, true
			}
		}
		if next <= i {
			said = append(said, t.Syllables[i].Folded)
		}
	}
	return strings.Join(said, " "), changed
}

// otherWeight is what a message said in other words counts.
const otherWeight = 0.3

// invented returns the lessons of the grammar: each message once, half of them without marks, some in other spellings.
func (s *school) invented(g *grammar) []lesson {
	levels := make(map[string]Level)
	for i, name := range s.names {
		levels[name] = s.levels[i]
	}
	var all []lesson
	for _, e := range g.examples(grammarSize, levels) {
		s.message++
		category, _ := slices.BinarySearch(s.names, e.Category)
		rng := rand.New(rand.NewPCG(uint64(hashOf(e.Text)), 8))
		spellings := variants(e.Text, rng)
		text := spellings[rng.IntN(len(spellings))]
		all = append(all, lesson{s.signals(text), e.Level.Rank(), category, -1, grammarWeight, s.message})
	}
	return all
}

// grammarSize is how many messages per category the grammar makes, grammarWeight what one counts beside a written one.
const (
	grammarSize   = 500
	grammarWeight = 0.5
)

// prune drops signals that came up in fewer than rare messages: they are chance, and crowd the table.
func prune(lessons []lesson) []lesson {
	count := make([]uint16, 1<<hashBits)
	last := make([]int32, 1<<hashBits)
	for _, l := range lessons {
		for _, f := range l.on {
			if last[f] != l.message+1 {
				last[f] = l.message + 1
				count[f] = min(count[f]+1, 9)
			}
		}
	}
	all := slices.Clone(lessons)
	for i := range all {
		all[i].on = slices.DeleteFunc(slices.Clone(all[i].on), func(f uint32) bool { return count[f] < rare })
	}
	return all
}

// rare is the number of messages from which a signal counts.
const rare = 4

// joined puts ordinary lessons behind others, as people do who write about two things at once.
func joined(lessons []lesson) []lesson {
	rng := rand.New(rand.NewPCG(11, 11))
	var all []lesson
	for i := 0; i < len(lessons); i += 2 {
		a, b := &lessons[i], &lessons[rng.IntN(len(lessons))]
		if b.level != None.Rank() || len(a.on)+len(b.on) > joinedMax || a.level != None.Rank() && i%3 != 0 {
			continue
		}
		on := slices.Concat(a.on, b.on)
		slices.Sort(on)
		all = append(all, lesson{slices.Compact(on), a.level, a.category, a.subject, joinedWeight, a.message})
	}
	return all
}

// joinedMax is how many signals a joined lesson may have, joinedWeight what it counts.
const (
	joinedMax    = 1200
	joinedWeight = 0.3
)

// fit learns a whole model. Its parts learn at the same time; each is the same whatever the others do.
func (s *school) fit(lessons []lesson) *model {
	lessons = prune(lessons)
	lessons = slices.Concat(lessons, joined(lessons))
	rows := rowsOf(lessons)
	m := &model{names: s.names, levels: s.levels}
	m.index(rows)
	from := make([]side, len(rows))
	for i, f := range rows {
		from[i] = s.from[f]
	}
	for i := range lessons {
		on := slices.Clone(lessons[i].on)
		for j, f := range on {
			on[j] = uint32(m.row(f))
		}
		lessons[i].on = on
	}
	level := make([]int, len(s.levels))
	for i, l := range s.levels {
		level[i] = l.Rank()
	}
	var brains [nets]*brain
	var work sync.WaitGroup
	for n := range nets {
		work.Go(func() { brains[n] = learnNet(lessons, from, level, course{6, 0.05, 0.3, 20 + uint64(n)}) })
	}
	work.Go(func() {
		m.linear = quantise(learnLinear(lessons, from, levelCount, course{8, 0.03, 0.3, 1},
			func(l *lesson) int { return l.level }), levelCount)
		m.speaker = quantise(learnLinear(lessons, from, subjectCount, course{5, 0.05, 0.3, 4},
			func(l *lesson) int { return l.subject }), subjectCount)
	})
	work.Wait()
	m.together(brains, len(rows))
	return m
}

// together lays the nets side by side.
func (m *model) together(brains [nets]*brain, rows int) {
	all := make([]float32, rows*nets*netUnits)
	for n, b := range brains {
		for r := range rows {
			copy(all[(r*nets+n)*netUnits:][:netUnits], b.rows[r*netUnits:])
		}
		m.out, m.bias = append(m.out, b.out.w...), append(m.bias, b.bias.w...)
	}
	m.hidden = quantise(all, nets*netUnits)
}

// sources is everything the weights are made of.
type sources struct {
	examples []Example
	concepts []byte
	synonyms []byte
	frames   []byte
	grammar  *grammar
	print    string // fingerprint
}

// readSources reads the folder of this package: training/*.jsonl, grammar/*.yaml and concepts.yaml.
func readSources(root fs.FS) (*sources, error) {
	var s sources
	var err error
	if s.examples, err = readTraining(root); err != nil {
		return nil, err
	}
	if s.concepts, err = fs.ReadFile(root, "concepts.yaml"); err != nil {
		return nil, err
	}
	if s.synonyms, err = fs.ReadFile(root, "synonyms.yaml"); err != nil {
		return nil, err
	}
	if s.frames, err = fs.ReadFile(root, "frames.yaml"); err != nil {
		return nil, err
	}
	patterns, err := fs.Sub(root, "grammar")
	if err != nil {
		return nil, err
	}
	if s.grammar, err = readGrammar(patterns); err != nil {
		return nil, err
	}
	s.print, err = fingerprint(root)
	return &s, err
}

// fingerprint tells whether weights were made from these files.
func fingerprint(root fs.FS) (string, error) {
	h := sha256.New()
	for _, pattern := range []string{"concepts.yaml", "synonyms.yaml", "frames.yaml", "skip.txt", "grammar/*.yaml", "training/*.jsonl"} {
		names, err := fs.Glob(root, pattern)
		if err != nil {
			return "", err
		}
		for _, name := range names {
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s %x\n", name, sha256.Sum256(data))
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:12]), nil
}

// Train learns the weights file from the folder of this package.
func Train(root fs.FS) ([]byte, error) {
	src, err := readSources(root)
	if err != nil {
		return nil, err
	}
	s, err := newSchool(src)
	if err != nil {
		return nil, err
	}
	lessons := append(s.invented(src.grammar), s.noise(src.examples)...)
	for _, e := range src.examples {
		lessons = append(lessons, s.lessons(e)...)
	}
	m := s.fit(lessons)
	m.training = src.print
	return m.encode(fmt.Sprintf("%d written examples, %d lessons", len(src.examples), len(lessons))), nil
}
