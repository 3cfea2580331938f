package handover

import (
	"slices"
	"time"

	"treem/bot/triage"
)

// Correction is one judgement of the machine that an officer changed: what those who mend its rules learn from. It holds no
// reference to the case.
type Correction struct {
	Words    []string   `json:"words"` // what the person had written by then, masked by the store
	Machine  Assessment `json:"machine"`
	Level    string     `json:"level"` // as the officer judged it
	Category string     `json:"category"`
	At       time.Time  `json:"at"`
}

// Corrected says what an act of these events corrects of a case: a wrong alarm, or another level or category.
func Corrected(c *Case, events []Event) (Correction, bool) {
	judged := slices.ContainsFunc(events, func(e Event) bool { return e.Action == ActWrong || e.Action == ActGrade })
	if !judged || c.Human == nil || c.Human.Level == c.Machine.Level && c.Human.Category == c.Machine.Category {
		return Correction{}, false
	}
	category := c.Human.Category
	if c.Human.Level == triage.None {
		category = ""
	}
	return Correction{Machine: c.Machine, Level: string(c.Human.Level), Category: category, At: c.Human.At}, true
}
