// Package sms knows how a short message is encoded and counted: what SMS channels share.
package sms

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Encoding is how a message goes over the air.
type Encoding string

// The encodings. GSM7 is the default alphabet of 3GPP TS 23.038, UCS2 everything else.
const (
	GSM7 Encoding = "gsm7"
	UCS2 Encoding = "ucs2"
)

// Characters a segment holds: alone, and as one of several (3GPP TS 23.040: the rest carries the joining header).
const (
	GSM7Single = 160
	GSM7Multi  = 153
	UCS2Single = 70
	UCS2Multi  = 67
)

// The default alphabet and its extension table, 3GPP TS 23.038 section 6.2.1. An extension character takes two places.
const (
	basic     = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// Measure tells the encoding a text needs and how many segments it takes. An empty text takes one. No segment ends inside
// a character as people see it: neither inside an escape pair nor between a letter and its marks.
func Measure(text string) (Encoding, int) {
	encoding := encodingOf(text)
	single, multi := limits(encoding)
	total, segments, used := 0, 1, 0
	characters(text, encoding, func(_ string, n int) bool {
		total += n
		if used+n > multi {
			segments, used = segments+1, 0
		}
		used += n
		return true
	})
	if total <= single {
		segments = 1
	}
	return encoding, segments
}

// Split cuts a text into messages of at most max segments each, at a line's or word's end where there is one. It never
// cuts inside a character.
func Split(text string, max int) []string {
	var parts []string
	for text != "" {
		head := Head(text, max)
		parts = append(parts, strings.TrimRight(head, " \n"))
		text = strings.TrimLeft(text[len(head):], " \n")
	}
	return parts
}

// Head returns the longest beginning of text that takes at most max segments, ending at a line's or word's end if
// possible. It is never empty unless text is.
func Head(text string, max int) string {
	encoding, n := Measure(text)
	if n <= max {
		return text
	}
	_, multi := limits(encoding)
	used, segments, end := 0, 1, 0
	characters(text, encoding, func(c string, n int) bool {
		if used+n > multi {
			if segments == max {
				return false
			}
			segments, used = segments+1, 0
		}
		used += n
		end += len(c)
		return true
	})
	if end == 0 { // one character with more marks than a segment holds
		_, end = utf8.DecodeRuneInString(text)
	}
	if i := strings.LastIndexAny(text[:end], " \n"); i > end/2 {
		return text[:i+1]
	}
	return text[:end]
}

// characters calls each for the characters of a text as people see them, with the places they take, until it says stop.
func characters(text string, e Encoding, each func(character string, places int) bool) {
	for state := -1; text != ""; {
		var c string
		c, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		if c == "\r\n" {
			if !each("\r", 1) || !each("\n", 1) {
				return
			}
			continue
		}
		if !each(c, width(c, e)) {
			return
		}
	}
}

func encodingOf(text string) Encoding {
	for _, r := range text {
		if places(r) == 0 {
			return UCS2
		}
	}
	return GSM7
}

func limits(e Encoding) (single, multi int) {
	if e == GSM7 {
		return GSM7Single, GSM7Multi
	}
	return UCS2Single, UCS2Multi
}

func width(text string, e Encoding) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r, e)
	}
	return n
}

func runeWidth(r rune, e Encoding) int {
	if e == GSM7 {
		return places(r)
	}
	return max(1, utf16.RuneLen(r))
}

// places is how many places r takes in GSM-7; zero: it cannot be written there.
func places(r rune) int {
	switch {
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extension, r):
		return 2
	default:
		return 0
	}
}
