package triage

import "math"

// model is what was learned: tables over the buckets of a bag.
//
// Level comes from two models whose probabilities are averaged: a plain linear one, and small nets whose hidden
// units can hold "this word together with that one". Category comes from a linear model of its own, and so does who is in danger.
type model struct {
	linear   table // bucket → levels
	hidden   table // bucket → hidden units
	out      []float32
	bias     []float32
	category table // bucket>>categoryShift → categories
	speaker  table // bucket>>speakerShift → the writer itself, a child it writes of
	names    []string
	levels   []Level // by category
	training string  // hash of the training data
}

// sizes of the model.
const (
	levelCount    = 3
	maxWidth      = 64
	hiddenUnits   = 32 // of all nets together
	netUnits      = 16 // of one net
	categoryShift = 3
	speakerShift  = 3
	subjectCount  = 2
)

// table holds one row of small integers per bucket; a weight is value × scale.
type table struct {
	width  int
	scale  float64
	values []int8
}

// sum adds the rows of the buckets into out.
func (t *table) sum(on []uint32, shift uint, out []float64) {
	var acc [maxWidth]int32
	a := acc[:t.width]
	for _, f := range on {
		row := t.values[int(f>>shift)*t.width:][:t.width]
		for k, v := range row {
			a[k] += int32(v)
		}
	}
	s := t.scale * lengthScale(len(on))
	for k := range out {
		out[k] = float64(a[k]) * s
	}
}

// lengthScale keeps long texts from shouting louder than short ones.
func lengthScale(n int) float64 { return 8 / math.Sqrt(float64(n+1)) }

// odds are the probabilities of the levels None, Urgent, Emergency.
type odds [levelCount]float64

// alarm is the probability that somebody must act.
func (o odds) alarm() float64 { return o[1] + o[2] }

// level judges the buckets of one text or window.
func (m *model) level(on []uint32) odds {
	var p, q odds
	m.linear.sum(on, 0, p[:])
	softmax(p[:])
	var units [hiddenUnits]float64
	m.hidden.sum(on, 0, units[:])
	for k := range q {
		q[k] = float64(m.bias[k])
	}
	for d, v := range units {
		if v > 0 {
			for k := range q {
				q[k] += v * float64(m.out[d*levelCount+k])
			}
		}
	}
	softmax(q[:])
	for k := range p {
		p[k] = (p[k] + q[k]) / 2
	}
	return p
}

// best returns the likeliest category among those of the level.
func (m *model) best(on []uint32, l Level) string {
	scores := make([]float64, len(m.names))
	m.category.sum(on, categoryShift, scores)
	best := -1
	for k, s := range scores {
		if m.levels[k] == l && (best < 0 || s > scores[best]) {
			best = k
		}
	}
	if best < 0 {
		return ""
	}
	return m.names[best]
}

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

// subject tells a child that writes of itself from somebody who writes of a child. It never says Other: the training
// data has no danger without a child.
func (m *model) subject(on []uint32) Subject {
	var p [subjectCount]float64
	m.speaker.sum(on, speakerShift, p[:])
	softmax(p[:])
	switch {
	case p[0] >= subjectAt:
		return Self
	case p[1] >= subjectAt:
		return Child
	default:
		return Unknown
	}
}

// subjectAt is how sure the model must be to name a subject.
const subjectAt = 0.6
