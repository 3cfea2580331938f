package triage

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"treem/kb/vitext"
)

// frame is one entry of frames.yaml.
type frame struct {
	ID        string     `yaml:"id"`
	Says      string     `yaml:"says"`
	Level     Level      `yaml:"level"`
	Category  string     `yaml:"category"`
	Advice    string     `yaml:"advice"`
	Has       [][]string `yaml:"has"`
	Within    int        `yaml:"within"`
	Order     bool       `yaml:"order"`
	Without   []string   `yaml:"without"`
	Statement bool       `yaml:"statement"`
	Written   []string   `yaml:"written"`
	Leads     []string   `yaml:"leads"`
	Harmless  bool       `yaml:"harmless"`

	parts   []uint32 // by concept: which lines of has it meets, one bit each
	without []bool   // by concept
}

// partsMax is how many lines "has" may hold.
const partsMax = 4

// near is how far from a frame a concept of "without" undoes it, in syllables.
const near = 20

// loadFrames reads frames.yaml and looks its concepts up.
func loadFrames(data []byte, l *lexicon) ([]frame, error) {
	var all []frame
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("triage: frames.yaml: %w", err)
	}
	for i := range all {
		f := &all[i]
		if f.ID == "" || f.Says == "" || len(f.Has) > 0 == (len(f.Written) > 0) && len(f.Leads) == 0 || len(f.Has) > partsMax {
			return nil, fmt.Errorf("triage: frames.yaml: %q needs id, says and written, leads or up to %d lines of has", f.ID, partsMax)
		}
		if f.Within == 0 {
			f.Within = 12
		}
		f.parts = make([]uint32, len(l.concepts))
		f.without = make([]bool, len(l.concepts))
		for part, ids := range f.Has {
			for _, id := range ids {
				c, ok := l.byID[id]
				if !ok {
					return nil, fmt.Errorf("triage: frames.yaml: %s: no concept %q", f.ID, id)
				}
				f.parts[c] |= 1 << part
			}
		}
		for _, id := range f.Without {
			c, ok := l.byID[id]
			if !ok {
				return nil, fmt.Errorf("triage: frames.yaml: %s: no concept %q", f.ID, id)
			}
			f.without[c] = true
		}
	}
	return all, nil
}

// framesIn returns the indexes of the frames that fit in syllables from..to. The slice is valid until the next call.
func (r *reading) framesIn(from, to int) []int {
	r.fitting = r.fitting[:0]
	for i := range r.frames {
		if r.frames[i].fits(r, from, to) {
			r.fitting = append(r.fitting, i)
		}
	}
	return r.fitting
}

// fits reports whether the frame stands somewhere in syllables from..to.
func (f *frame) fits(r *reading, from, to int) bool {
	if f.Statement && r.text.Question {
		return false
	}
	if len(f.Written) > 0 {
		return slices.Contains(f.Written, r.written)
	}
	if len(f.Leads) > 0 && (from > 0 || !slices.Contains(f.Leads, r.first())) {
		return false
	}
	var last [partsMax]*hit
	if len(f.Has) == 0 {
		return f.together(nil, r, from, from)
	}
	hits := between(r.all, from, to)
	for i := range hits {
		h := &hits[i]
		if h.end > to {
			continue
		}
		met := f.parts[h.concept]
		for part := range f.Has {
			if met&(1<<part) == 0 || part > 0 && f.Order && (last[part-1] == nil || last[part-1].end > h.start) {
				continue
			}
			last[part] = h
		}
		if met != 0 && f.together(last[:len(f.Has)], r, from, to) {
			return true
		}
	}
	return false
}

// together reports whether the parts lie close enough, not on the same words, with nothing harmless near.
func (f *frame) together(last []*hit, r *reading, from, to int) bool {
	start, end := to, from
	if last == nil {
		start, end = from, from
	}
	for i, h := range last {
		if h == nil || slices.ContainsFunc(last[:i], func(o *hit) bool { return o.start == h.start }) {
			return false
		}
		start, end = min(start, h.start), max(end, h.end)
	}
	if len(f.Leads) > 0 {
		start = 0
	}
	if end-start > f.Within {
		return false
	}
	return !slices.ContainsFunc(between(r.all, start-near, end+near), func(h hit) bool { return f.without[h.concept] })
}

// first returns the first word of the message as written, folded: "sos" is not repaired to "só".
func (r *reading) first() string {
	if len(r.text.Syllables) == 0 {
		return ""
	}
	return vitext.Fold(r.text.Syllables[0].Written)
}

// keywordMax is the longest message, in bytes, that is compared with keywords.
const keywordMax = 40

// keyword returns a short message folded, with single spaces for whatever is neither letter nor digit.
func keyword(clean string) string {
	if len(clean) > keywordMax {
		return ""
	}
	return strings.Join(strings.FieldsFunc(vitext.Fold(clean), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}
