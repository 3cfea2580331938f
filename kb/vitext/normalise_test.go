package vitext

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
)

func mustNew(tb testing.TB) *Normaliser {
	tb.Helper()
	n, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// cases reads testdata/normalise.tsv as pairs of message and expected text.
func cases(tb testing.TB) [][2]string {
	tb.Helper()
	data, err := os.ReadFile("testdata/normalise.tsv")
	if err != nil {
		tb.Fatal(err)
	}
	var pairs [][2]string
	sc := bufio.NewScanner(strings.NewReader(string(data)))
	for sc.Scan() {
		if sc.Text() == "" || strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		in, want, ok := strings.Cut(sc.Text(), "\t")
		if !ok {
			tb.Fatalf("testdata/normalise.tsv: no tab in %q", sc.Text())
		}
		pairs = append(pairs, [2]string{in, want})
	}
	return pairs
}

func TestNormalise(t *testing.T) {
	n := mustNew(t)
	for _, c := range cases(t) {
		text := n.Normalise(c[0])
		if got := text.Toned(); got != c[1] {
			t.Errorf("%q\n got %q\nwant %q", c[0], got, c[1])
		}
		if got, want := text.Folded(), Fold(text.Toned()); got != want {
			t.Errorf("%q: Folded %q, want %q", c[0], got, want)
		}
		checkText(t, n, text)
	}
}

func TestNormaliseFields(t *testing.T) {
	text := mustNew(t).Normalise("Cứu em! bhyt là j?\n😭 :((")
	if !text.Question || text.Shouted {
		t.Errorf("Question %v, Shouted %v", text.Question, text.Shouted)
	}
	if want := []int{2, 8}; !slices.Equal(text.Breaks, want) {
		t.Errorf("Breaks %v, want %v", text.Breaks, want)
	}
	if want := []string{"😭", ":(("}; !slices.Equal(text.Emoji, want) {
		t.Errorf("Emoji %q, want %q", text.Emoji, want)
	}
	for i, s := range text.Syllables[2:6] {
		if s.Written != "bhyt" || s.Start != text.Syllables[2].Start || !s.Slang || !s.Marked {
			t.Errorf("syllable %d of bhyt: %+v", i, s)
		}
	}
}

func TestShouted(t *testing.T) {
	n := mustNew(t)
	for in, want := range map[string]bool{
		"CỨU EM VỚI":                true,
		"CUU EM VOI!!! ba danh":     false,
		"UBND":                      false,
		"Nghị định 20/2021/NĐ-CP":   false,
		"TRỜI ƠI CON CHÁY NHÀ rồi!": true,
		"":                          false,
	} {
		if got := n.Normalise(in).Shouted; got != want {
			t.Errorf("Shouted(%q) = %v", in, got)
		}
	}
}

func TestMarks(t *testing.T) {
	n := mustNew(t)
	for _, c := range []struct {
		in     string
		share  float64
		marked string // one letter per syllable, y or n
	}{
		{"con bị ba đánh", 1, "yyyy"},
		{"con bi ba danh", 0, "nnnn"},
		{"ko biet lam j", 0, "ynny"},
		{"con ba anh em", 0, "nnnn"},
		{"hôm qua con bi ngã", 2.0 / 3, "ynnny"},
		{"bị đánh đau lắm, con sợ", 1, "yyyyyy"},
		{"", 0, ""},
	} {
		text := n.Normalise(c.in)
		var marked strings.Builder
		for _, s := range text.Syllables {
			if s.Marked {
				marked.WriteByte('y')
			} else {
				marked.WriteByte('n')
			}
		}
		if text.Marked != c.share || marked.String() != c.marked {
			t.Errorf("%q: share %.2f marked %s, want %.2f %s", c.in, text.Marked, &marked, c.share, c.marked)
		}
	}
}
