package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMessage is the longest text of one message, in UTF-16 units, as Telegram counts.
const maxMessage = 4096

// split cuts text into parts of at most limit UTF-16 units: between paragraphs if one ends in the second half, else
// between lines, else between words, else between characters as people see them. White space at a cut is dropped.
// There are no parts without anything to see.
func split(text string, limit int) []string {
	var parts []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := fit(text, limit)
		if end < len(text) {
			end = cut(text, end)
		}
		parts = append(parts, strings.TrimSpace(text[:end]))
		text = text[end:]
	}
	return parts
}

// fit returns how many bytes of s make at most limit UTF-16 units.
func fit(s string, limit int) int {
	units := 0
	for i, r := range s {
		units++
		if r >= 0x10000 {
			units++
		}
		if units > limit {
			return i
		}
	}
	return len(s)
}

// cut returns the best place to cut s at or before end.
func cut(s string, end int) int {
	for _, mark := range []string{"\n\n", "\n", " "} {
		// The mark itself may lie just behind the end.
		reach := min(end+len(mark), len(s))
		if i := strings.LastIndex(s[:reach], mark); i > 0 && i >= end/2 {
			return i
		}
	}
	for at := end; at > max(0, end-longestCluster); {
		next, _ := utf8.DecodeRuneInString(s[at:])
		last, size := utf8.DecodeLastRuneInString(s[:at])
		if !joins(next) && last != zeroWidthJoiner {
			return at
		}
		at -= size
	}
	return end
}

const (
	zeroWidthJoiner = '\u200d'
	longestCluster  = 64 // bytes; what people see as one character is shorter, unless somebody plays
)

// joins reports whether r belongs to the character before it: accents, joiners, the colour of a hand.
func joins(r rune) bool {
	return unicode.In(r, unicode.M) || r == zeroWidthJoiner || r >= 0x1F3FB && r <= 0x1F3FF
}
