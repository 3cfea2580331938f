package triage

import (
	"math"
	"math/rand/v2"
)

// lesson is one text as the learner sees it.
type lesson struct {
	on     []uint32 // buckets
	class  int
	weight float32
}

// linear is a softmax model over hashed signals.
type linear struct {
	classes int
	weights []float32 // bucket × class
}

// score adds the weights of the buckets, scaled so that long texts do not shout.
func (m *linear) score(on []uint32, out []float64) {
	clear(out)
	for _, f := range on {
		row := m.weights[int(f)*m.classes : (int(f)+1)*m.classes]
		for k, w := range row {
			out[k] += float64(w)
		}
	}
	scale := lengthScale(len(on))
	for k := range out {
		out[k] *= scale
	}
}

func lengthScale(n int) float64 { return 8 / math.Sqrt(float64(n+40)) }

// softmax turns scores into probabilities in place.
func softmax(x []float64) {
	top := x[0]
	for _, v := range x {
		top = max(top, v)
	}
	sum := 0.0
	for k, v := range x {
		x[k] = math.Exp(v - top)
		sum += x[k]
	}
	for k := range x {
		x[k] /= sum
	}
}

type options struct {
	epochs int
	rate   float64
	l2     float64
	drop   float64
	seed   uint64
}

// learnLinear fits a softmax by AdaGrad, one lesson at a time in an order drawn from the seed.
func learnLinear(lessons []lesson, classes int, o options) *linear {
	m := &linear{classes: classes, weights: make([]float32, classes<<hashBits)}
	past := make([]float32, len(m.weights))
	rng := rand.New(rand.NewPCG(o.seed, 1))
	p := make([]float64, classes)
	kept := make([]uint32, 0, 4096)
	for epoch := range o.epochs {
		rate := o.rate * (1 - float64(epoch)/float64(o.epochs))
		for _, i := range rng.Perm(len(lessons)) {
			l := &lessons[i]
			kept = kept[:0]
			for _, f := range l.on {
				if o.drop == 0 || rng.Float64() >= o.drop {
					kept = append(kept, f)
				}
			}
			m.score(kept, p)
			softmax(p)
			p[l.class]--
			scale := lengthScale(len(kept)) * float64(l.weight)
			for k := range p {
				p[k] *= scale
			}
			for _, f := range kept {
				row := int(f) * classes
				for k, e := range p {
					w := &m.weights[row+k]
					g := e + o.l2*float64(*w)
					h := &past[row+k]
					*h += float32(g * g)
					*w -= float32(rate * g / (math.Sqrt(float64(*h)) + 1e-6))
				}
			}
		}
	}
	return m
}
