package triage

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"treem/kb/vitext"
)

//go:embed concepts.yaml
var conceptsData []byte

//go:embed synonyms.yaml
var synonymsData []byte

//go:embed frames.yaml
var framesData []byte

//go:embed weights.bin
var weightsData []byte

// Thresholds (README.md says how they were chosen).
const (
	alarmAt     = 0.60 // probability of urgent and emergency together from which there is an alarm
	alarmSureAt = 0.46 // probability of emergency alone from which there is one
	openCase    = 0.75 // both are multiplied by this in a conversation that already has a case
	emergencyAt = 0.42 // share of the alarm from which it is an emergency
)

// Assessor judges messages. It never changes after New and may be used by many goroutines.
type Assessor struct {
	lex    *lexicon
	frames []frame
	model  *model
	rules  string
	desks  sync.Pool
}

// desk is the memory one assessment works on.
type desk struct {
	bag   *bag
	read  reading
	view  view
	kinds []float64 // odds of categories
}

// New reads the embedded concepts, frames and weights.
func New() (*Assessor, error) {
	lex, err := loadLexicon(conceptsData, synonymsData)
	if err != nil {
		return nil, err
	}
	frames, err := loadFrames(framesData, lex)
	if err != nil {
		return nil, err
	}
	m, err := decode(weightsData)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	head, _, _ := bytes.Cut(weightsData, headEnd) // it names the training data; the tables would be read for nothing
	for _, data := range [][]byte{conceptsData, synonymsData, framesData, head} {
		sum.Write(data)
	}
	a := &Assessor{lex: lex, frames: frames, model: m, rules: fmt.Sprintf("%x", sum.Sum(nil)[:6])}
	a.desks.New = func() any { return &desk{bag: newBag(), kinds: make([]float64, len(m.names))} }
	return a, nil
}

// Assess judges one message. It is pure: the same text and context give the same assessment.
func (a *Assessor) Assess(text vitext.Text, c Context) Assessment {
	if len(text.Syllables) == 0 {
		return Assessment{Level: None, Subject: Unknown, Rules: a.rules}
	}
	d := a.desks.Get().(*desk)
	defer a.desks.Put(d)
	d.read.read(text, a.lex, a.frames)
	clear(d.kinds)
	p := a.model.judge(d.bag, &d.view, &d.read, d.kinds)
	bar := 1.0
	if c.OpenCase {
		bar = openCase
	}
	out := Assessment{Level: p.grade(bar*alarmAt, bar*alarmSureAt), Subject: Unknown, Rules: a.rules}
	heard := out.Level != None
	n := len(text.Syllables)
	out.Category = a.model.best(d.kinds, out.Level)
	fitting := d.read.framesIn(0, n)
	a.force(&out, fitting, &d.read)
	if c.SafeWord != "" && d.read.says(c.SafeWord) {
		out.Reasons = append(out.Reasons, "từ an toàn")
		out.raise(Emergency, string(Emergency))
	}
	if out.Level == None {
		return out
	}
	if heard {
		out.Subject = a.model.subject(&d.view)
	}
	for _, i := range fitting {
		if f := &a.frames[i]; f.Advice != "" && f.Category == out.Category {
			out.Advice = f.Advice
		}
	}
	out.Ongoing = d.read.ongoing(out.Level, a.lex)
	out.Reasons = append(out.Reasons, a.reasons(fitting, &d.read, p)...)
	return out
}

// grade turns probabilities into a level: an alarm from at on, or from a probability of emergency of sure.
func (o odds) grade(at, sure float64) Level {
	switch {
	case o.alarm() < at && o[2] < sure:
		return None
	case o[2] >= emergencyAt*o.alarm():
		return Emergency
	default:
		return Urgent
	}
}

// raise lifts the assessment to at least a level; the category of the lower level no longer holds.
func (s *Assessment) raise(to Level, category string) {
	if s.Level.Rank() < to.Rank() {
		s.Level, s.Category = to, category
	}
}

// force applies the frames that have a level of their own.
func (a *Assessor) force(out *Assessment, fitting []int, r *reading) {
	for _, i := range fitting {
		if f := &r.frames[i]; f.Level != "" {
			out.raise(f.Level, f.Category)
		}
	}
}

// says reports whether a configured word, folded, stands in the text as whole words.
func (r *reading) says(word string) bool {
	word = strings.Join(strings.Fields(vitext.Fold(word)), " ")
	return word != "" && strings.Contains(string(r.line), " "+word+" ")
}
