package smscserver

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
)

// The GSM default alphabet and its extension table (3GPP TS 23.038, 6.2.1 and 6.2.1.1), in the order of their codes.
// They stand here once more, so that a mistake in the program's own table shows.
var (
	basicTable = []rune("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
	extensionTable = map[byte]rune{
		0x0A: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2F: '\\', 0x3C: '[', 0x3D: '~', 0x3E: ']', 0x40: '|', 0x65: '€',
	}
)

const escape = 0x1B

// encode writes one character; nil: it is not in the alphabet.
func encode(r rune) []byte {
	for code, c := range basicTable {
		if c == r && code != escape {
			return []byte{byte(code)}
		}
	}
	for code, c := range extensionTable {
		if c == r {
			return []byte{escape, code}
		}
	}
	return nil
}

// characters writes a text in the coding it needs, one slice a character, so that nobody cuts inside one.
func characters(text string) (coding byte, chars [][]byte) {
	for _, r := range text {
		c := encode(r)
		if c == nil {
			return codingUCS2, ucs2(text)
		}
		chars = append(chars, c)
	}
	return codingGSM, chars
}

func ucs2(text string) (chars [][]byte) {
	for _, r := range text {
		var c []byte
		for _, unit := range utf16.Encode([]rune{r}) {
			c = binary.BigEndian.AppendUint16(c, unit)
		}
		chars = append(chars, c)
	}
	return chars
}

// decode reads a whole text, all parts put together.
func decode(coding byte, b []byte) (string, error) {
	if coding == codingUCS2 {
		if len(b)%2 != 0 {
			return "", errors.New("half a UCS-2 character")
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(b[2*i:])
		}
		return string(utf16.Decode(units)), nil
	}
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] > 0x7F:
			return "", errors.New("an octet above 0x7F in GSM text")
		case b[i] != escape:
			out.WriteRune(basicTable[b[i]])
		case i+1 == len(b) || extensionTable[b[i+1]] == 0:
			return "", errors.New("a broken escape in GSM text")
		default:
			i++
			out.WriteRune(extensionTable[b[i]])
		}
	}
	return out.String(), nil
}
