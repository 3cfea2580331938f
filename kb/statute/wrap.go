package statute

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// widestPrint is the longest line in characters that a printed page holds; longer ones are whole paragraphs.
const widestPrint = 150

// printWidth finds how wide the lines are if paragraphs were broken in print; 0: every line is a paragraph.
func printWidth(lines []line) int {
	var lengths []int
	goesOn := 0
	for _, l := range lines {
		if l.text == "" {
			continue
		}
		lengths = append(lengths, utf8.RuneCountInString(l.text))
		if beginsLower(l.text) && read(l.text).kind == plain {
			goesOn++
		}
	}
	if len(lengths) < 6 || goesOn*8 < len(lengths) {
		return 0
	}
	slices.Sort(lengths)
	width := lengths[len(lengths)*19/20]
	if width > widestPrint {
		return 0
	}
	return width
}

// unwrap joins lines that were broken in print. A line goes on from the one before if it begins with a small letter, or if
// the one before filled the line without ending a sentence. A number that does not fit, behind a line that broke off, is
// the end of a reference ("quy định tại Điều" / "12. …") and begins nothing.
func unwrap(lines []line) []line {
	width := printWidth(lines)
	out := make([]line, 0, len(lines))
	full, blank, lastWidth := false, true, 0
	var seen order
	for _, l := range lines {
		if l.text == "" {
			blank = true
			continue
		}
		m := read(l.text)
		begins := m.kind != plain
		brokeOff := false
		if n := len(out); n > 0 && !blank && !l.row && !out[n-1].row {
			before := out[n-1].text
			brokeOff = !endsSentence(before)
			joins := !begins && (beginsLower(l.text) && (brokeOff || width > 0) ||
				brokeOff && width > 0 && full && !isUpper(before) && !headingEnds(before, lastWidth, width))
			if begins && width > 0 && full && brokeOff && read(before).kind != article && !seen.fits(m) {
				joins, begins = true, false
			}
			if joins {
				out[n-1].text = glue(before, l.text)
				lastWidth = utf8.RuneCountInString(l.text)
				full = lastWidth*5 >= width*4
				continue
			}
		}
		if begins {
			seen.note(m)
		}
		out = append(out, l)
		lastWidth, blank = utf8.RuneCountInString(l.text), false
		full = lastWidth*5 >= width*4
	}
	return out
}

// headingEnds reports whether an article's heading leaves room on its line: then a capital below it begins the text.
func headingEnds(text string, length, width int) bool {
	return read(text).kind == article && length*20 < width*19
}

// glue joins two halves of a paragraph. A hyphen that ends a line within a word stays a hyphen: "TTr-" "SLĐTBXH".
func glue(a, b string) string {
	if strings.HasSuffix(a, "-") && !strings.HasSuffix(a, " -") {
		return a + b
	}
	return a + " " + b
}

// order follows the numbers of a text as far as joining lines needs it.
type order struct {
	article, clause Number
	point           string
}

// fits reports whether the mark is what may come next.
func (o *order) fits(m mark) bool {
	switch m.kind {
	case article:
		n, ok := ParseNumber(m.number)
		return ok && n.follows(o.article)
	case clause:
		n, ok := ParseNumber(m.number)
		return ok && n.follows(o.clause)
	case point:
		return letterFollows(strings.TrimRight(m.number, "0123456789"), o.point)
	default:
		return true
	}
}

func (o *order) note(m mark) {
	n, _ := ParseNumber(m.number)
	switch m.kind {
	case article:
		o.article, o.clause, o.point = n, Number{}, ""
	case clause:
		o.clause, o.point = n, ""
	case point:
		o.point = strings.TrimRight(m.number, "0123456789")
	}
}
