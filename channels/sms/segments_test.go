package sms

import (
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		sizes      []int // in places of the encoding
	}{
		{"short", "Goi 111", []int{7}},
		{"just one", strings.Repeat("x", 160), []int{160}},
		{"one more", strings.Repeat("x", 161), []int{153, 8}},
		{"escape pair at the edge", strings.Repeat("x", 152) + "€" + strings.Repeat("x", 10), []int{152, 12}},
		{"accents", strings.Repeat("ữ", 71), []int{67, 4}},
		{"surrogate pair at the edge", strings.Repeat("ữ", 66) + "😊" + strings.Repeat("ữ", 5), []int{66, 7}},
		{"marks stay with their letter", strings.Repeat("ữ", 66) + "a\u0301" + strings.Repeat("ữ", 5), []int{66, 7}},
		{"a tower of marks", "ữa" + strings.Repeat("\u0301", 100), []int{67, 35}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Segments(tc.text)
			encoding, _ := Measure(tc.text)
			var sizes []int
			for _, s := range got {
				sizes = append(sizes, width(s, encoding))
			}
			if len(sizes) != len(tc.sizes) {
				t.Fatalf("sizes %v, want %v", sizes, tc.sizes)
			}
			for i, n := range tc.sizes {
				if sizes[i] != n {
					t.Errorf("sizes %v, want %v", sizes, tc.sizes)
				}
			}
			if strings.Join(got, "") != tc.text {
				t.Error("put together it is another text")
			}
		})
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("a b\n\nc 😊 e\u0309", 3)
	f.Add("ữ\u0301 €", 900)
	f.Fuzz(func(t *testing.T, text string, times int) {
		if times < 1 || times > 2000 || len(text)*times > 16<<10 {
			return
		}
		text = strings.Repeat(strings.ToValidUTF8(text, "?"), times)
		encoding, n := Measure(text)
		_, multi := limits(encoding)
		got := Segments(text)
		for _, s := range got {
			if len(got) > 1 && (s == "" || width(s, encoding) > multi) {
				t.Errorf("a segment of %d places", width(s, encoding))
			}
		}
		if len(got) < n || strings.Join(got, "") != text {
			t.Errorf("%d segments, Measure says %d, of %q", len(got), n, text)
		}
	})
}
