package kb

import (
	"regexp"
	"slices"
	"strings"

	"treem/kb/vitext"
)

var (
	// writtenCitation is an article named inside an answer.
	writtenCitation = regexp.MustCompile(`Điều \d+|[Kk]hoản \d+ [Đđ]iều`)
	// phoneNumber is a telephone number in full, or the three digits people are told to call.
	phoneNumber = regexp.MustCompile(`\b(?:0\d{1,3}[ .]?\d{3}[ .]?\d{3,4}|1[89]00[ .]?\d{2,4}(?:[ .]?\d{2,4})?|(?:\+84)[ .]?\d{2,3}[ .]?\d{3}[ .]?\d{3,4})\b`)
	callNumber  = regexp.MustCompile(`(?i)(?:\bgọi|\bgoi|\bsố|tổng đài|tong dai)(?: điện thoại| dien thoai| số| so)? (\d{3,5})\b`)
	anyCall     = regexp.MustCompile(`\b11[1-5]\b`)
	abolishedIn = regexp.MustCompile(`(?:so|phong) (?:lao dong|ldtb|ld-tb|ldtbxh)|ubnd (?:cap )?(?:huyen|quan)\b|uy ban nhan dan (?:cap )?(?:huyen|quan)\b|cong an (?:cap )?(?:huyen|quan)\b|toa an(?: nhan dan)? (?:cap )?(?:huyen|quan)\b|phong (?:noi vu|y te|giao duc va dao tao|tu phap)\b`)
)

// endedWords, one of which stands in a text that tells of something that is no more.
var endedWords = []string{"het hieu luc", "khong con", "bai bo", "thay the", "thay bang", "da bo", "giai the", "ket thuc", "da thay", "duoc thay", "tung",
	"truoc day", "truoc 01/7/2025", "sap nhap", "cham dut"}

// emergencyNumbers may stand in any text.
var emergencyNumbers = []string{"111", "112", "113", "114", "115"}

func givesNumber(text string) bool { return anyCall.MatchString(text) }

// greeting reports whether a text begins by greeting.
func greeting(text string) bool {
	folded := vitext.Fold(text)
	return strings.HasPrefix(folded, "chao ") || strings.HasPrefix(folded, "xin chao") || strings.HasPrefix(folded, "than chao")
}

// saysEnded reports whether a text tells that a rule or an office no longer exists.
func saysEnded(text string) bool {
	folded := vitext.Fold(text)
	return slices.ContainsFunc(endedWords, func(words string) bool { return strings.Contains(folded, words) })
}

// abolished lists offices abolished in 2025 that a text sends people to. A sentence that says they ended may name them.
func abolished(text string) []string {
	var out []string
	for _, s := range sentences(text) {
		if found := abolishedIn.FindString(vitext.Fold(s)); found != "" && !saysEnded(s) {
			out = append(out, found)
		}
	}
	return out
}

// sentences cuts text behind full stops and at line ends.
func sentences(text string) []string {
	cut := func(r rune) bool { return r == '\n' || r == '!' || r == '?' }
	var out []string
	for _, line := range strings.FieldsFunc(text, cut) {
		for _, s := range strings.SplitAfter(line, ". ") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// strangeNumbers lists telephone numbers that neither everyone knows nor a fact vouches for.
func (k *checker) strangeNumbers(text string) []string {
	found := phoneNumber.FindAllString(text, -1)
	for _, m := range callNumber.FindAllStringSubmatch(text, -1) {
		if len(m[1]) == 3 {
			found = append(found, m[1])
		}
	}
	var out []string
	for _, number := range found {
		if d := digitsOf(number); !slices.Contains(emergencyNumbers, d) && !k.phones[d] {
			out = append(out, number)
		}
	}
	return out
}

// factPhones are the numbers that stand in facts.
func factPhones(c *Content) map[string]bool {
	out := map[string]bool{}
	for _, f := range c.Facts {
		out[digitsOf(f.Text)] = true
		for _, number := range phoneNumber.FindAllString(f.Text, -1) {
			out[digitsOf(number)] = true
		}
	}
	return out
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
