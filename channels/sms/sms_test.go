package sms

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMeasure(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		encoding Encoding
		segments int
	}{
		"empty":                    {"", GSM7, 1},
		"one full segment":         {strings.Repeat("a", 160), GSM7, 1},
		"one more":                 {strings.Repeat("a", 161), GSM7, 2},
		"two full segments":        {strings.Repeat("a", 306), GSM7, 2},
		"three":                    {strings.Repeat("a", 307), GSM7, 3},
		"extension counts twice":   {strings.Repeat("€", 80), GSM7, 1},
		"extension over":           {strings.Repeat("€", 81), GSM7, 2},
		"escape pair is not split": {strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), GSM7, 3},
		"marks":                    {"đuối nước", UCS2, 1},
		"ucs2 full":                {strings.Repeat("ư", 70), UCS2, 1},
		"ucs2 over":                {strings.Repeat("ư", 71), UCS2, 2},
		"surrogates":               {strings.Repeat("😀", 35), UCS2, 1},
		"surrogate pair not split": {strings.Repeat("ư", 66) + "😀" + strings.Repeat("ư", 66), UCS2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			if e, n := Measure(c.text); e != c.encoding || n != c.segments {
				t.Errorf("Measure = %s, %d; want %s, %d", e, n, c.encoding, c.segments)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("Goi 111 mien phi", 1)
	f.Add(strings.Repeat("Đuối nước ", 50), 2)
	f.Add(strings.Repeat("x", 400), 1)
	f.Add("😀\xff€", 1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 1 || limit > 10 {
			return
		}
		valid := utf8.ValidString(text)
		parts := Split(text, limit)
		for _, p := range parts {
			if _, n := Measure(p); n > limit {
				t.Errorf("a part takes %d segments, limit %d", n, limit)
			}
			if valid && !utf8.ValidString(p) {
				t.Error("cut inside a character")
			}
		}
		squeeze := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		if got := squeeze(strings.Join(parts, "")); got != squeeze(text) {
			t.Errorf("words were lost: %q from %q", got, text)
		}
	})
}
