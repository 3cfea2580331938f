package channels

import (
	"strings"
	"unicode/utf8"
)

// CleanText makes received text fit to be stored: valid UTF-8, without NUL, at most MaxText bytes, cut at a character
// boundary.
func CleanText(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= MaxText {
		return text
	}
	cut := MaxText
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
