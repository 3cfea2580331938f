package statute

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a line begins.
type kind int

const (
	plain kind = iota
	division
	article
	clause
	point
	group   // "II. MỤC TIÊU": a decision's heading above clauses that count from 1 again
	elision // "[...]": something is left out here
	remark  // "[MỘT CÂU CỦA NGƯỜI CHÉP]": an editor's words, not the statute's
	recital // "Căn cứ …": why the statute is made
	ending  // signature, annex: the articles are over
)

// mark is how a line begins.
type mark struct {
	kind   kind
	level  Level  // of a division
	number string // as written, lower case where it may carry a letter
	rest   string // the text behind the number
}

var (
	divisionMark = []struct {
		level Level
		form  *regexp.Regexp
	}{
		{Part, regexp.MustCompile(`^(?:Phần|PHẦN)\s+((?i:thứ\s+\p{L}+)|[IVXLC]+)\b[.:]?\s*(.*)$`)},
		{Chapter, regexp.MustCompile(`^(?:Chương|CHƯƠNG)\s+([IVXLC]+|\d{1,3})(?:[.:]\s*|\s+|$)(.*)$`)},
		{Section, regexp.MustCompile(`^(?:Mục|MỤC)\s+(\d{1,3}|[IVXLC]+)(?:[.:]\s*|\s+|$)(.*)$`)},
		{Subsection, regexp.MustCompile(`^(?:Tiểu mục|TIỂU MỤC|Tiểu Mục)\s+(\d{1,3}|[IVXLC]+)(?:[.:]\s*|\s+|$)(.*)$`)},
	}
	articleMark = regexp.MustCompile(`^(?:Điều|ĐIỀU)\s*(\d{1,4}) ?([a-zđA-ZĐ]?)\s*[.:](?:\s*|$)(.*)$`)
	articleBare = regexp.MustCompile(`^(?:Điều|ĐIỀU)\s*(\d{1,4}) ?([a-zđA-ZĐ]?)$`)
	clauseMark  = regexp.MustCompile(`^(\d{1,3})([a-zđ]?)\.(?:\s+(.*)|(\p{L}.*)|)$`)
	pointMark   = regexp.MustCompile(`^([a-zđ])(\d{0,2})\)\s*(.*)$`)
	groupMark   = regexp.MustCompile(`^([IVX]{1,5})\.\s+(\p{Lu}.*)$`)
	elisionMark = regexp.MustCompile(`^\[?\s*(?:\.{3,}|…)\s*\]?$`)
	remarkMark  = regexp.MustCompile(`^\[[^\[\]]{12,}\]$`)
	recitalMark = regexp.MustCompile(`^(?:Căn cứ|Theo đề nghị|Xét đề nghị) `)
	signature   = regexp.MustCompile(`^(?:(?:TM|KT|TL|TUQ|Q)\s?\. ?\p{Lu}{2}|Nơi nhận\s*:?|NƠI NHẬN)`)
	offices     = regexp.MustCompile(`^(?:(?:PHÓ )?CHỦ TỊCH(?: QUỐC HỘI| NƯỚC)?|(?:PHÓ )?THỦ TƯỚNG|(?:THỨ|BỘ) TRƯỞNG)$`)
	adopted     = regexp.MustCompile(`^(?:Bộ luật|Luật|Nghị quyết|Pháp lệnh) này (?:đã )?được (?:Quốc hội|Ủy ban [Tt]hường vụ Quốc hội).* thông qua`)
	annex       = regexp.MustCompile(`^(?:PHỤ LỤC|Phụ lục|MẪU SỐ|Mẫu số)(?:[ .:]|$)`)
)

// longestAnnexTitle is how long in characters a line that heads an annex may be; longer ones mention it.
const longestAnnexTitle = 60

// read recognises a line by how it begins. It does not judge whether the number fits.
func read(text string) mark {
	for _, d := range divisionMark {
		if m := d.form.FindStringSubmatch(text); m != nil && headsDivision(m[2]) {
			return mark{kind: division, level: d.level, number: m[1], rest: m[2]}
		}
	}
	if m := articleMark.FindStringSubmatch(text); m != nil {
		return mark{kind: article, number: m[1] + strings.ToLower(m[2]), rest: m[3]}
	}
	if m := articleBare.FindStringSubmatch(text); m != nil {
		return mark{kind: article, number: m[1] + strings.ToLower(m[2])}
	}
	if m := clauseMark.FindStringSubmatch(text); m != nil {
		return mark{kind: clause, number: m[1] + m[2], rest: m[3] + m[4]}
	}
	if m := pointMark.FindStringSubmatch(text); m != nil {
		return mark{kind: point, number: m[1] + m[2], rest: m[3]}
	}
	if m := groupMark.FindStringSubmatch(text); m != nil {
		return mark{kind: group, number: m[1], rest: m[2]}
	}
	switch {
	case elisionMark.MatchString(text):
		return mark{kind: elision}
	case remarkMark.MatchString(text) && isUpper(text):
		return mark{kind: remark}
	case recitalMark.MatchString(text):
		return mark{kind: recital, rest: text}
	case signature.MatchString(text), offices.MatchString(text), adopted.MatchString(text):
		return mark{kind: ending}
	case annex.MatchString(text) && utf8.RuneCountInString(text) <= longestAnnexTitle && !endsSentence(text):
		return mark{kind: ending}
	}
	return mark{rest: text}
}

// headsDivision tells a heading from a sentence that begins with "Mục 2 Chương này".
func headsDivision(title string) bool {
	first, _ := utf8.DecodeRuneInString(title)
	return title == "" || unicode.IsUpper(first) && !strings.HasSuffix(title, ".") && !strings.HasSuffix(title, ";") &&
		!strings.HasSuffix(title, ":")
}

// isUpper reports whether the text has letters and all of them are capitals.
func isUpper(text string) bool {
	any := false
	for _, r := range text {
		if unicode.IsLower(r) {
			return false
		}
		any = any || unicode.IsUpper(r)
	}
	return any
}

// endsSentence reports whether a sentence, or an item of a list, ends with the text.
func endsSentence(text string) bool {
	text = strings.TrimRight(text, `”"’)] `)
	return text == "" || strings.ContainsAny(text[len(text)-1:], ".;:!?") || strings.HasSuffix(text, "…")
}

func beginsLower(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLower(r)
}
