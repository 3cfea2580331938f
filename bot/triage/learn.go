package triage

import (
	"math"
	"math/rand/v2"
)

// lesson is one text as the learner sees it.
type lesson struct {
	on       []uint32 // its signals: buckets, then (see rowsOf) rows of the tables
	level    int
	category int
	subject  int // 0 the writer itself, 1 a child it writes of, -1 not to be learned
	weight   float64
	message  int32 // lessons of one message share a number
}

// course says how long and how boldly to learn.
type course struct {
	epochs int
	rate   float64
	drop   float64 // share of signals hidden at each look, so that no single one is trusted alone
	seed   uint64
}

// blind is the share of looks at which a whole side is hidden, so that the others learn to do without it: what is new in
// an unseen message is mostly its words.
const blind = 0.5

// learned is the error below which a lesson is not repeated.
const learned = 0.02

// learner fits one model by AdaGrad, a lesson at a time. Products are rounded before they are added, so that a
// compiler may not fuse them and the result is the same on every run.
type learner struct {
	course
	from []side // by row
	rng  *rand.Rand
	kept []uint32
}

func newLearner(c course, from []side) *learner {
	return &learner{course: c, from: from, rng: rand.New(rand.NewPCG(c.seed, 2))}
}

// run calls look for every lesson, in a new order each epoch, with the signals that are not hidden.
func (l *learner) run(lessons []lesson, look func(le *lesson, on []uint32, rate float64)) {
	for epoch := range l.epochs {
		rate := l.rate * (1 - float64(epoch)/float64(l.epochs))
		for _, i := range l.rng.Perm(len(lessons)) {
			l.kept = l.kept[:0]
			hidden := sides
			if l.rng.Float64() < blind {
				hidden = side(l.rng.IntN(int(sides)))
			}
			for _, f := range lessons[i].on {
				if l.rng.Float64() >= l.drop && l.from[f] != hidden {
					l.kept = append(l.kept, f)
				}
			}
			look(&lessons[i], l.kept, rate)
		}
	}
}

// param is a block of weights with the sum of their squared steps.
type param struct{ w, past []float32 }

func newParam(n int) param { return param{make([]float32, n), make([]float32, n)} }

// step moves one weight against its gradient.
func (p *param) step(i int, g, rate float64) {
	h := p.past[i] + float32(g*g)
	p.past[i] = h
	p.w[i] -= float32(rate * g / (math.Sqrt(float64(h)) + 1e-5))
}

// learnLinear fits a softmax over rows, whose sides from names, to the target of each lesson; a target below 0 is skipped.
func learnLinear(lessons []lesson, from []side, width int, c course, target func(*lesson) int) []float32 {
	p := newParam(width * len(from))
	errs := make([]float64, width)
	newLearner(c, from).run(lessons, func(le *lesson, on []uint32, rate float64) {
		t := target(le)
		if t < 0 {
			return
		}
		clear(errs)
		for _, f := range on {
			for k, w := range p.w[int(f)*width:][:width] {
				errs[k] += float64(w)
			}
		}
		scale := lengthScale(len(on))
		for k := range errs {
			errs[k] *= scale
		}
		softmax(errs)
		if errs[t] > 1-learned {
			return
		}
		errs[t]--
		for k := range errs {
			errs[k] *= scale * le.weight
		}
		for _, f := range on {
			row := int(f) * width
			for k, g := range errs {
				p.step(row+k, g, rate)
			}
		}
	})
	return p.w
}

// brain is one net while it learns: rows → hidden units (relu) → categories. It learns categories rather than levels,
// since "a threat with a knife" and "a child in the water" have little in common but that somebody must run; half of
// the error counts by category, half by level.
type brain struct {
	rows       []float32 // a row of units for each signal
	past       []float32 // by row: the sum of its squared steps
	out, bias  param
	level      []int // by category
	units, err []float32
	p          []float64
	mask       []float32
	rng        *rand.Rand
}

// hideUnits is the share of hidden units hidden at each look; byLevel the share of the error that counts by level.
const (
	hideUnits = 0.2
	byLevel   = 0.5
)

// learnNet fits one net.
func learnNet(lessons []lesson, from []side, level []int, c course) *brain {
	l := newLearner(c, from)
	n, rows := len(level), len(from)
	b := &brain{
		rows: make([]float32, rows*netUnits), past: make([]float32, rows), out: newParam(n * netUnits), bias: newParam(n),
		level: level, units: make([]float32, netUnits), err: make([]float32, netUnits), p: make([]float64, n),
		mask: make([]float32, netUnits), rng: l.rng,
	}
	for i := range b.rows {
		b.rows[i] = float32(l.rng.NormFloat64() * 0.02)
	}
	for i := range b.out.w {
		b.out.w[i] = float32(l.rng.NormFloat64() / math.Sqrt(netUnits))
	}
	l.run(lessons, b.look)
	return b
}

// look shows the net one lesson: forward, then back.
func (b *brain) look(le *lesson, on []uint32, rate float64) {
	for d := range b.mask {
		b.mask[d] = 0
		if b.rng.Float64() >= hideUnits {
			b.mask[d] = 1 / (1 - hideUnits)
		}
	}
	scale := float32(lengthScale(len(on)))
	b.forward(on, scale)
	sure := 0.0 // of the level
	for k, p := range b.p {
		if b.level[k] == le.level {
			sure += p
		}
	}
	if b.p[le.category] > 1-learned {
		return
	}
	clear(b.err)
	for k, p := range b.p {
		g := p
		if k == le.category {
			g -= 1 - byLevel
		}
		if b.level[k] == le.level {
			g -= byLevel * p / (sure + 1e-9)
		}
		g *= le.weight
		add(b.err, float32(g), b.out.w[k*netUnits:][:netUnits])
		for d, v := range b.units {
			if v > 0 {
				b.out.step(k*netUnits+d, float64(g*float64(v)), rate)
			}
		}
		b.bias.step(k, g, rate)
	}
	square := float32(0)
	for d := range b.err {
		if b.units[d] <= 0 {
			b.err[d] = 0
			continue
		}
		b.err[d] *= scale * b.mask[d]
		square += float32(b.err[d] * b.err[d])
	}
	if square /= netUnits; square == 0 {
		return
	}
	for _, f := range on {
		b.past[f] += square
		step := float32(rate / (math.Sqrt(float64(b.past[f])) + 1e-4))
		add(b.rows[int(f)*netUnits:][:netUnits], -step, b.err)
	}
}

// forward fills units and p.
func (b *brain) forward(on []uint32, scale float32) {
	clear(b.units)
	for _, f := range on {
		add(b.units, 1, b.rows[int(f)*netUnits:][:netUnits])
	}
	for d, v := range b.units {
		b.units[d] = max(0, v*scale) * b.mask[d]
	}
	for k := range b.p {
		sum := b.bias.w[k]
		for d, w := range b.out.w[k*netUnits:][:netUnits] {
			sum += float32(w * b.units[d])
		}
		b.p[k] = float64(sum)
	}
	softmax(b.p)
}

// add adds s × x to y.
func add(y []float32, s float32, x []float32) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += float32(s * v)
	}
}

// rowsOf lists the buckets that come up in lessons, in order: each has a row in the tables.
func rowsOf(lessons []lesson) []uint32 {
	seen := newBuckets()
	for _, l := range lessons {
		for _, f := range l.on {
			seen.add(f)
		}
	}
	var all []uint32
	for f := range uint32(1 << hashBits) {
		if seen.has(f) {
			all = append(all, f)
		}
	}
	return all
}
