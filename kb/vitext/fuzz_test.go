package vitext

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// gsmRunes is the GSM 03.38 basic set with its extension.
const gsmRunes = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
	"ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€"

func addSeeds(f *testing.F) {
	for _, c := range cases(f) {
		f.Add(c[0])
	}
	for _, s := range []string{
		"\xff\xfe", "e\u0301\u0323", "Ầ\u0300", "İI\u0307", "ſK\u212a", "\u1100\u1161", "a\u034f\u0301",
		"\u0f71\u0f72", "1/2/a-", "5h30h5", "12:30-a", "k.k.k.k", "a'b’c", "ngngngng", "z z z z z", "r z r z 1",
	} {
		f.Add(s)
	}
}

func checkString(t *testing.T, name, in, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("%s(%q) = %q is not UTF-8", name, in, out)
	}
	if !norm.NFC.IsNormalString(out) {
		t.Errorf("%s(%q) = %q is not NFC", name, in, out)
	}
}

func FuzzStrings(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		for name, fn := range map[string]func(string) string{"Clean": Clean, "Fold": Fold, "Tone": Tone, "GSM": GSM} {
			in := s
			if name == "Fold" {
				in = Clean(s) // Fold alone keeps what it does not know
			}
			out := fn(in)
			checkString(t, name, in, out)
			if again := fn(out); again != out {
				t.Errorf("%s is not idempotent: %q, %q, %q", name, in, out, again)
			}
		}
		for _, r := range Clean(s) {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("Clean(%q) has %U", s, r)
			}
		}
		for _, r := range GSM(s) {
			if !strings.ContainsRune(gsmRunes, r) {
				t.Errorf("GSM(%q) has %U", s, r)
			}
		}
	})
}

func FuzzNormalise(f *testing.F) {
	addSeeds(f)
	n := mustNew(f)
	f.Fuzz(func(t *testing.T, s string) {
		checkText(t, n, n.Normalise(s))
	})
}

// checkText checks what must hold for every Text.
func checkText(t *testing.T, n *Normaliser, text Text) {
	t.Helper()
	toned := text.Toned()
	checkString(t, "Toned", text.Clean, toned)
	if again := n.Normalise(toned).Toned(); again != toned {
		t.Errorf("not idempotent on %q:\n first %q\n then  %q", text.Clean, toned, again)
	}
	if text.Marked < 0 || text.Marked > 1 {
		t.Errorf("Marked = %v", text.Marked)
	}
	if !slices.IsSorted(text.Breaks) || len(text.Breaks) > 0 &&
		(text.Breaks[0] < 1 || text.Breaks[len(text.Breaks)-1] > len(text.Syllables)) {
		t.Errorf("Breaks %v for %d syllables", text.Breaks, len(text.Syllables))
	}
	last := 0
	for _, s := range text.Syllables {
		if s.Start < 0 || s.End > len(text.Clean) || s.Start >= s.End || text.Clean[s.Start:s.End] != s.Written {
			t.Fatalf("offsets of %+v are wrong in %q", s, text.Clean)
		}
		if s.Start < last {
			t.Errorf("%+v starts before %d", s, last)
		}
		last = s.Start
		if s.Toned == "" || strings.ContainsAny(s.Toned, " \n") || s.Folded != Fold(s.Toned) {
			t.Errorf("bad syllable %+v", s)
		}
	}
}

// FuzzRewriteSteps bounds the work of the rule engine by the number of words,
// which is what makes Normalise linear.
func FuzzRewriteSteps(f *testing.F) {
	addSeeds(f)
	n := mustNew(f)
	f.Fuzz(func(t *testing.T, s string) {
		text := Text{Clean: Clean(strings.Repeat(s+" ", 50))}
		c := newChain(0)
		x := lexer{n: n, text: &text, chain: c}
		x.run()
		n.rewrite(c)
		if c.steps > 6*len(c.nodes)+6 {
			t.Errorf("%d steps for %d words in %q", c.steps, len(c.nodes), s)
		}
	})
}

// TestLinear compares the best of several runs on a text and on one eight
// times as long; a quadratic step would show as a factor of 64.
func TestLinear(t *testing.T) {
	n := mustNew(t)
	best := func(s string) time.Duration {
		least := time.Hour
		for range 7 {
			start := time.Now()
			n.Normalise(s)
			GSM(s)
			least = min(least, time.Since(start))
		}
		return least
	}
	for _, unit := range []string{"e k bit j ", "a", "ab", "ạ", "a.", "1/2/", "😭", "\u0301", "hong ", "koooo ", "a-b_", "d9uoi61"} {
		short, long := strings.Repeat(unit, 4000), strings.Repeat(unit, 32000)
		if ratio := float64(best(long)) / float64(best(short)+time.Microsecond); ratio > 32 {
			t.Errorf("%q repeated 8 times more takes %.0f times longer", unit, ratio)
		}
	}
}

// TestExamples reports how many syllables of the shared example messages come
// out as valid syllables. It is skipped where the examples are not at hand.
func TestExamples(t *testing.T) {
	file, err := os.Open(os.Getenv("VITEXT_EXAMPLES"))
	if err != nil {
		t.Skip("set VITEXT_EXAMPLES to a file with one message a line")
	}
	defer file.Close()
	n := mustNew(t)
	valid, total, unknown := 0, 0, make(map[string]int)
	for sc := bufio.NewScanner(file); sc.Scan(); {
		text := n.Normalise(sc.Text())
		checkText(t, n, text)
		for _, s := range text.Syllables {
			switch {
			case isNumber(s.Toned):
			case n.isSyllable(s.Toned):
				valid++
				total++
			default:
				unknown[s.Toned]++
				total++
			}
		}
	}
	t.Logf("%d of %d syllables valid; others: %v", valid, total, unknown)
}
