package vitext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold lower-cases s and removes every diacritic, đ → d. It is linear and
// idempotent, and leaves other runes alone.
func Fold(s string) string {
	if isFoldedASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		l, ok := letterOf(r)
		switch {
		case ok:
			b.WriteByte(l.plain)
		case r < 0x80:
			b.WriteRune(r)
		case unicode.Is(unicode.So, r), unicode.Is(unicode.P, r) && r < 0x2100:
			b.WriteRune(r)
		default:
			return foldAny(s)
		}
	}
	return b.String()
}

func isFoldedASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

// foldAny is Fold for text with letters outside the Vietnamese alphabet.
func foldAny(s string) string {
	s = norm.NFD.String(strings.ToValidUTF8(s, ""))
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if l, ok := letterOf(r); ok {
			b.WriteByte(l.plain)
			continue
		}
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return norm.NFC.String(b.String())
}
