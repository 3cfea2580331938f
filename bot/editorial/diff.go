package editorial

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// ChangedLine is one line of a comparison: "+" came, "-" went, " " stayed, "…" stands for lines left out.
type ChangedLine struct{ Mark, Text string }

// around is how many unchanged lines stand around a change.
const around = 2

// CompareFiles is Compare of two files; of entries only what they say counts, not how their front matter is quoted.
func CompareFiles(before, after string) []ChangedLine {
	return Compare(plain(before), plain(after))
}

// plain is an entry as Write writes it, any other text as it is.
func plain(text string) string {
	f, err := Read([]byte(text))
	if err != nil {
		return text
	}
	data, err := f.Write()
	if err != nil {
		return text
	}
	return string(data)
}

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
