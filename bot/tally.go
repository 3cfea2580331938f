package bot

import (
	"treem/bot/dialogue"
	"treem/bot/report"
)

// tally says what is counted of a decision about somebody whose conversation stood at before.
func tally(d dialogue.Decision, before dialogue.State) Tally {
	t := Tally{Kind: d.Kind}
	switch d.Kind {
	case dialogue.KindAnswer, dialogue.KindChoices, dialogue.KindUnknown:
		t.Commune = before.Commune
	default:
		return t
	}
	switch {
	case d.Kind == dialogue.KindUnknown: // what was near it is not what it is about
	case len(d.Hits) == 0:
		t.Topic = report.TopicOther
	case d.Hits[0].Entry != nil:
		t.Topic = string(d.Hits[0].Entry.Topic)
	default:
		t.Topic = report.TopicLaw
	}
	if d.Kind == dialogue.KindAnswer && len(d.Hits) > 0 {
		t.Entry = d.Hits[0].ID()
	}
	return t
}
