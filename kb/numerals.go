package kb

import (
	"slices"
	"strconv"

	"treem/kb/vitext"
)

// numerals are the digits as they are spoken, by folded syllable, with the marks that tell them from other words ("sáu" is
// six, "sau" is behind).
var numerals = map[string]struct {
	value int
	toned []string
}{
	"khong": {0, []string{"không"}},
	"mot":   {1, []string{"một", "mốt"}},
	"hai":   {2, []string{"hai"}},
	"ba":    {3, []string{"ba"}},
	"bon":   {4, []string{"bốn"}},
	"tu":    {4, []string{"tư"}},
	"nam":   {5, []string{"năm"}},
	"lam":   {5, []string{"lăm"}},
	"nham":  {5, []string{"nhăm"}},
	"sau":   {6, []string{"sáu"}},
	"bay":   {7, []string{"bảy", "bẩy"}},
	"tam":   {8, []string{"tám"}},
	"chin":  {9, []string{"chín"}},
}

// digit reads one spoken digit.
func digit(s vitext.Syllable) (int, bool) {
	n, ok := numerals[s.Folded]
	return n.value, ok && (!s.Marked || slices.Contains(n.toned, s.Toned))
}

// spelled reads the number in words that the syllables begin with, below 1000: "hai mươi lăm", "một trăm linh sáu", and as
// people shorten it, "hai lăm", "ba ba lăm". count is how many syllables it takes; 0: there is no number.
func spelled(s []vitext.Syllable) (number string, count int) {
	at := func(i int, words ...string) bool { return i < len(s) && slices.Contains(words, s[i].Folded) }
	i, sum := 0, 0
	one := func() int {
		if i < len(s) {
			if v, ok := digit(s[i]); ok {
				i++
				return v
			}
		}
		return 0
	}
	if at(0, "tram") || len(s) > 1 && at(1, "tram") {
		hundreds := max(1, one())
		i++
		sum = 100 * hundreds
		if at(i, "linh", "le") {
			i++
			return strconv.Itoa(sum + one()), i
		}
	}
	switch {
	case at(i, "muoi"):
		i++
		return strconv.Itoa(sum + 10 + one()), i
	case at(i+1, "muoi"):
		tens := one()
		if tens == 0 {
			break
		}
		i++
		return strconv.Itoa(sum + 10*tens + one()), i
	}
	if sum > 0 {
		return strconv.Itoa(sum + one()), i
	}
	for i < len(s) && i < 3 {
		v, ok := digit(s[i])
		if !ok || i == 0 && v == 0 {
			break
		}
		sum = 10*sum + v
		i++
	}
	return strconv.Itoa(sum), i
}

// withDigits writes the numbers behind "điều", "nghị định" and the like in digits. One syllable alone is a number only where
// a law stands behind it, or before it and nothing behind: "điều ba mẹ nói" is no article.
func withDigits(s []vitext.Syllable) []string {
	words := make([]string, 0, len(s))
	names := func(i int) bool {
		return i < len(s) && (s[i].Folded == "luat" && (i+1 >= len(s) || s[i+1].Folded != "su") ||
			slices.Contains([]string{"bo", "nghi", "thong", "quyet", "khoan", "nd"}, s[i].Folded))
	}
	law := false
	for i := 0; i < len(s); i++ {
		if s[i].Folded == "" {
			continue
		}
		words = append(words, s[i].Folded)
		law = law || slices.Contains([]string{"luat", "dinh", "nd"}, s[i].Folded)
		if !slices.Contains([]string{"dieu", "dinh", "nd", "tu", "so"}, s[i].Folded) {
			continue
		}
		number, count := spelled(s[i+1:])
		next := i + 1 + count
		if count > 1 || count == 1 && (names(next) || next == len(s) && law) {
			words = append(words, number)
			i = next - 1
		}
	}
	return words
}
