package kb

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"io/fs"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"

	"treem/kb/content"
	"treem/kb/vitext"
)

var (
	fit        = flag.Bool("fit", false, "fit the weights again and write tables/weights.json")
	contentDir = flag.String("content", "", "content folder; empty: the embedded one")
)

// lesson is one question with what is known about it. Weight says how much it counts.
type lesson struct {
	ranking ranking
	q       question
	ix      *Index
	outside float64
	other   float64
	right   []bool // by candidate
	in      bool
	dev     bool
	weight  float64
}

// TestFit finds the weights: go test ./kb -run TestFit -fit. It learns from every sample question as if it had never
// been written, from the questions to be left unanswered, and from testdata/questions/dev.jsonl; test.jsonl is not read.
func TestFit(t *testing.T) {
	if !*fit {
		t.Skip("only with -fit")
	}
	n, ix := fitIndex(t)
	lessons := collectLessons(t, n, ix)
	m := &model{Rank: map[string]float64{}, Known: map[string]float64{}, Sure: map[string]float64{}}
	fitRank(lessons, m)
	for i := range lessons {
		lessons[i].rerank(m)
	}
	fitKnown(lessons, m)
	fitSure(lessons, m)
	chooseLimits(t, lessons, m)
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

func collectLessons(t *testing.T, n *vitext.Normaliser, ix *Index) []lesson {
	t.Helper()
	type task struct {
		text    string
		without int32
		right   func(Hit) bool
		in, dev bool
		weight  float64
	}
	var tasks []task
	for doc := range ix.ranker.docs {
		d := &ix.ranker.docs[doc]
		switch {
		case d.hit.Entry != nil:
			for i, q := range d.hit.Entry.Questions {
				tasks = append(tasks, task{q, d.from + 1 + int32(i), func(h Hit) bool { return h.Entry == d.hit.Entry || isTwin(ix, h, int32(doc)) }, true, false, 1})
			}
			for _, text := range ix.keywords(int32(doc)) {
				tasks = append(tasks, task{text, -1, func(h Hit) bool { return h.Entry == d.hit.Entry || isTwin(ix, h, int32(doc)) }, true, false, .5})
			}
			tasks = append(tasks, task{d.hit.Entry.Title, d.from, func(h Hit) bool { return h.Entry == d.hit.Entry || isTwin(ix, h, int32(doc)) }, true, false, 1})
		case d.outside():
			text := ix.lexicon.outside[doc-(len(ix.ranker.docs)-len(ix.lexicon.outside))]
			tasks = append(tasks, task{text, d.from, func(Hit) bool { return false }, false, false, 5})
		}
	}
	for _, c := range readQuestions(t, "testdata/questions/dev.jsonl") {
		right := func(h Hit) bool { return c.Scope == "in" && slices.Contains(c.Entries, h.ID()) }
		tasks = append(tasks, task{c.Text, -1, right, c.Scope == "in", true, 15})
		if c.Scope == "in" {
			tasks = append(tasks, task{vitext.Fold(c.Text), -1, right, true, true, 15})
		}
	}
	out := make([]lesson, len(tasks))
	var workers sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := w; i < len(tasks); i += runtime.GOMAXPROCS(0) {
				one := tasks[i]
				q := ix.ranker.ask(ix.lexicon.terms(ix.lexicon.trim(n.Normalise(one.text))))
				r, err := ix.rank(context.Background(), q, "", one.without)
				if err != nil {
					t.Error(err)
				}
				l := lesson{ranking: r, q: q, ix: ix, outside: r.signs[signOutside], other: r.signs[signOther], in: one.in, dev: one.dev, weight: one.weight}
				for _, f := range r.found {
					l.right = append(l.right, one.right(ix.ranker.docs[f.doc].hit))
				}
				out[i] = l
			}
		})
	}
	workers.Wait()
	return out
}

// keywords are the two pairs that tell most about an entry, as people in a hurry send them, and both together.
func (ix *Index) keywords(doc int32) []string {
	type pair struct {
		text  string
		worth float64
	}
	var all []pair
	seen := map[uint64]bool{}
	for _, q := range ix.ranker.docs[doc].hit.Entry.Questions {
		words := plainTerms(q)
		for _, t := range words {
			if !t.pair() || seen[t.key] {
				continue
			}
			seen[t.key] = true
			id, ok := ix.ranker.ids[t.key]
			if !ok {
				continue
			}
			for _, p := range ix.ranker.inDocs[id] {
				if p.doc == doc && p.count >= 3 {
					all = append(all, pair{t.first + " " + t.second, ix.ranker.idf[id] * math.Log1p(float64(p.count))})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return compare(b.worth, a.worth) })
	var out []string
	for _, p := range all[:min(2, len(all))] {
		out = append(out, p.text)
	}
	if len(out) == 2 {
		out = append(out, out[0]+" "+out[1])
	}
	return out
}

// isTwin reports whether a hit is the twin of a document.
func isTwin(ix *Index, h Hit, doc int32) bool {
	if h.Entry == nil {
		return false
	}
	return slices.Contains(ix.ranker.twins[doc], ix.numbers[h.Entry.ID])
}

func readQuestions(t testing.TB, file string) []EvalCase {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []EvalCase
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c EvalCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, c)
	}
	return out
}

// rerank orders the candidates by the new weights.
func (l *lesson) rerank(m *model) {
	if len(l.ranking.found) == 0 {
		return
	}
	order := make([]int, len(l.right))
	for i := range order {
		order[i] = i
		l.ranking.found[i].score = dot(m.rank[:], l.ranking.found[i].feat[:])
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(l.ranking.found[b].score, l.ranking.found[a].score) })
	r, right := ranking{}, []bool{}
	for _, i := range order {
		r.found, right = append(r.found, l.ranking.found[i]), append(right, l.right[i])
	}
	r.signs[signMissing] = l.ix.ranker.missing(l.q, r.found[0].doc) / 10
	r.weigh(l.q, l.ix.ranker.twins[r.found[0].doc], l.outside, l.other)
	l.ranking, l.right = r, right
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

// What it costs to leave a question in scope unanswered against answering one out of scope, and what a right answer is
// worth against a right choice.
const (
	gateDecay = .01
	lostCosts   = 1.7
	answerWorth = 1.25
)

// chooseLimits picks the two limits that serve the questions of dev.jsonl and the left-out ones best.
func chooseLimits(t *testing.T, lessons []lesson, m *model) {
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
				known := len(l.right) > 0 && sigmoid(dot(m.known[:], l.ranking.signs[:])) >= u
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
	best = math.Inf(-1)
	for s := .05; s < .95; s += .01 {
		answered, chosen, all := 0.0, 0.0, 0.0
		for i := range lessons {
			l := &lessons[i]
			if !l.in || len(l.right) == 0 || sigmoid(dot(m.known[:], l.ranking.signs[:])) < m.Unknown {
				continue
			}
			all += l.weight
			if sigmoid(dot(m.sure[:], l.ranking.signs[:])) >= s {
				if l.right[0] {
					answered += l.weight
					chosen += l.weight
				}
			} else if l.among(maxChoices) {
				chosen += l.weight
			}
		}
		if score := answerWorth*answered + chosen; score > best {
			best, m.Choices = score, round(s)
		}
	}
	report(t, lessons, m)
}

// report says how the lessons themselves come out.
func report(t *testing.T, lessons []lesson, m *model) {
	for _, dev := range []bool{false, true} {
		var found, first, four, in, known, out, leaked int
		for i := range lessons {
			l := &lessons[i]
			if l.dev != dev {
				continue
			}
			k := len(l.right) > 0 && sigmoid(dot(m.known[:], l.ranking.signs[:])) >= m.Unknown
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
	t.Logf("limits: unknown %.2f choices %.2f", m.Unknown, m.Choices)
}

func ratio(a, b int) float64 { return float64(a) / float64(max(1, b)) }
