package triage

import (
	"math"
	"math/rand/v2"
)

// lesson is one text as the learner sees it.
type lesson struct {
	on       []uint32
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

// learned is the error below which a lesson is not repeated.
const learned = 0.02

// learner fits one model by AdaGrad, a lesson at a time. Products are rounded before they are added, so that a
// compiler may not fuse them and the result is the same on every run.
type learner struct {
	course
	rng  *rand.Rand
	kept []uint32
}

func newLearner(c course) *learner {
	return &learner{course: c, rng: rand.New(rand.NewPCG(c.seed, 2))}
}

// run calls look for every lesson, in a new order each epoch, with the signals that are not hidden.
func (l *learner) run(lessons []lesson, look func(le *lesson, on []uint32, rate float64)) {
	for epoch := range l.epochs {
		rate := l.rate * (1 - float64(epoch)/float64(l.epochs))
		for _, i := range l.rng.Perm(len(lessons)) {
			l.kept = l.kept[:0]
			for _, f := range lessons[i].on {
				if l.rng.Float64() >= l.drop {
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

// learnLinear fits a softmax over buckets>>shift to the target of each lesson; a target below 0 is skipped.
func learnLinear(lessons []lesson, width int, shift uint, c course, target func(*lesson) int) []float32 {
	p := newParam(width << hashBits >> shift)
	errs := make([]float64, width)
	newLearner(c).run(lessons, func(le *lesson, on []uint32, rate float64) {
		t := target(le)
		if t < 0 {
			return
		}
		clear(errs)
		for _, f := range on {
			for k, w := range p.w[int(f>>shift)*width:][:width] {
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
			row := int(f>>shift) * width
			for k, g := range errs {
				p.step(row+k, g, rate)
			}
		}
	})
	return p.w
}

// brain is one net while it learns.
type brain struct {
	emb, out, bias param
	units, back    [netUnits]float64
	errs           odds
}

// learnNet fits buckets → hidden units (relu) → levels.
func learnNet(lessons []lesson, c course) *brain {
	b := &brain{emb: newParam(netUnits << hashBits), out: newParam(netUnits * levelCount), bias: newParam(levelCount)}
	l := newLearner(c)
	for _, f := range used(lessons) {
		for d := range netUnits {
			b.emb.w[int(f)*netUnits+d] = float32(l.rng.NormFloat64() * 0.01)
		}
	}
	for i := range b.out.w {
		b.out.w[i] = float32(l.rng.NormFloat64() / math.Sqrt(netUnits))
	}
	l.run(lessons, b.look)
	return b
}

// learnNets fits several nets from different beginnings and lays them side by side: one net whose scores are the mean
// of theirs.
func learnNets(lessons []lesson, c course) (emb, out, bias []float32) {
	const nets = hiddenUnits / netUnits
	emb, bias = make([]float32, hiddenUnits<<hashBits), make([]float32, levelCount)
	for n := range nets {
		b := learnNet(lessons, course{c.epochs, c.rate, c.drop, c.seed + uint64(n)})
		for row := range 1 << hashBits {
			copy(emb[row*hiddenUnits+n*netUnits:][:netUnits], b.emb.w[row*netUnits:])
		}
		for _, w := range b.out.w {
			out = append(out, w/nets)
		}
		for k, w := range b.bias.w {
			bias[k] += w / nets
		}
	}
	return emb, out, bias
}

// used lists the buckets that come up in lessons, in order.
func used(lessons []lesson) []uint32 {
	seen := make([]bool, 1<<hashBits)
	for _, l := range lessons {
		for _, f := range l.on {
			seen[f] = true
		}
	}
	var all []uint32
	for f, ok := range seen {
		if ok {
			all = append(all, uint32(f))
		}
	}
	return all
}

// look shows the net one lesson: forward, then back.
func (b *brain) look(le *lesson, on []uint32, rate float64) {
	scale := lengthScale(len(on))
	b.units = [netUnits]float64{}
	for _, f := range on {
		for d, w := range b.emb.w[int(f)*netUnits:][:netUnits] {
			b.units[d] += float64(w)
		}
	}
	for k := range b.errs {
		b.errs[k] = float64(b.bias.w[k])
	}
	for d, v := range b.units {
		b.units[d] = max(0, v*scale)
		for k := range b.errs {
			b.errs[k] += float64(b.units[d] * float64(b.out.w[d*levelCount+k]))
		}
	}
	softmax(b.errs[:])
	if b.errs[le.level] > 1-learned {
		return
	}
	b.errs[le.level]--
	for k := range b.errs {
		b.errs[k] *= le.weight
	}
	for d, v := range b.units {
		b.back[d] = 0
		if v <= 0 {
			continue
		}
		for k, e := range b.errs {
			b.back[d] += float64(e * float64(b.out.w[d*levelCount+k]))
			b.out.step(d*levelCount+k, e*v, rate)
		}
		b.back[d] *= scale
	}
	for k, e := range b.errs {
		b.bias.step(k, e, rate)
	}
	for _, f := range on {
		row := int(f) * netUnits
		for d, g := range b.back {
			if g != 0 {
				b.emb.step(row+d, g, rate)
			}
		}
	}
}
