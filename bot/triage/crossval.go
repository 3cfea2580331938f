package triage

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"

	"treem/kb/vitext"
)

// folds is how many parts cross-validation makes.
const folds = 5

// judged is one example with the probabilities a model gave that never saw it.
type judged struct {
	Example
	odds odds
}

// CrossValidate learns from four fifths of the training data and judges the rest, for each of so many of the five parts,
// and prints the report and a table of thresholds. Near-duplicates are kept in one part. The held examples, if any, are judged by a model
// that learned from all training data; they never take part in learning.
func CrossValidate(w io.Writer, root fs.FS, held []Example, parts int, list bool) error {
	src, err := readSources(root)
	if err != nil {
		return err
	}
	s, err := newSchool(src)
	if err != nil {
		return err
	}
	examples, invented := src.examples, append(s.invented(src.grammar), s.noise(src.examples)...)
	lessons := make([][]lesson, len(examples))
	for i, e := range examples {
		lessons[i] = s.lessons(e)
	}
	group := s.groups(examples)
	all := make([]judged, len(examples))
	var work sync.WaitGroup
	for f := range min(parts, folds) {
		work.Go(func() {
			train := slices.Clone(invented)
			for i, ls := range lessons {
				if int(mix(uint32(group[i]))%folds) != f {
					train = append(train, ls...)
				}
			}
			m := s.fit(train)
			for i, e := range examples {
				if int(mix(uint32(group[i]))%folds) == f {
					all[i] = s.judge(m, e)
				}
			}
		})
	}
	work.Wait()
	all = slices.DeleteFunc(all, func(j judged) bool { return j.Text == "" })
	fmt.Fprintf(w, "cross-validation, %d examples, %d of %d parts\n", len(all), min(parts, folds), folds)
	thresholds(w, all)
	if len(held) > 0 {
		m := s.fit(append(invented, slices.Concat(lessons...)...))
		var test []judged
		for _, e := range held {
			test = append(test, s.judge(m, e))
		}
		fmt.Fprintf(w, "held out, %d examples\n", len(test))
		thresholds(w, test)
	}
	if list {
		slices.SortStableFunc(all, func(a, b judged) int { return int(1e6 * (a.odds.alarm() - b.odds.alarm())) })
		for _, j := range all {
			fmt.Fprintf(w, "%.3f %.3f %s %s %s %s\n", j.odds.alarm(), j.odds[2], j.Level, j.Category, j.Style, j.Text)
		}
	}
	return nil
}

// judge lets a model judge one example.
func (s *school) judge(m *model, e Example) judged {
	var r reading
	r.read(s.norm.Normalise(e.Text), s.lex, s.frames)
	return judged{e, m.judge(newBag(), new(view), &r, nil)}
}

// thresholds prints what each threshold would give.
func thresholds(w io.Writer, all []judged) {
	fmt.Fprintf(w, "area under curve %.4f\n", area(all))
	fmt.Fprintln(w, "threshold  recognised  emergencies  graded  urgent up  false alarms")
	for _, at := range []float64{0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} {
		var r []Result
		for _, j := range all {
			r = append(r, Result{j.Example, Assessment{Level: j.odds.grade(at, at*alarmSureAt/alarmAt)}})
		}
		s := Summarise(r)
		fmt.Fprintf(w, "%9.2f  %10.3f  %11.3f  %6.3f  %9.3f  %12.3f\n", at, s.Recognised.Share(), s.Emergencies.Share(),
			s.Graded.Share(), s.UrgentUp.Share(), s.FalseAlarms.Share())
	}
}

// area is the chance that a dangerous message scores above an ordinary one.
func area(all []judged) float64 {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b judged) int {
		switch x, y := a.odds.alarm(), b.odds.alarm(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	below, pairs, danger := 0, 0, 0
	for _, j := range sorted {
		if j.Level == None {
			below++
		} else {
			danger++
			pairs += below
		}
	}
	return float64(pairs) / float64(max(1, below*danger))
}

// groups numbers the examples so that near-duplicates (half of their word pairs shared) share a number.
func (s *school) groups(examples []Example) []int {
	parent := make([]int, len(examples))
	root := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	where := make(map[uint32][]int)
	sizes := make([]int, len(examples))
	for i, e := range examples {
		parent[i] = i
		pairs := wordPairs(s.norm.Normalise(e.Text))
		sizes[i] = len(pairs)
		shared := make(map[int]int)
		for h := range pairs {
			for _, j := range where[h] {
				shared[j]++
			}
			where[h] = append(where[h], i)
		}
		for j, n := range shared {
			if 2*n >= sizes[i]+sizes[j]-n {
				a, b := root(i), root(j)
				parent[max(a, b)] = min(a, b)
			}
		}
	}
	for i := range parent {
		parent[i] = root(i)
	}
	return parent
}

// wordPairs returns hashes of neighbouring folded words.
func wordPairs(t vitext.Text) map[uint32]bool {
	set := make(map[uint32]bool)
	last := uint32(0)
	for _, s := range t.Syllables {
		h := hashOf(s.Folded)
		set[join(last, h)] = true
		last = h
	}
	return set
}
