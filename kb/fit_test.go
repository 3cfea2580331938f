package kb

import (
	"context"
	"encoding/json"
	"flag"
	"io/fs"
	"math"
	"os"
	"slices"
	"testing"

	"treem/kb/content"
	"treem/kb/vitext"
)

var (
	fit        = flag.Bool("fit", false, "fit the weights again and write tables/weights.json")
	contentDir = flag.String("content", "", "content folder; empty: the embedded one")
)

// TestFit finds the weights: go test ./kb -run TestFit -fit. It learns from every sample question as if it had never
// been written, from the questions to be left unanswered, and from the files in testdata/questions that kb/README.md
// marks so; test.jsonl, blind2-final.jsonl and blind3-final.jsonl are never read.
func TestFit(t *testing.T) {
	if !*fit {
		t.Skip("only with -fit")
	}
	n, ix := fitIndex(t)
	lessons := collectLessons(t, n, ix)
	m := &model{Rank: map[string]float64{}, Known: map[string]float64{}, Sure: map[string]float64{}}
	fitAll(t, lessons, m)
	for i, name := range featureNames() {
		m.Rank[name] = round(m.rank[i])
	}
	for i, name := range signNames() {
		m.Known[name], m.Sure[name] = round(m.known[i]), round(m.sure[i])
	}
	data, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("tables/weights.json", append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func fitAll(t *testing.T, lessons []lesson, m *model) {
	fitRank(lessons, m)
	for i := range lessons {
		lessons[i].rerank(m)
	}
	fitKnown(lessons, m)
	fitSure(lessons, m)
	calibrate(lessons, m)
	chooseLimits(t, lessons, m)
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

func contentFS() fs.FS {
	if *contentDir != "" {
		return os.DirFS(*contentDir)
	}
	return content.FS
}

func fitIndex(t *testing.T) (*vitext.Normaliser, *Index) {
	t.Helper()
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(contentFS())
	if err != nil {
		t.Fatal(err)
	}
	ix, err := NewIndex(context.Background(), c, n)
	if err != nil {
		t.Fatal(err)
	}
	return n, ix
}

// descend minimises a loss by Adam; gradient adds to g. Small weights are preferred.
func descend(w []float64, steps int, decay float64, gradient func(w, g []float64)) {
	m, v, g := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	for step := 1; step <= steps; step++ {
		clear(g)
		gradient(w, g)
		for i := range w {
			g[i] += decay * w[i]
			m[i] = .9*m[i] + .1*g[i]
			v[i] = .999*v[i] + .001*g[i]*g[i]
			w[i] -= .05 * m[i] / (1 - math.Pow(.9, float64(step))) / (math.Sqrt(v[i]/(1-math.Pow(.999, float64(step)))) + 1e-8)
		}
	}
}

// fitRank makes the right candidates likely among all (softmax).
func fitRank(lessons []lesson, m *model) {
	all := 0.0
	for _, l := range lessons {
		if slices.Contains(l.right, true) {
			all += l.weight
		}
	}
	descend(m.rank[:], 600, .0005, func(w, g []float64) {
		for _, l := range lessons {
			if !slices.Contains(l.right, true) {
				continue
			}
			p := make([]float64, len(l.right))
			sum, good, most := 0.0, 0.0, math.Inf(-1)
			for i, f := range l.ranking.found {
				p[i] = dot(w, f.feat[:])
				most = max(most, p[i])
			}
			for i := range p {
				p[i] = math.Exp(p[i] - most)
				sum += p[i]
				if l.right[i] {
					good += p[i]
				}
			}
			for i, f := range l.ranking.found {
				d := p[i] / sum
				if l.right[i] {
					d -= p[i] / good
				}
				for j, x := range f.feat {
					g[j] += l.weight / all * d * x
				}
			}
		}
	})
	m.rank[featTopic] = .3 // no lesson has a topic: set by hand
}

func fitLogistic(w []float64, lessons []lesson, use func(*lesson) bool, yes func(*lesson) bool, balance bool) {
	var weight [2]float64
	side := func(l *lesson) int {
		if yes(l) {
			return 1
		}
		return 0
	}
	for i := range lessons {
		if l := &lessons[i]; use(l) {
			weight[side(l)] += l.weight
		}
	}
	all := weight[0] + weight[1]
	descend(w, 1500, gateDecay, func(w, g []float64) {
		for i := range lessons {
			l := &lessons[i]
			if !use(l) {
				continue
			}
			s := side(l)
			share := l.weight / all
			if balance {
				share = l.weight / weight[s] / 2
			}
			d := sigmoid(dot(w, l.ranking.signs[:])) - float64(s)
			for j, x := range l.ranking.signs {
				g[j] += share * d * x
			}
		}
	})
}

func (l *lesson) among(n int) bool { return slices.Contains(l.right[:min(n, len(l.right))], true) }

func fitKnown(lessons []lesson, m *model) {
	use := func(l *lesson) bool { return len(l.right) > 0 && (!l.in || l.among(maxChoices)) }
	fitLogistic(m.known[:], lessons, use, func(l *lesson) bool { return l.in }, true)
}

func fitSure(lessons []lesson, m *model) {
	use := func(l *lesson) bool { return len(l.right) > 0 && l.in }
	fitLogistic(m.sure[:], lessons, use, func(l *lesson) bool { return l.right[0] }, false)
}

// calibrate stretches and shifts sure until it is a probability for the questions of the dev files. The left-out questions make
// it too low: a neighbour of their entry often answers them as well.
func calibrate(lessons []lesson, m *model) {
	w := []float64{0, 1}
	descend(w, 1500, 0, func(w, g []float64) {
		for i := range lessons {
			l := &lessons[i]
			if !l.dev || !l.in || len(l.right) == 0 {
				continue
			}
			z := dot(m.sure[:], l.ranking.signs[:])
			d := sigmoid(w[0] + w[1]*z)
			if l.right[0] {
				d--
			}
			g[0] += d
			g[1] += d * z
		}
	})
	for i := range m.sure {
		m.sure[i] *= w[1]
	}
	m.sure[signOne] += w[0]
}

// Below choicesBelow the best is too often wrong to be shown first; below aloneFrom it is shown together with others.
// lostCosts is what it costs to leave a question in scope unanswered against answering one out of scope.
const (
	gateDecay    = .002
	lostCosts    = .7
	choicesBelow = .2
	aloneFrom    = .97
)

// chooseLimits picks the limit of what is left unanswered that serves the questions of the dev files and the left-out ones best.
func chooseLimits(t *testing.T, lessons []lesson, m *model) {
	m.Choices, m.Alone = choicesBelow, aloneFrom
	best := math.Inf(-1)
	for u := .05; u < .95; u += .01 {
		score := 0.0
		for _, dev := range []bool{true, false} {
			var in, lost, out, leaked float64
			for i := range lessons {
				l := &lessons[i]
				if l.dev != dev {
					continue
				}
				known := len(l.right) > 0 && l.known(m) >= u
				switch {
				case l.in:
					in++
					if !known {
						lost++
					}
				default:
					out++
					if known {
						leaked++
					}
				}
			}
			score -= lostCosts*lost/in + leaked/out
		}
		if score > best {
			best, m.Unknown = score, round(u)
		}
	}
	report(t, lessons, m)
}

func (l *lesson) known(m *model) float64 { return sigmoid(dot(m.known[:], l.ranking.signs[:])) }

// report says how the lessons themselves come out.
func report(t *testing.T, lessons []lesson, m *model) {
	for _, dev := range []bool{false, true} {
		var found, first, four, in, known, out, leaked int
		for i := range lessons {
			l := &lessons[i]
			if l.dev != dev {
				continue
			}
			k := len(l.right) > 0 && l.known(m) >= m.Unknown
			if !l.in {
				out++
				if k {
					leaked++
				}
				continue
			}
			in++
			if l.among(1) {
				first++
			}
			if l.among(4) {
				four++
			}
			if l.among(len(l.right)) {
				found++
			}
			if k {
				known++
			}
		}
		t.Logf("dev %v: in %d, brought %.3f, first %.3f, among four %.3f, known %.3f; out %d, leaked %.3f", dev, in,
			ratio(found, in), ratio(first, in), ratio(four, in), ratio(known, in), out, ratio(leaked, out))
	}
	reportAt(t, lessons, m, .985)
	t.Logf("limits: unknown %.2f choices %.2f alone %.2f", m.Unknown, m.Choices, m.Alone)
}

// reportAt says how much leaks where the given share of the dev questions in scope is let through.
func reportAt(t *testing.T, lessons []lesson, m *model, keep float64) {
	var in []float64
	for i := range lessons {
		if l := &lessons[i]; l.dev && l.in && len(l.right) > 0 {
			in = append(in, l.known(m))
		}
	}
	slices.Sort(in)
	limit := in[int(float64(len(in))*(1-keep))]
	var leaked, all [3]int
	for i := range lessons {
		if l := &lessons[i]; !l.in {
			kind := 0
			switch {
			case l.dev:
				kind = 2
			case l.without >= 0:
				kind = 1
			}
			all[kind]++
			if len(l.right) > 0 && l.known(m) >= limit {
				leaked[kind]++
			}
		}
	}
	t.Logf("at %.3f of dev kept (limit %.2f): disguised leak %.3f, lines %.3f, dev %.3f", keep, limit, ratio(leaked[0], all[0]), ratio(leaked[1], all[1]), ratio(leaked[2], all[2]))
}

func ratio(a, b int) float64 { return float64(a) / float64(max(1, b)) }
