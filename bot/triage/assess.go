package triage

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"sync"

	"treem/kb/vitext"
)

//go:embed concepts.yaml
var conceptsData []byte

//go:embed weights.bin
var weightsData []byte

// Thresholds on the probability of an alarm, tuned by cross-validation (README.md).
const (
	alarmAt       = 0.50
	alarmOpenCase = 0.40 // in a conversation that already has a case
	emergencyAt   = 0.45 // share of the alarm that must be emergency
)

// Assessor judges messages. It never changes after New and may be used by many goroutines.
type Assessor struct {
	lex   *lexicon
	model *model
	rules string
	desks sync.Pool
}

// desk is the memory one assessment works on.
type desk struct {
	bag  *bag
	read reading
}

// New reads the embedded concepts, frames and weights.
func New() (*Assessor, error) {
	lex, err := loadLexicon(conceptsData)
	if err != nil {
		return nil, err
	}
	m, err := decode(weightsData)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	sum.Write(conceptsData)
	sum.Write(weightsData)
	a := &Assessor{lex: lex, model: m, rules: fmt.Sprintf("%x", sum.Sum(nil)[:6])}
	a.desks.New = func() any { return &desk{bag: newBag()} }
	return a, nil
}

// Assess judges one message. It is pure: the same text and context give the same assessment.
func (a *Assessor) Assess(text vitext.Text, c Context) Assessment {
	d := a.desks.Get().(*desk)
	defer a.desks.Put(d)
	d.read.read(text, a.lex)
	d.bag.reset()
	d.bag.collect(&d.read, 0, len(text.Syllables))
	p := a.model.level(d.bag.on)
	out := Assessment{Level: None, Subject: Unknown, Rules: a.rules}
	at := alarmAt
	if c.OpenCase {
		at = alarmOpenCase
	}
	out.Level = p.grade(at)
	out.Category = a.model.best(d.bag.on, out.Level)
	return out
}

// grade turns probabilities into a level.
func (o odds) grade(at float64) Level {
	switch {
	case o.alarm() < at:
		return None
	case o[2] >= emergencyAt*o.alarm():
		return Emergency
	default:
		return Urgent
	}
}
