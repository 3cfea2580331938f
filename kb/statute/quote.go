package statute

import "strings"

// quotes finds the lines that hold new wording for another statute: from a line that begins with a quotation mark to the
// one where it closes. Marks inside a line, around a phrase, do not count. It returns which lines are quoted and the lines
// whose quotation mark is never closed.
func quotes(lines []line) (quoted []bool, unclosed []int) {
	quoted = make([]bool, len(lines))
	for i := 0; i < len(lines); i++ {
		open := opening(lines[i].text)
		if open == "" {
			continue
		}
		end := closes(lines, i, open)
		if end < 0 {
			unclosed = append(unclosed, i)
			continue
		}
		for k := i; k <= end; k++ {
			quoted[k] = true
		}
		i = end
	}
	return quoted, unclosed
}

func opening(text string) string {
	for _, mark := range []string{"“", `"`, "«", "„"} {
		if strings.HasPrefix(text, mark) {
			return mark
		}
	}
	return ""
}

// closes finds the line in which the quotation that begins line from ends; -1: none.
func closes(lines []line, from int, open string) int {
	depth := 0
	for i := from; i < len(lines); i++ {
		text := lines[i].text
		if open == `"` {
			depth += strings.Count(text, `"`)
			if depth%2 == 0 || strings.Count(text, "”") > strings.Count(text, "“") {
				return i
			}
			continue
		}
		depth += strings.Count(text, "“") + strings.Count(text, "«") + strings.Count(text, "„")
		if depth -= strings.Count(text, "”") + strings.Count(text, "»"); depth <= 0 {
			return i
		}
	}
	// A mark inside was left open: the wording ends where a line ends with a closing mark all the same.
	for i := from; open != `"` && i < len(lines); i++ {
		if strings.HasSuffix(strings.TrimRight(lines[i].text, ".; "), "”") {
			return i
		}
	}
	return -1
}
