package editorial

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// ChangedLine is one line of a comparison: "+" came, "-" went, " " stayed, "…" stands for lines left out.
type ChangedLine struct{ Mark, Text string }

// around is how many unchanged lines stand around a change.
const around = 2

// Compare lists what changed from one text to another.
func Compare(before, after string) []ChangedLine {
	diff, err := udiff.ToUnifiedDiff("", "", before, udiff.Lines(before, after), around)
	if err != nil { // the edits do not fit the text, which they were made of
		return []ChangedLine{{"-", before}, {"+", after}}
	}
	var all []ChangedLine
	for _, h := range diff.Hunks {
		if h.FromLine > 1 {
			all = append(all, ChangedLine{Mark: "…"})
		}
		for _, l := range h.Lines {
			mark := " "
			switch l.Kind {
			case udiff.Insert:
				mark = "+"
			case udiff.Delete:
				mark = "-"
			}
			all = append(all, ChangedLine{mark, strings.TrimRight(l.Content, "\n")})
		}
	}
	return all
}
