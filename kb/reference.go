package kb

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treem/kb/vitext"
)

// references finds laws and articles named in a message.
type references struct {
	content  *Content
	laws     []lawNames
	children *Law // the Law on Children, which a bare "Điều 25" most likely means; nil: not in the content
	decree   *Law // its main decree
}

type lawNames struct {
	law    *Law
	names  []string // folded, as they stand between spaces
	beside []string // names that count only beside an article's number: "luat 102", "nguoi khuyet tat"
}

// The documents a bare article number is offered from.
const (
	childrenLaw    = "102/2016/QH13"
	childrenDecree = "56/2017/NĐ-CP"
)

// newReferences collects how each law may be named: title, aliases, number and initials in their usual shortenings.
func newReferences(c *Content, n *vitext.Normaliser) *references {
	r := &references{content: c}
	r.children, _ = c.Law(childrenLaw)
	r.decree, _ = c.Law(childrenDecree)
	for _, l := range c.Laws {
		names := titleNames(n.Normalise(l.Title).Folded())
		for _, a := range l.Aliases {
			names = append(names, n.Normalise(a).Folded(), vitext.Fold(a))
		}
		names = append(names, numberNames(l.Number, n)...)
		slices.Sort(names)
		names = slices.DeleteFunc(slices.Compact(names), func(s string) bool { return len(s) < 3 })
		r.laws = append(r.laws, lawNames{l, names, shortNames(names, l.Number)})
	}
	return r
}

// titleNames shortens "luat hon nhan va gia dinh" to "luat hon nhan gia dinh", "luat hngd" and "lhngd". Only titles of
// laws: the title of a decree says what it is about and no more.
func titleNames(title string) []string {
	kind, rest, ok := strings.Cut(title, " ")
	if title == "" || !ok || kind != "luat" && !strings.HasPrefix(title, "bo luat ") {
		return []string{title}
	}
	short := strings.ReplaceAll(title, " va ", " ")
	rest = strings.TrimPrefix(strings.ReplaceAll(rest, " va ", " "), "luat ")
	initials := ""
	for _, w := range strings.Fields(rest) {
		initials += w[:1]
	}
	names := []string{title, short}
	if len(initials) >= 2 {
		names = append(names, "luat "+initials, "bo luat "+initials)
	}
	if all := strings.TrimSuffix(title, rest); len(initials) >= 2 {
		prefix := ""
		for _, w := range strings.Fields(all) {
			prefix += w[:1]
		}
		names = append(names, prefix+initials)
	}
	return names
}

// shortNames are the subject of a law, at least two words ("hon nhan gia dinh"), and its number without the year.
func shortNames(names []string, number string) []string {
	var out []string
	for _, name := range names {
		subject, ok := strings.CutPrefix(strings.TrimPrefix(name, "bo "), "luat ")
		if ok && strings.Contains(subject, " ") && !strings.Contains(subject, "/") {
			out = append(out, subject)
		}
	}
	if first, rest, ok := strings.Cut(number, "/"); ok && strings.Contains(rest, "QH") {
		out = append(out, "luat "+first, "bo luat "+first)
	}
	return out
}

// numberNames shortens "56/2017/NĐ-CP" to "nghi dinh 56", "nghi dinh 56/2017" and the like, as normalised text.
func numberNames(number string, n *vitext.Normaliser) []string {
	parts := strings.Split(number, "/")
	if len(parts) < 2 {
		return []string{n.Normalise(number).Folded()}
	}
	kinds := []string{"luat", "bo luat"}
	switch last := parts[len(parts)-1]; {
	case strings.HasPrefix(last, "NĐ"):
		kinds = []string{"nghi dinh", "nd"}
	case strings.HasPrefix(last, "TT"):
		kinds = []string{"thong tu", "tt"}
	case strings.HasPrefix(last, "QĐ"):
		kinds = []string{"quyet dinh", "qd"}
	case strings.HasPrefix(last, "CT"):
		kinds = []string{"chi thi", "ct"}
	case strings.HasPrefix(last, "KH"):
		kinds = []string{"ke hoach", "kh"}
	}
	forms := []string{parts[0], strings.Join(parts[:2], "/"), number}
	if kinds[0] == "luat" {
		forms = forms[1:] // "luat 25" more likely means its article
	}
	var out []string
	for _, form := range forms {
		for _, kind := range kinds {
			out = append(out, kind+" "+n.Normalise(form).Folded())
		}
	}
	for _, form := range forms {
		if strings.Contains(form, "/") {
			out = append(out, n.Normalise(form).Folded())
		}
	}
	return out
}

// look reads a message as a reference to the law. found is false if it is none, or if it says so much more that a search
// serves better; an article that does not exist, or of a law that is not here, is found and unknown.
func (r *references) look(t vitext.Text) (result Result, found bool) {
	words := referenceWords(t)
	article := articleNumber(t, words)
	laws, name := r.named(words, false)
	if len(laws) == 0 && article != "" {
		laws, name = r.named(words, true)
		if namesSomeLaw(words) && !strings.Contains(name, "luat ") {
			laws = nil // "luat bao ve tre em" is not "tre em"
		}
	}
	switch {
	case article != "" && len(laws) == 1 && otherYear(words, name, laws[0]):
		return Result{Verdict: VerdictUnknown}, true
	case article != "" && len(laws) == 1:
		return articleOf(laws[0], article, r), true
	case article != "" && len(laws) > 1:
		return r.oneOf(laws, article, true), true
	case article != "" && namesSomeLaw(words):
		return Result{Verdict: VerdictUnknown}, true
	case article != "" && len(besides(words, "")) == 0:
		return r.oneOf([]*Law{r.children, r.decree}, article, false), true
	case len(laws) == 1 && len(besides(words, name)) == 0 && !otherYear(words, name, laws[0]):
		return Result{Verdict: VerdictAnswer, Confidence: .95, Hits: []Hit{{Law: laws[0], Score: .95}}}, true
	case len(laws) > 1 && len(besides(words, name)) == 0:
		return r.oneOf(laws, "", true), true
	default:
		return Result{}, false
	}
}

// otherYear reports whether a year stands behind the name that is neither the law's nor that of its coming into force:
// "luat tre em 2004" is another law.
func otherYear(words []string, name string, l *Law) bool {
	_, after, _ := strings.Cut(" "+strings.Join(words, " ")+" ", " "+name+" ")
	next := strings.Fields(strings.TrimPrefix(strings.TrimSpace(after), "nam "))
	if len(next) == 0 {
		return false
	}
	year, err := strconv.Atoi(next[0])
	if err != nil || year < 1900 || year > 2100 {
		return false
	}
	return !strings.Contains(l.Number, "/"+next[0]) && l.Effective.Year() != year
}

// articleOf answers a lookup with the digest, or the imported text. Where the content has neither it offers the document's
// sheet, and that of the document in its place.
func articleOf(law *Law, article string, r *references) Result {
	if a, ok := r.content.Lookup(law, article); ok {
		return Result{Verdict: VerdictAnswer, Confidence: 1, Hits: []Hit{{Law: law, Article: a, Score: 1}}}
	}
	if n, _ := cutNumber(article); n > law.Total {
		return Result{Verdict: VerdictUnknown}
	}
	hits := []Hit{{Law: law, Score: .5}}
	for _, l := range r.laws {
		if l.law.Number == law.ReplacedBy {
			hits = append(hits, Hit{Law: l.law, Score: .4})
		}
	}
	return Result{Verdict: VerdictChoices, Confidence: .5, Hits: hits, Choices: len(hits)}
}

// oneOf offers the article of each law that may be meant. With sheets a law whose article is not here, or of which none was
// asked for, is offered whole.
func (r *references) oneOf(laws []*Law, article string, sheets bool) Result {
	result := Result{Verdict: VerdictUnknown}
	number, _ := cutNumber(article)
	for _, l := range laws {
		if l == nil || len(result.Hits) == maxChoices {
			continue
		}
		h := Hit{Law: l, Score: .5}
		if a, ok := r.content.Lookup(l, article); ok {
			h.Article = a
		} else if !sheets || number > l.Total {
			continue
		}
		result.Hits = append(result.Hits, h)
	}
	if len(result.Hits) > 0 {
		result.Verdict, result.Confidence, result.Choices = VerdictChoices, .5, len(result.Hits)
	}
	return result
}

// named finds the laws with the longest name in the words: more than one if a number without a year is that of several.
// beside also looks for the names that count only beside an article's number.
func (r *references) named(words []string, beside bool) (laws []*Law, name string) {
	text := " " + strings.Join(words, " ") + " "
	for _, l := range r.laws {
		names := l.names
		if beside {
			names = l.beside
		}
		for _, n := range names {
			switch {
			case len(n) < len(name) || !strings.Contains(text, " "+n+" "):
			case n == name && !slices.Contains(laws, l.law):
				laws = append(laws, l.law)
			case len(n) > len(name):
				laws, name = []*Law{l.law}, n
			}
		}
	}
	return laws, name
}

// referenceWords are the folded words, without "số" before a number, "dieu25" taken apart, numbers in words as digits.
func referenceWords(t vitext.Text) []string {
	words := withDigits(t.Syllables)
	for i := 0; i < len(words); i++ {
		if number, ok := strings.CutPrefix(words[i], "dieu"); ok && number != "" && number[0] >= '0' && number[0] <= '9' {
			words = slices.Insert(words, i+1, number)
			words[i] = "dieu"
		}
	}
	out := words[:0]
	for i, w := range words {
		if w == "so" && i+1 < len(words) && words[i+1][0] >= '0' && words[i+1][0] <= '9' {
			continue
		}
		out = append(out, w)
	}
	return out
}

// insertedArticle is the number of an article that was put in between others.
var insertedArticle = regexp.MustCompile(`^[1-9]\d{0,3}[a-eg-il-vx-y]$`)

// articleNumber finds "điều 25", also in Roman numerals, and "điều 10a"; empty: none. A kite ("diều") is no article.
func articleNumber(t vitext.Text, words []string) string {
	for _, s := range t.Syllables {
		if s.Marked && s.Folded == "dieu" && !strings.HasPrefix(s.Toned, "đ") {
			return ""
		}
	}
	for i := 0; i+1 < len(words); i++ {
		if words[i] != "dieu" {
			continue
		}
		if n, err := strconv.Atoi(words[i+1]); err == nil && n > 0 {
			return strconv.Itoa(n)
		}
		if insertedArticle.MatchString(words[i+1]) {
			return words[i+1]
		}
		if n := roman(words[i+1]); n > 0 && (len(words[i+1]) > 1 || i+2 < len(words) && words[i+2] != "gi") {
			return strconv.Itoa(n)
		}
	}
	return ""
}

// roman reads a Roman numeral as laws use them, up to 399; 0: it is none.
func roman(s string) int {
	value := map[byte]int{'i': 1, 'v': 5, 'x': 10, 'l': 50, 'c': 100}
	sum := 0
	for i := range len(s) {
		v := value[s[i]]
		if v == 0 {
			return 0
		}
		if i+1 < len(s) && v < value[s[i+1]] {
			v = -v
		}
		sum += v
	}
	return sum
}

// emptyWords may stand beside a reference without asking for anything more.
const emptyWords = " dieu khoan diem muc chuong luat nghi dinh thong tu quyet quy noi ve viec gi la ghi co cho xem tim gui hoi toi em con minh biet nhung nao the sao nhu" +
	" cua theo trong day du noi dung toan van so nam va voi a nhe vay day ra van ban muon doc tra cuu dieu nay bao nhieu gom thi do j z vs hien hanh viet nam "

// besides lists the words that are neither part of the reference nor empty.
func besides(words []string, name string) []string {
	text := " " + strings.Join(words, " ") + " "
	if name != "" {
		text = strings.Replace(text, " "+name+" ", " ", 1)
	}
	var out []string
	for _, w := range strings.Fields(text) {
		_, err := strconv.Atoi(w)
		if err != nil && len(w) > 1 && roman(w) == 0 && !strings.Contains(emptyWords, " "+w+" ") {
			out = append(out, w)
		}
	}
	return out
}

// namesSomeLaw reports whether the words name a document, known or not: "luat" alone and "luat quy dinh" do not.
func namesSomeLaw(words []string) bool {
	text := " " + strings.Join(words, " ") + " "
	for _, kind := range []string{"luat", "nghi dinh", "thong tu", "quyet dinh", "hien phap", "phap lenh", "nd", "tt", "qd"} {
		_, after, ok := strings.Cut(text, " "+kind+" ")
		if !ok {
			continue
		}
		if kind == "hien phap" {
			return true
		}
		next := strings.Fields(after)
		if len(next) == 0 {
			continue
		}
		if _, err := strconv.Atoi(next[0]); err == nil || !strings.Contains(emptyWords, " "+next[0]+" ") {
			return true
		}
	}
	return false
}
