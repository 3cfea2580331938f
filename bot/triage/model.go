package triage

import (
	"math"
	"math/bits"
)

// model is what was learned: tables with a row for each bucket that came up in learning.
//
// Level comes from a plain linear model and from small nets whose hidden units can hold "this word together with that
// one"; their odds are averaged. The nets tell categories, whose odds add up to those of levels. Who is in danger comes
// from a linear model of its own.
type model struct {
	known    buckets // those that have a row, in order of bucket
	before   []int32 // by 64 buckets: the rows before them
	linear   table   // → levels
	hidden   table   // → hidden units of all nets, side by side
	speaker  table   // → the writer itself, a child it writes of
	out      []float32
	bias     []float32 // by net and category
	names    []string  // categories
	levels   []Level   // by category
	training string    // hash of the training data
}

// sizes of the model.
const (
	levelCount   = 3
	maxWidth     = nets * netUnits
	nets         = 5
	netUnits     = 24
	subjectCount = 2
)

// table holds the weights of each signal in a row: one byte of scale, then two weights of 4 bits (-7 to 7) a byte, the
// first in the lower half. A weight is its 4 bits × the row's byte × scale.
type table struct {
	width  int
	scale  float64
	values []byte
}

// size is how many bytes a row takes.
func (t *table) size() int { return 1 + (t.width+1)/2 }

// pairs gives the two weights of each byte as one number, the second 32 bits above the first, so that one addition serves both.
var pairs = func() (p [256]int64) {
	for v := range p {
		p[v] = int64(int8(v<<4)>>4) + int64(int8(v)>>4)<<32
	}
	return p
}()

// sum adds the rows into out, times scale.
func (t *table) sum(rows []int32, scale float64, out []float64) {
	var room [(maxWidth + 1) / 2]int64
	size := t.size()
	acc := room[:size-1]
	for _, r := range rows {
		row := t.values[int(r)*size:][:size]
		by := int64(row[0])
		for k, v := range row[1:] {
			acc[k] += by * pairs[v]
		}
	}
	for k := range out {
		w := int32(acc[k/2])
		if k%2 == 1 {
			w = int32((acc[k/2] - int64(w)) >> 32)
		}
		out[k] = float64(w) * t.scale * scale
	}
}

// view is what the model sees of a bag: the rows it knows, and their common scale.
type view struct {
	rows  []int32
	scale float64
}

// see looks up the rows of buckets.
func (m *model) see(on []uint32, v *view) {
	v.rows = v.rows[:0]
	for _, f := range on {
		if r := m.row(f); r >= 0 {
			v.rows = append(v.rows, r)
		}
	}
	v.scale = lengthScale(len(on))
}

// index gives each bucket of rows, which are in order, its row.
func (m *model) index(rows []uint32) {
	m.known = newBuckets()
	for _, f := range rows {
		m.known.add(f)
	}
	m.before = make([]int32, len(m.known))
	n := 0
	for i, word := range m.known {
		m.before[i] = int32(n)
		n += bits.OnesCount64(word)
	}
}

// row is the row of a bucket, or -1.
func (m *model) row(f uint32) int32 {
	word := m.known[f/64]
	if word&(1<<(f%64)) == 0 {
		return -1
	}
	return m.before[f/64] + int32(bits.OnesCount64(word&(1<<(f%64)-1)))
}

// lengthScale keeps long texts from shouting louder than short ones.
func lengthScale(n int) float64 { return 8 / math.Sqrt(float64(n+1)) }

// odds are the probabilities of the levels None, Urgent, Emergency.
type odds [levelCount]float64

// alarm is the probability that somebody must act.
func (o odds) alarm() float64 { return o[1] + o[2] }

// level judges the signals of one text or window. The odds of categories are left in kinds, if that is not nil.
func (m *model) level(v *view, kinds []float64) odds {
	var mean, p odds
	m.linear.sum(v.rows, v.scale, p[:])
	softmax(p[:])
	for k := range p {
		mean[k] = math.Log(p[k]+unsure) / (1 + nets)
	}
	var units [maxWidth]float64
	m.hidden.sum(v.rows, v.scale, units[:])
	var room [categoryMax]float64
	scores := room[:len(m.names)]
	for n := range nets {
		m.net(n, units[n*netUnits:][:netUnits], scores)
		p = odds{}
		for k, s := range scores {
			p[m.levels[k].Rank()] += s
			if kinds != nil {
				kinds[k] += s / nets
			}
		}
		for k := range p {
			mean[k] += math.Log(p[k]+unsure) / (1 + nets)
		}
	}
	softmax(mean[:])
	return mean
}

// unsure keeps one model that is quite sure from outvoting all others.
const unsure = 1e-4

// categoryMax is how many categories a model may have.
const categoryMax = 64

// net turns the units of one net into odds of categories.
func (m *model) net(n int, units, scores []float64) {
	out := m.out[n*len(m.names)*netUnits:]
	for k := range scores {
		scores[k] = float64(m.bias[n*len(m.names)+k])
		for d, w := range out[k*netUnits:][:netUnits] {
			if u := units[d]; u > 0 {
				scores[k] += float64(u * float64(w))
			}
		}
	}
	softmax(scores)
}

// best returns the likeliest category among those of the level.
func (m *model) best(kinds []float64, l Level) string {
	best := -1
	for k, s := range kinds {
		if m.levels[k] == l && (best < 0 || s > kinds[best]) {
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
func (m *model) subject(v *view) Subject {
	var p [subjectCount]float64
	m.speaker.sum(v.rows, v.scale, p[:])
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
