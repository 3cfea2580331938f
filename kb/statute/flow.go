package statute

import (
	"fmt"
	"strings"

	"treem/kb/vitext"
)

// flow collects the paragraphs of a .docx or .html. A table's row becomes one line, its cells parted by " | "; a table that
// only lays out the page, with a single cell in the row or with articles in its cells, gives its paragraphs.
type flow struct {
	lines []line
	text  strings.Builder // the paragraph under way
	rows  []row           // open rows, the innermost last
	table int             // tables open
	size  int
	n     int
	err   error
}

type row struct {
	table int        // how deep the table stands
	cells [][]string // paragraphs of each cell
}

// deepest bounds tables within tables.
const deepest = 50

func (f *flow) write(s string) {
	if f.size += len(s); f.size > maxText {
		f.err = fmt.Errorf("more than %d bytes of text", maxText)
		return
	}
	f.text.WriteString(s)
}

// end closes the paragraph under way. Line breaks inside it are kept apart.
func (f *flow) end() {
	if f.text.Len() == 0 {
		return
	}
	for part := range strings.SplitSeq(f.text.String(), "\n") {
		if part = vitext.Clean(part); part == "" {
			continue
		}
		if n := len(f.rows); n > 0 {
			r := &f.rows[n-1]
			if len(r.cells) == 0 {
				r.cells = append(r.cells, nil)
			}
			last := len(r.cells) - 1
			r.cells[last] = append(r.cells[last], part)
			continue
		}
		f.add(part, false)
	}
	f.text.Reset()
}

func (f *flow) add(text string, row bool) {
	f.n++
	if f.lines = append(f.lines, line{text: text, n: f.n, row: row}); len(f.lines) > maxLine {
		f.err = fmt.Errorf("more than %d paragraphs", maxLine)
	}
}

// beginTable and endTable stand around rows; rows and cells that were left open end with their table.
func (f *flow) beginTable() {
	f.end()
	f.table++
}

func (f *flow) endTable() {
	f.closeRows(f.table)
	f.table = max(0, f.table-1)
}

// closeRows ends the rows of tables at least this deep.
func (f *flow) closeRows(table int) {
	for n := len(f.rows); n > 0 && f.rows[n-1].table >= table; n = len(f.rows) {
		f.endRow()
	}
}

func (f *flow) beginRow() {
	f.end()
	f.closeRows(f.table)
	if len(f.rows) < deepest {
		f.rows = append(f.rows, row{table: f.table})
	}
}

func (f *flow) beginCell() {
	f.end()
	if n := len(f.rows); n > 0 {
		f.rows[n-1].cells = append(f.rows[n-1].cells, nil)
	}
}

func (f *flow) endRow() {
	f.end()
	n := len(f.rows)
	if n == 0 {
		return
	}
	r := f.rows[n-1]
	f.rows = f.rows[:n-1]
	texts, joined := r.flatten()
	for _, text := range texts {
		if len(f.rows) == 0 {
			f.add(text, joined)
			continue
		}
		f.text.WriteString(text)
		f.end()
	}
}

// flatten gives the row as one line, or its paragraphs if it only lays out the page; joined tells which.
func (r row) flatten() (texts []string, joined bool) {
	var filled [][]string
	layout := false
	for _, c := range r.cells {
		if len(c) == 0 {
			continue
		}
		filled = append(filled, c)
		for _, text := range c {
			k := read(text).kind
			layout = layout || k == article || k == division
		}
	}
	if len(filled) == 1 || layout {
		var out []string
		for _, c := range filled {
			out = append(out, c...)
		}
		return out, false
	}
	cells := make([]string, len(filled))
	for i, c := range filled {
		cells[i] = strings.Join(c, " ")
	}
	if len(cells) == 0 {
		return nil, false
	}
	return []string{strings.Join(cells, " | ")}, true
}

// finish closes what is open and returns the lines.
func (f *flow) finish() ([]line, error) {
	for len(f.rows) > 0 {
		f.endRow()
	}
	f.end()
	return f.lines, f.err
}
