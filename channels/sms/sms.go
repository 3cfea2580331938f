// Package sms knows how a short message is encoded and counted: what SMS channels share.
package sms

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
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

// Measure tells the encoding a text needs and how many segments it takes. An empty text takes one.
func Measure(text string) (Encoding, int) {
	encoding := GSM7
	for _, r := range text {
		if places(r) == 0 {
			encoding = UCS2
			break
		}
	}
	single, multi := limits(encoding)
	if width(text, encoding) <= single {
		return encoding, 1
	}
	segments, used := 1, 0
	for _, r := range text {
		n := runeWidth(r, encoding)
		if used+n > multi { // neither an escape pair nor a surrogate pair is split
			segments, used = segments+1, 0
		}
		used += n
	}
	return encoding, segments
}

// Split cuts a text into messages of at most max segments each, at a line's or word's end where there is one. It never
// cuts inside a character.
func Split(text string, max int) []string {
	var parts []string
	for text != "" {
		head := fitting(text, max)
		parts = append(parts, strings.TrimRight(head, " \n"))
		text = strings.TrimLeft(text[len(head):], " \n")
	}
	return parts
}

// fitting returns the longest head of text that takes at most max segments, ending at a word's end if possible.
func fitting(text string, max int) string {
	if _, n := Measure(text); n <= max {
		return text
	}
	encoding, _ := Measure(text)
	_, multi := limits(encoding)
	room, used, segments, end := multi, 0, 1, 0
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		n := runeWidth(r, encoding)
		if used+n > room {
			if segments == max {
				break
			}
			segments, used = segments+1, 0
		}
		used += n
		end += size
	}
	if i := strings.LastIndexAny(text[:end], " \n"); i > end/2 {
		return text[:i+1]
	}
	return text[:end]
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
