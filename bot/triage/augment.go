package triage

import (
	"math/rand/v2"
	"strings"

	"golang.org/x/text/unicode/norm"

	"treem/kb/vitext"
)

// variants returns the spellings of one message that the model learns from: as written, without marks, with typing
// slips, and with Telex keys left standing. The same seed gives the same variants.
func variants(text string, rng *rand.Rand) []string {
	all := []string{text}
	folded := vitext.Fold(text)
	marked := folded != strings.ToLower(vitext.Clean(text))
	if marked {
		all = append(all, folded)
	}
	all = append(all, slips(folded, rng))
	if marked && rng.IntN(4) == 0 {
		all = append(all, telex(text, rng))
	} else {
		all = append(all, chat(folded, rng))
	}
	if other := swapKin(text, rng); other != text {
		if rng.IntN(2) == 0 {
			other = vitext.Fold(other)
		}
		all = append(all, other)
	}
	return all
}

// kin lists words that may stand for one another without changing who must act.
var kin = [][]string{
	{"con", "cháu", "em"}, {"ba", "bố", "cha"}, {"mẹ", "má"}, {"chú", "bác", "cậu", "dượng"}, {"đánh", "đập"},
	{"nhỏ", "bé"}, {"bạn", "nhỏ bạn"}, {"tôi", "em", "mình"},
	{"chau", "em", "con"}, {"bo", "ba", "cha"}, {"chu", "bac", "cau", "duong"}, {"ma", "me"}, {"toi", "em"},
}

// swapKin replaces kinship words, the same one always by the same other.
func swapKin(text string, rng *rand.Rand) string {
	to := make(map[string]string)
	for _, set := range kin {
		for _, w := range set {
			if _, ok := to[w]; !ok {
				to[w] = set[rng.IntN(len(set))]
			}
		}
	}
	words := strings.Fields(text)
	for i, w := range words {
		if o, ok := to[strings.ToLower(w)]; ok {
			words[i] = o
		}
	}
	return strings.Join(words, " ")
}

// slips drops, doubles or swaps a letter in about one word of eight.
func slips(text string, rng *rand.Rand) string {
	words := strings.Fields(text)
	for i, w := range words {
		if len(w) < 3 || rng.IntN(8) != 0 {
			continue
		}
		at := 1 + rng.IntN(len(w)-2)
		switch rng.IntN(4) {
		case 0:
			words[i] = w[:at] + w[at+1:]
		case 1:
			words[i] = w[:at] + w[at:at+1] + w[at:]
		case 2:
			words[i] = w[:at] + w[at+1:at+2] + w[at:at+1] + w[at+2:]
		default:
			if i+1 < len(words) {
				words[i], words[i+1] = "", w+words[i+1]
			}
		}
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// chat writes about a third of the words as teenagers do.
func chat(text string, rng *rand.Rand) string {
	short := strings.NewReplacer("khong", "k", "duoc", "dc", "nguoi", "ng", "em ", "e ", "gi ", "j ", "minh", "mk",
		"biet", "bt", "nhung", "nhug", "trong", "trog", "chuyen", "chiện", "ph", "f", "qu", "w", "roi", "r",
		"voi", "vs", "bay gio", "bh", "vay", "v", "cung", "cx", "ong", "og", "ang", "ag", "anh", "ah", "gio", "h")
	words := strings.Fields(text)
	for i, w := range words {
		if rng.IntN(3) == 0 {
			words[i] = strings.TrimSpace(short.Replace(w + " "))
		}
	}
	return strings.Join(words, " ")
}

// telex types marks as Telex keys at the end of the word, as when the keyboard was switched off.
func telex(text string, rng *rand.Rand) string {
	words := strings.Fields(vitext.Clean(strings.ToLower(text)))
	for i, w := range words {
		if rng.IntN(3) > 0 {
			words[i] = keys(w)
		} else {
			words[i] = vitext.Fold(w)
		}
	}
	return strings.Join(words, " ")
}

// keys spells one word in Telex.
func keys(word string) string {
	var b strings.Builder
	tone := ""
	for _, r := range norm.NFD.String(word) {
		switch r {
		case 'đ':
			b.WriteString("dd")
		case '\u0300':
			tone = "f"
		case '\u0301':
			tone = "s"
		case '\u0309':
			tone = "r"
		case '\u0303':
			tone = "x"
		case '\u0323':
			tone = "j"
		case '\u0302':
			s := b.String()
			b.WriteString(s[len(s)-1:])
		case '\u0306', '\u031b':
			b.WriteByte('w')
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + tone
}
