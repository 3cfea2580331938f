package vitext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longestSyllable is the letter count of "nghiêng", the longest syllable.
const longestSyllable = 7

// Tone returns s lower-case and NFC with the one tone-mark placement we use:
// hoà → hòa, thuý → thúy, qủa → quả. Words that do not look like one
// Vietnamese syllable with one tone are only lower-cased. It is idempotent.
func Tone(s string) string {
	if isFoldedASCII(s) {
		return s
	}
	s = lowerNFC(s)
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	var word [longestSyllable]rune
	n, overlong := 0, false
	flush := func() {
		if !overlong {
			placeTone(word[:n])
		}
		for _, r := range word[:n] {
			b.WriteRune(r)
		}
		n = 0
	}
	for _, r := range s {
		_, isLetter := letterOf(r)
		switch {
		case !isLetter && !unicode.IsLetter(r) && !unicode.IsMark(r):
			flush()
			overlong = false
			b.WriteRune(r)
		case !isLetter || n == longestSyllable || overlong:
			overlong = true // a foreign or too long word: copy it as it is
			flush()
			b.WriteRune(r)
		default:
			word[n] = r
			n++
		}
	}
	flush()
	return b.String()
}

// lowerNFC lower-cases s, turns ð into đ and returns it in NFC.
func lowerNFC(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	s = strings.Map(func(r rune) rune {
		if l, ok := letterOf(r); ok {
			return l.lower()
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(s))
	return norm.NFC.String(s)
}

// placeTone moves the only tone mark of a lower-case syllable to its place.
func placeTone(word []rune) {
	tone, at, ok := onlyTone(word)
	if !ok {
		return
	}
	first, last, ok := nucleus(word)
	if !ok {
		return
	}
	l, _ := letterOf(word[at])
	word[at] = l.quality()
	target := toneSeat(word, first, last)
	word[target] = withTone(word[target], tone)
}

// onlyTone finds the tone of a word and its position; ok is false for words
// with no tone mark or with several.
func onlyTone(word []rune) (tone uint8, at int, ok bool) {
	for i, r := range word {
		l, _ := letterOf(r)
		if l.tone == 0 {
			continue
		}
		if ok {
			return 0, 0, false
		}
		tone, at, ok = l.tone, i, true
	}
	return tone, at, ok
}

// nucleus returns the range of vowels of a syllable that can carry the tone,
// leaving out the u of "qu" and the i of "gi"; ok is false when the word is
// not consonants, vowels, consonants.
func nucleus(word []rune) (first, last int, ok bool) {
	isVowel := func(i int) bool {
		l, _ := letterOf(word[i])
		return l.row != 0
	}
	for first < len(word) && !isVowel(first) {
		first++
	}
	last = first
	for last < len(word) && isVowel(last) {
		last++
	}
	for i := last; i < len(word); i++ {
		if isVowel(i) {
			return 0, 0, false
		}
	}
	if last == first || len(word)-last > 2 {
		return 0, 0, false
	}
	if last-first > 1 && first == 1 {
		l, _ := letterOf(word[1])
		if word[0] == 'q' && l.plain == 'u' || word[0] == 'g' && l.plain == 'i' {
			first++
		}
	}
	return first, last, true
}

// toneSeat says which vowel of word[first:last] carries the tone.
func toneSeat(word []rune, first, last int) int {
	for i := last - 1; i >= first; i-- {
		if l, _ := letterOf(word[i]); l.quality() != rune(l.plain) {
			return i // ă â ê ô ơ ư; the second of ươ
		}
	}
	switch {
	case last < len(word):
		return last - 1 // hoàn, toán, quýt
	case last-first >= 3:
		return first + 1 // ngoài, khuỷu
	default:
		return first // hòa, thúy, mía
	}
}
