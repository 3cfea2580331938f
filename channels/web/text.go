package web

import (
	"strings"
	"time"
)

// block is one paragraph or list of a plain text.
type block struct {
	Lines   []string // of a paragraph; the items of a list
	List    bool
	Ordered bool
	Start   int // number of the first item of an ordered list
}

// blocks takes a plain text apart: lines that begin with "- " or "1. " are lists, other lines paragraphs, an empty line
// ends either.
func blocks(text string) []block {
	var all []block
	open := false // whether the last block goes on
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			open = false
			continue
		}
		b := readLine(line)
		if last := len(all) - 1; open && last >= 0 && all[last].List == b.List && all[last].Ordered == b.Ordered {
			all[last].Lines = append(all[last].Lines, b.Lines...)
		} else {
			all = append(all, b)
		}
		open = true
	}
	return all
}

func readLine(line string) block {
	if item, ok := strings.CutPrefix(line, "- "); ok {
		return block{Lines: []string{item}, List: true}
	}
	digits := 0
	for digits < len(line) && digits < 2 && line[digits] >= '0' && line[digits] <= '9' {
		digits++
	}
	if item, ok := strings.CutPrefix(line[digits:], ". "); ok && digits > 0 {
		n := 0
		for _, d := range line[:digits] {
			n = 10*n + int(d-'0')
		}
		return block{Lines: []string{item}, List: true, Ordered: true, Start: n}
	}
	return block{Lines: []string{line}}
}

// summary is the beginning of a text for those who list the page: at most about 160 characters, cut at a word's end.
func summary(text string) string {
	const longest = 160
	words := strings.Fields(text)
	var b strings.Builder
	n := 0
	for _, w := range words {
		n += len([]rune(w)) + 1
		if n > longest {
			return b.String() + "…"
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// vietnam is the time that people in Viet Nam live by.
var vietnam = time.FixedZone("ICT", 7*60*60)

func vietnamDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("02/01/2006")
}
