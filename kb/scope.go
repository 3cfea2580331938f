package kb

import "math"

// scope tells by its terms alone whether a text belongs here: a linear model, learnt when the index is built from the
// phrasings of the entries and the questions to be left unanswered. It does not change.
type scope struct{ weights []float32 }

// How the model learns.
const (
	scopeBits   = 18 // terms share 2^16 weights
	scopeRounds = 8
	scopePace   = .3
	scopeLimit  = 6 // what a judgement is held to
)

// slot is a term's weight, without marks or with them.
func slot(key uint64) int { return int((key * 0x9E3779B97F4A7C15) >> (64 - scopeBits)) }

// slots lists the weights of a text, the first half of each pair without marks; -1: the writer gave none.
func slots(list []term) []int32 {
	out := make([]int32, 0, 2*len(list))
	for _, t := range list {
		toned := int32(-1)
		if t.toned != 0 && !t.concept() {
			toned = int32(slot(t.toned ^ 0x5bd1e995))
		}
		out = append(out, int32(slot(t.key)), toned)
	}
	return out
}

// learnScope learns from texts, each as its slots. Every other round reads them as if they had no marks.
func learnScope(in, out [][]int32) *scope {
	s := &scope{weights: make([]float32, 1<<scopeBits)}
	squares := make([]float32, 1<<scopeBits)
	dear := float32(len(in)) / float32(max(1, len(out)))
	every := max(1, len(in)/max(1, len(out)))
	for round := range scopeRounds {
		marks, next := round%2 == 1, 0
		for i, text := range in {
			s.learn(squares, text, marks, 1, 1)
			if i%every == 0 && next < len(out) {
				s.learn(squares, out[next], marks, 0, dear)
				next++
			}
		}
	}
	return s
}

func (s *scope) learn(squares []float32, text []int32, marks bool, want, dear float32) {
	sum, each := s.sum(text, marks)
	step := dear * each * (float32(sigmoid(float64(sum))) - want)
	for i, n := range text {
		if n < 0 || i%2 == 1 && !marks {
			continue
		}
		squares[n] += step * step
		s.weights[n] -= scopePace * step / float32(math.Sqrt(float64(squares[n]))+1e-6)
	}
}

// sum is what the model makes of a text, and how much each of its terms counts.
func (s *scope) sum(text []int32, marks bool) (sum, each float32) {
	count := float32(0)
	for i, n := range text {
		if n < 0 || i%2 == 1 && !marks {
			continue
		}
		sum += s.weights[n]
		count++
	}
	if count == 0 {
		return 0, 0
	}
	each = float32(1 / math.Sqrt(float64(count)))
	return sum * each, each
}

// verdict is what the model makes of a text.
type verdict struct {
	all     float64 // above 0 for a text that belongs here, about 3 at most
	against float64 // what speaks against it, at most 0
	worst   float64 // the term that speaks most against it, at most 0
}

func (s *scope) judge(text []int32) verdict {
	sum, each := s.sum(text, true)
	against, worst := float32(0), float32(0)
	for _, n := range text {
		if n >= 0 && s.weights[n] < 0 {
			against += s.weights[n]
			worst = min(worst, s.weights[n])
		}
	}
	hold := func(x float32) float64 { return max(-scopeLimit, min(scopeLimit, float64(x))) / 2 }
	return verdict{all: hold(sum), against: hold(against * each), worst: hold(worst)}
}
