package vitext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// gsmInstead gives a plain spelling for runes outside GSM-7, or inside it
// where a plain one reads better on old phones.
var gsmInstead = map[rune]string{
	'`': "'", '´': "'", '‘': "'", '’': "'", '‚': "'", '′': "'",
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '″': `"`,
	'–': "-", '—': "-", '‐': "-", '‑': "-", '‒': "-", '−': "-", '•': "-", '·': "-", '●': "-", '▪': "-",
	'…': "...", '₫': "d", '×': "x", '÷': ":", '°': "o", '→': "->", '⇒': "=>", '✓': "v", '✔': "v",
	'ß': "ss", 'æ': "ae", 'Æ': "AE", 'ø': "o", 'Ø': "O", 'ł': "l", 'Ł': "L", 'ı': "i",
	'≥': ">=", '≤': "<=", '©': "(c)", '®': "(r)", '™': "TM", '½': "1/2", '¼': "1/4", '¾': "3/4",
}

// gsmSymbols are the symbols beyond ASCII that GSM-7 has and GSM keeps.
const gsmSymbols = "@£$¥§¿¡¤€"

// GSM returns s without diacritics but with case and ASCII punctuation kept,
// for SMS: every rune it returns is in the GSM 03.38 basic set or its
// extension. Emoji and letters of other scripts are dropped. It is idempotent.
func GSM(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range Clean(s) {
		if l, ok := letterOf(r); ok {
			c := l.plain
			if l.upper {
				c -= 32
			}
			b.WriteByte(c)
			continue
		}
		writeGSM(&b, r)
	}
	return tidySpaces(b.String())
}

// writeGSM writes the GSM-7 spelling of one rune that is not a Vietnamese
// letter, or nothing.
func writeGSM(b *strings.Builder, r rune) {
	if instead, ok := gsmInstead[r]; ok {
		b.WriteString(instead)
		return
	}
	if r < 0x80 || strings.ContainsRune(gsmSymbols, r) {
		b.WriteRune(r)
		return
	}
	for _, d := range norm.NFKD.String(string(r)) {
		if d < 0x80 && d != '`' && unicode.IsPrint(d) {
			b.WriteRune(d)
		} else if instead, ok := gsmInstead[d]; ok {
			b.WriteString(instead)
		}
	}
}

// tidySpaces drops the spaces left around removed runes.
func tidySpaces(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	var space rune
	for _, r := range s {
		if r == ' ' || r == '\n' {
			if space != '\n' {
				space = r
			}
			continue
		}
		if space != 0 && b.Len() > 0 {
			b.WriteRune(space)
		}
		space = 0
		b.WriteRune(r)
	}
	return b.String()
}
