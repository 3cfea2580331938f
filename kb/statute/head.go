package statute

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// readHead takes the "# key: value" lines off the front and returns the rest.
func readHead(lines []line) (Head, []line) {
	var h Head
	for i, l := range lines {
		if l.text == "" {
			continue
		}
		text, ok := strings.CutPrefix(l.text, "#")
		if !ok {
			return h, lines[i:]
		}
		key, value, _ := strings.Cut(text, ":")
		h.set(strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value))
	}
	return h, nil
}

func (h *Head) set(key, value string) {
	one := map[string]*string{"title": &h.Title, "number": &h.Number, "issuer": &h.Issuer, "issued": &h.Issued,
		"effective": &h.Effective, "status": &h.Status, "source": &h.Source, "articles": &h.Articles,
		"articles-in-original": &h.InOriginal, "complete": &h.Complete, "missing": &h.Missing}
	switch to := one[key]; {
	case to != nil && *to == "":
		*to = value
	case to != nil:
		*to += "; " + value
	case key == "amendments":
		h.Amendments = append(h.Amendments, value)
	default:
		h.Notes = append(h.Notes, value)
	}
}

var leadingNumber = regexp.MustCompile(`^\d{1,4}\b`)

// Count is how many articles the head says the file holds. ok is false if it gives no number.
func (h *Head) Count() (n int, ok bool) {
	n, err := strconv.Atoi(leadingNumber.FindString(h.Articles))
	return n, err == nil
}

// Whole reports whether the file claims to hold every article.
func (h *Head) Whole() bool {
	return h.Complete == "" && h.Missing == "" || strings.HasPrefix(h.Complete, "yes")
}

// IssuedOn is the date of issue; zero: not given, or not as a date.
func (h *Head) IssuedOn() time.Time { return leadingDate(h.Issued) }

// EffectiveOn is the date from which it holds, without the exceptions that may be written behind it.
func (h *Head) EffectiveOn() time.Time { return leadingDate(h.Effective) }

func leadingDate(s string) time.Time {
	if len(s) < len(time.DateOnly) {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	if err != nil {
		return time.Time{}
	}
	return t
}

var (
	missingArticle = regexp.MustCompile(`Điều (\d+[a-zđ]?(?:(?:, | và | đến |-)\d+[a-zđ]?)*)`)
	partArticle    = regexp.MustCompile(`(?:^|[(;,] ?)(\d+[a-zđ]?) - `)
	numberInText   = regexp.MustCompile(`\d+[a-zđ]?`)
)

// declared reports whether the head says that the article is missing: by its number, or because the file is no whole text
// and the head lists no numbers, or says "all others".
func (h *Head) declared(n Number) bool {
	if h.names(n) {
		return true
	}
	return !h.Whole() && (!missingArticle.MatchString(h.Missing) || othersMissing.MatchString(h.Missing))
}

var (
	othersMissing = regexp.MustCompile(`(?i:các điều còn lại|mọi điều khác|các điều sau|toàn bộ|số điều)`)
	exceptThese   = regexp.MustCompile(`(?:khác|trừ|ngoài) Điều [\d, ađvà]+`)
)

// names reports whether the head lists the article, or a part of it, among what is missing.
func (h *Head) names(n Number) bool {
	for _, m := range missingArticle.FindAllStringSubmatch(exceptThese.ReplaceAllString(h.Missing, ""), -1) {
		if between(m[1], n) {
			return true
		}
	}
	return false
}

// between reads a list of article numbers, "48a, 49" or "3 đến 5", and tells whether n is meant.
func between(list string, n Number) bool {
	var before Number
	for _, at := range numberInText.FindAllStringIndex(list, -1) {
		one, ok := ParseNumber(list[at[0]:at[1]])
		if !ok {
			continue
		}
		joint := strings.TrimSpace(list[:at[0]])
		if one == n || (strings.HasSuffix(joint, "đến") || strings.HasSuffix(joint, "-")) && before.Compare(n) < 0 && n.Compare(one) < 0 {
			return true
		}
		before = one
	}
	return false
}

// partial reports whether the head says that part of an article is missing.
func (h *Head) partial(n Number) bool {
	for _, m := range partArticle.FindAllStringSubmatch(h.Articles, -1) {
		if m[1] == n.String() {
			return true
		}
	}
	return h.names(n)
}

var (
	firstPageNumber = regexp.MustCompile(`(?i:\bsố)\s*:?\s*(\d{1,4}/\d{4}/\p{Lu}[\p{Lu}\d-]*)`)
	firstPageDate   = regexp.MustCompile(`ngày (\d{1,2}) tháng (\d{1,2}) năm (\d{4})`)
	firstPageKind   = regexp.MustCompile(`^(BỘ LUẬT|LUẬT|NGHỊ ĐỊNH|NGHỊ QUYẾT|PHÁP LỆNH|THÔNG TƯ LIÊN TỊCH|THÔNG TƯ|QUYẾT ĐỊNH|CHỈ THỊ)$`)
)

// complete fills what the head lacks from the lines before the first article: number, date, title.
func (h *Head) complete(before []line) {
	for i, l := range before {
		if m := firstPageNumber.FindStringSubmatch(l.text); m != nil && h.Number == "" {
			h.Number = m[1]
		}
		if m := firstPageDate.FindStringSubmatch(l.text); m != nil && h.Issued == "" {
			day, _ := strconv.Atoi(m[1])
			month, _ := strconv.Atoi(m[2])
			year, _ := strconv.Atoi(m[3])
			h.Issued = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		}
		if firstPageKind.MatchString(l.text) && h.Title == "" && i+1 < len(before) {
			h.Title = titleBelow(l.text, before[i+1:])
		}
	}
}

// titleBelow puts "LUẬT" and the capital or ordinary lines below it together, up to the recitals.
func titleBelow(kind string, below []line) string {
	title := sentenceCase(kind)
	for n, l := range below {
		if n == 4 || strings.HasPrefix(l.text, "Căn cứ") || strings.HasPrefix(l.text, "Theo đề nghị") || endsSentence(l.text) || l.text == "" {
			break
		}
		if isUpper(l.text) {
			title += " " + strings.ToLower(l.text)
			continue
		}
		title += " " + l.text
	}
	return title
}

func sentenceCase(s string) string {
	first := firstRune(s)
	return first + strings.ToLower(s[len(first):])
}
