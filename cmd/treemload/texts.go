package main

import (
	_ "embed"
	"math/rand/v2"
	"strings"

	"treem/bot/triage"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

//go:embed urgent.txt
var urgentTexts string

// texts are what people write: the sample questions of the content, of all kinds of people and with their English, but for
// those that triage takes for danger, and messages of people in danger.
type texts struct{ calm, urgent []string }

func readTexts() (texts, error) {
	c, err := kb.Load(content.FS)
	if err != nil {
		return texts{}, err
	}
	var t texts
	text, err := vitext.New()
	if err != nil {
		return texts{}, err
	}
	assessor, err := triage.New()
	if err != nil {
		return texts{}, err
	}
	for _, e := range c.Entries {
		for _, q := range e.Questions {
			if assessor.Assess(text.Normalise(q), triage.Context{}).Level == triage.None {
				t.calm = append(t.calm, q)
			}
		}
	}
	t.urgent = strings.Split(strings.TrimSpace(urgentTexts), "\n")
	return t, nil
}

// pick chooses a text.
func (t texts) pick(r *rand.Rand, urgent bool) string {
	if urgent {
		return t.urgent[r.IntN(len(t.urgent))]
	}
	return t.calm[r.IntN(len(t.calm))]
}
