package vitext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks in a row Clean keeps. Vietnamese needs
// two; long stacks are decoration and would make NFC insert joiners.
const maxMarks = 4

// Clean returns s as valid, NFC, printable text: invalid bytes, control,
// zero-width, private and unassigned runes are removed, spaces of every kind
// become one plain space, line ends become one \n, and both ends are trimmed.
// It is idempotent.
func Clean(s string) string {
	if isCleanASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	marks := 0
	var space rune // pending ' ' or '\n'
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			continue // an invalid byte
		}
		switch {
		case isLineEnd(r):
			space = '\n'
			continue
		case isSpace(r):
			if space == 0 {
				space = ' '
			}
			continue
		case isInvisible(r):
			continue
		case r >= 0x300 && unicode.Is(unicode.Mn, r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if space != 0 && b.Len() > 0 {
			b.WriteRune(space)
		}
		space = 0
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// isCleanASCII is the fast path: printable ASCII with single inner spaces.
func isCleanASCII(s string) bool {
	before := byte(' ')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' '
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// isSpace covers the Unicode spaces plus letters and symbols that only look
// like a space (Hangul fillers, the empty Braille cell).
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0:
		return true
	}
	return r >= 0x80 && unicode.Is(unicode.Zs, r)
}

// isInvisible covers control and format runes, variation selectors, joiners
// and runes with no assigned meaning.
func isInvisible(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' || r == 0x7F
	case r == 0x034F, r == 0x17B4, r == 0x17B5, r >= 0x180B && r <= 0x180F,
		r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r == utf8.RuneError:
		return true
	}
	return !unicode.IsPrint(r)
}
