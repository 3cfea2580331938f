package statute

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// parser goes through the lines once and builds the document.
type parser struct {
	doc    *Document
	lines  []line
	quoted []bool
	open   map[int]bool // lines whose quotation mark is never closed
	bare   int          // last line of new wording that carries no quotation marks, or only the first

	chapter, section string
	chapterN         int
	titleOpen        bool // the last division may still get its title
	article          *Article
	group            string // "II", in a decision
	clause, point    string
	clauseN          Number
	elided           bool // something is left out here, so the next number may be any
	disorder         int  // complaints about the article's order so far
	before           []line
	outside          []line // lines since the articles were interrupted
	ended            bool
}

func newParser(d *Document, lines []line) *parser {
	p := &parser{doc: d, lines: lines, open: map[int]bool{}, bare: -1}
	var unclosed []int
	p.quoted, unclosed = quotes(lines)
	for _, i := range unclosed {
		p.open[i] = true
	}
	return p
}

func (p *parser) say(w Weight, l line, format string, args ...any) {
	p.doc.Problems = append(p.doc.Problems, Problem{w, l.place(), fmt.Sprintf(format, args...)})
}

func (p *parser) run() {
	for i, l := range p.lines {
		switch {
		case p.quoted[i] || i <= p.bare:
			p.put(l, true)
		case p.open[i] && p.article != nil:
			p.bare = p.bareEnd(i)
			p.say(Warning, l, "the quotation mark is never closed; read as new wording for another statute up to %s", p.lines[p.bare].place())
			p.put(l, true)
		default:
			p.take(i, l)
		}
	}
	p.finish()
}

// take reads a line that is the statute's own, and what else stands joined behind its beginning.
func (p *parser) take(i int, l line) {
	for l.text != "" {
		m := read(l.text)
		if m.kind == article && p.amendsWithoutMarks(i, m) {
			p.bare = p.bareEnd(i)
			p.say(Warning, l, "Điều %s follows \"như sau:\" without quotation marks; read as new wording for another statute up to %s", m.number, p.lines[p.bare].place())
			p.put(l, true)
			return
		}
		rest := ""
		if own, at := p.enter(l, m); own {
			if at = p.joint(l.text, at); at > 0 {
				l.text, rest = strings.TrimSpace(l.text[:at]), strings.TrimSpace(l.text[at:])
				p.say(Note, l, "%q stood in the middle of the line and begins a line of its own", cut(rest, 30))
			}
			p.put(l, false)
		}
		l.text = rest
	}
}

// enter moves to the place a mark names. own says that the line is still to be put there; at is where its text begins.
func (p *parser) enter(l line, m mark) (own bool, at int) {
	at = len(l.text) - len(m.rest)
	switch m.kind {
	case division:
		if p.ended {
			p.outside = append(p.outside, l)
			return false, 0
		}
		p.beginDivision(l, m)
		return false, 0
	case article:
		return p.beginArticle(l, m), at
	case group:
		p.beginGroup(m)
	case clause:
		p.beginClause(l, m)
	case point:
		p.beginPoint(l, m)
	case elision:
		p.elided = true
		if p.article != nil {
			p.article.Partial = true
		}
	case ending, remark:
		if p.article != nil && !p.ended {
			p.ended, p.outside = true, nil
		}
	}
	return true, at
}

func (p *parser) beginDivision(l line, m mark) {
	d := Division{Level: m.level, Number: m.number, Title: m.rest, Place: l.place()}
	switch m.level {
	case Part:
		p.chapter, p.section = "", ""
	case Chapter:
		p.chapter, p.section = m.number, ""
		n := divisionNumber(m.number)
		if n != p.chapterN+1 && p.doc.Head.Whole() {
			p.say(Warning, l, "Chương %s follows Chương %d", m.number, p.chapterN)
		}
		p.chapterN = n
	case Section:
		p.section = m.number
	}
	p.doc.Divisions = append(p.doc.Divisions, d)
	p.leaveArticle()
	p.titleOpen, p.article = true, nil
}

// divisionNumber reads "IV" or "4".
func divisionNumber(s string) int {
	if n, ok := ParseNumber(s); ok {
		return n.N
	}
	value := map[rune]int{'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100}
	sum, before := 0, 0
	for _, r := range s {
		v := value[r]
		if sum += v; before < v {
			sum -= 2 * before
		}
		before = v
	}
	return sum
}

// beginArticle opens an article. It reports false if the line turned out to belong to an annex.
func (p *parser) beginArticle(l line, m mark) (own bool) {
	n, ok := ParseNumber(m.number)
	if !ok {
		return true
	}
	last := Number{}
	if k := len(p.doc.Articles); k > 0 {
		last = p.doc.Articles[k-1].Number
	}
	if p.ended || n.N == 1 && n.Suffix == "" && last.N >= 1 && p.annexBegins() {
		if !n.follows(last) {
			p.ended = true
			p.outside = append(p.outside, l)
			return false
		}
		p.ended = false
		p.reportOutside("before Điều " + m.number)
	}
	p.leaveArticle()
	if same := slices.IndexFunc(p.doc.Articles, func(a Article) bool { return a.Number == n }); same >= 0 {
		p.say(Fault, l, "Điều %s stands twice, first on %s; take one out", m.number, p.doc.Articles[same].Place)
	} else if n.Compare(last) < 0 {
		p.say(Fault, l, "Điều %s stands after Điều %s; if it is new wording for another statute, put it in quotation marks “…”", m.number, last)
	} else if !n.follows(last) {
		p.gap(l, last, n)
	}
	a := Article{Number: n, Title: m.rest, Chapter: p.chapter, Section: p.section, Partial: p.doc.Head.partial(n), Place: l.place()}
	p.doc.Articles = append(p.doc.Articles, a)
	p.article = &p.doc.Articles[len(p.doc.Articles)-1]
	p.titleOpen = m.rest == ""
	return true
}

// annexBegins reports whether the last lines read announce a regulation that the statute carries behind it.
func (p *parser) annexBegins() bool {
	if p.article == nil {
		return false
	}
	texts := p.article.Paragraphs[max(0, len(p.article.Paragraphs)-6):]
	return slices.ContainsFunc(texts, func(t Paragraph) bool {
		return strings.Contains(strings.ToLower(t.Text), "ban hành kèm theo")
	})
}

// gap reports articles that are missing between two numbers, unless the head says so.
func (p *parser) gap(l line, last, n Number) {
	var missing []string
	for k := last.N + 1; k < n.N && len(missing) < 400; k++ {
		if one := (Number{N: k}); !p.doc.Head.declared(one) {
			missing = append(missing, one.String())
		}
	}
	if n.Suffix != "" && n.N > last.N && !p.doc.Head.declared(Number{N: n.N}) {
		missing = append(missing, Number{N: n.N}.String())
	}
	if n.N == last.N && !p.doc.Head.declared(n) {
		p.say(Warning, l, "Điều %s follows Điều %s", n, last)
	}
	switch k := len(missing); {
	case k == 1:
		p.say(Warning, l, "Điều %s is missing before Điều %s", missing[0], n)
	case k > 1:
		p.say(Warning, l, "Điều %s to %s are missing before Điều %s", missing[0], missing[k-1], n)
	}
}

func (p *parser) beginGroup(m mark) {
	if p.article == nil || p.ended {
		return
	}
	p.group, p.clause, p.point, p.clauseN, p.titleOpen = m.number, m.number, "", Number{}, false
}

func (p *parser) beginClause(l line, m mark) {
	if p.article == nil || p.ended {
		return
	}
	n, ok := ParseNumber(m.number)
	switch {
	case !ok:
		return
	case n.Compare(p.clauseN) <= 0:
		p.disordered(l, "clause %s stands after clause %s of Điều %s; read as text of clause %s", n, p.clauseN, p.article.Number, p.clauseN)
		return
	case !n.follows(p.clauseN) && !p.elided && !p.article.Partial:
		p.disordered(l, "clause %s follows clause %s of Điều %s", n, nothing(p.clause), p.article.Number)
	}
	p.clauseN, p.clause, p.point, p.elided, p.titleOpen = n, n.String(), "", false, false
	if p.group != "" {
		p.clause = p.group + "." + p.clause
	}
}

// maxDisorder is how many complaints about the order of one article are told one by one.
const maxDisorder = 4

func (p *parser) disordered(l line, format string, args ...any) {
	if p.disorder++; p.disorder <= maxDisorder {
		p.say(Warning, l, format, args...)
	}
}

// leaveArticle tells of the complaints that were not told one by one.
func (p *parser) leaveArticle() {
	if more := p.disorder - maxDisorder; more > 0 && len(p.doc.Articles) > 0 {
		a := p.doc.Articles[len(p.doc.Articles)-1]
		last := line{page: a.Place.Page, n: a.Place.Line}
		p.say(Warning, last, "Điều %s has %d more clauses or points out of order", a.Number, more)
	}
	p.disorder = 0
	p.group, p.clause, p.point, p.clauseN, p.elided = "", "", "", Number{}, false
}

func (p *parser) beginPoint(l line, m mark) {
	if p.article == nil || p.ended {
		return
	}
	letter := strings.TrimRight(m.number, "0123456789")
	last := strings.TrimRight(p.point, "0123456789")
	if !letterFollows(letter, last) && letter != last && !p.elided && !p.article.Partial {
		p.disordered(l, "point %s follows point %s in clause %s of Điều %s", m.number, nothing(p.point), nothing(p.clause), p.article.Number)
	}
	p.point, p.elided, p.titleOpen = m.number, false, false
}

func nothing(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

var (
	jointArticle = regexp.MustCompile(`[.;:!?”"]\s+(Điều (\d{1,4})([a-zđ]?)\. \p{Lu})`)
	jointClause  = regexp.MustCompile(`[.;:!?”"]\s+((\d{1,3})([a-zđ]?)\. \p{Lu})`)
	jointPoint   = regexp.MustCompile(`[;:.”"]\s+(([a-zđ])\) \p{Lu})`)
)

// joint finds where the next article, clause or point begins inside the line, behind from; 0: nowhere. Only the number that
// must come next counts, behind the end of a sentence.
func (p *parser) joint(text string, from int) int {
	if p.article == nil || p.ended || from >= len(text) {
		return 0
	}
	best := 0
	look := func(form *regexp.Regexp, fits func(groups []string) bool) {
		for _, m := range form.FindAllStringSubmatchIndex(text[from:], -1) {
			groups := make([]string, 0, len(m)/2)
			for k := 2; k < len(m); k += 2 {
				groups = append(groups, text[from+m[k]:from+m[k+1]])
			}
			if at := from + m[2]; fits(groups) && (best == 0 || at < best) && !insideQuotes(text[:at]) {
				best = at
			}
		}
	}
	look(jointArticle, func(g []string) bool {
		n, ok := ParseNumber(g[1] + g[2])
		return ok && n.follows(p.article.Number)
	})
	look(jointClause, func(g []string) bool {
		n, ok := ParseNumber(g[1] + g[2])
		return ok && p.clause != "" && n.Suffix == "" && n.follows(p.clauseN)
	})
	look(jointPoint, func(g []string) bool {
		return p.point != "" && letterFollows(g[1], strings.TrimRight(p.point, "0123456789"))
	})
	return best
}

func insideQuotes(before string) bool {
	return strings.Count(before, "“") > strings.Count(before, "”")
}

// put adds a line where the parser stands.
func (p *parser) put(l line, quoted bool) {
	switch {
	case p.ended:
		p.outside = append(p.outside, l)
	case p.article == nil && len(p.doc.Divisions) > 0:
		p.headDivision(l)
	case p.article == nil:
		p.before = append(p.before, l)
	case l.place() == p.article.Place && len(p.article.Paragraphs) == 0 && !quoted && read(l.text).kind == article:
		p.article.Title = strings.TrimSpace(read(l.text).rest) // the heading, perhaps shortened where a clause was joined to it
	case p.titleOpen && !quoted && !endsSentence(l.text) && read(l.text).kind == plain && len(p.article.Paragraphs) == 0:
		p.article.Title, p.titleOpen = l.text, false
	default:
		p.titleOpen = false
		p.article.Paragraphs = append(p.article.Paragraphs, Paragraph{Clause: p.clause, Point: p.point, Quoted: quoted, Text: l.text, Place: l.place()})
	}
}

// headDivision takes a line below a chapter's number as its title, or as more of it if it is in capitals.
func (p *parser) headDivision(l line) {
	d := &p.doc.Divisions[len(p.doc.Divisions)-1]
	switch {
	case p.titleOpen && d.Title == "":
		d.Title = l.text
	case p.titleOpen && isUpper(l.text):
		d.Title += " " + l.text
	default:
		p.titleOpen = false
		p.doc.LeftOut = append(p.doc.LeftOut, l.text)
		p.say(Warning, l, "text between the heading of %s %s and the next article belongs to no article and is left out", d.Level, d.Number)
	}
}

// amendsWithoutMarks reports whether an article heading is the new wording that the line before announces.
func (p *parser) amendsWithoutMarks(i int, m mark) bool {
	if p.article == nil || i == 0 || !strings.HasSuffix(p.lines[i-1].text, "như sau:") {
		return false
	}
	n, ok := ParseNumber(m.number)
	return ok && !n.follows(p.article.Number)
}

var amends = regexp.MustCompile(`^(?:Sửa đổi|Bổ sung|Thay|Bãi bỏ|Bỏ|Hủy bỏ) `)

// bareEnd finds the last line of new wording without quotation marks that begins at line i: up to the next amending clause
// or the next article of this statute.
func (p *parser) bareEnd(i int) int {
	for k := i + 1; k < len(p.lines); k++ {
		m := read(p.lines[k].text)
		n, ok := ParseNumber(m.number)
		switch {
		case m.kind == article && ok && n.follows(p.article.Number),
			m.kind == clause && ok && n.follows(p.clauseN) && amends.MatchString(m.rest),
			m.kind == ending:
			return k - 1
		}
	}
	return len(p.lines) - 1
}

// finish reports on the document as a whole.
func (p *parser) finish() {
	d := p.doc
	d.Head.complete(p.before)
	for _, l := range p.before {
		d.LeftOut = append(d.LeftOut, l.text)
	}
	switch n := len(p.before); {
	case len(d.Articles) == 0:
		d.Problems = append(d.Problems, Problem{Fault, Place{}, "no article (\"Điều 1. …\") was found"})
	case n > 0:
		p.say(Note, p.before[0], "%s before the first article left out, up to %q", count(n, "line"), cut(p.before[n-1].text, 40))
	}
	p.leaveArticle()
	p.reportOutside("to the end")
	p.partTitles()
	if want, ok := d.Head.Count(); ok && want != len(d.Articles) {
		d.Problems = append(d.Problems, Problem{Warning, Place{}, fmt.Sprintf("%d articles were read, but the head says %d", len(d.Articles), want)})
	}
	for i := range d.Articles {
		a := &d.Articles[i]
		if len(a.Paragraphs) == 0 {
			d.Problems = append(d.Problems, Problem{Warning, a.Place, fmt.Sprintf("Điều %s has no text below its heading", a.Number)})
		}
	}
	slices.SortStableFunc(d.Problems, func(a, b Problem) int {
		if a.Place.Page != b.Place.Page {
			return a.Place.Page - b.Place.Page
		}
		return a.Place.Line - b.Place.Line
	})
}

// reportOutside tells of the lines that belong to no article since the articles ended.
func (p *parser) reportOutside(until string) {
	if n := len(p.outside); n > 0 {
		weight := Note
		if until != "to the end" {
			weight = Warning
		}
		for _, l := range p.outside {
			p.doc.LeftOut = append(p.doc.LeftOut, l.text)
		}
		p.say(weight, p.outside[0], "%s from %q %s belong to no article and are left out", count(n, "line"), cut(p.outside[0].text, 40), until)
	}
	p.outside = nil
}

// partTitles parts heading and text of articles where both stand on one line. In a statute whose articles have titles, a
// heading that ends like a sentence holds text; where it begins is a guess by the first capital word. A decision's articles
// have no titles: there the line is all text.
func (p *parser) partTitles() {
	titled, sentences := 0, 0
	for _, a := range p.doc.Articles {
		switch {
		case a.Title == "":
		case endsSentence(a.Title):
			sentences++
		default:
			titled++
		}
	}
	for i := range p.doc.Articles {
		a := &p.doc.Articles[i]
		if a.Title == "" || !endsSentence(a.Title) || strings.HasSuffix(a.Title, "]") {
			continue
		}
		text := a.Title
		if titled >= sentences {
			if at := textBegins(a.Title); at > 0 {
				a.Title, text = strings.TrimSpace(a.Title[:at]), a.Title[at:]
				p.doc.Problems = append(p.doc.Problems, Problem{Note, a.Place, fmt.Sprintf("heading and text of Điều %s stand on one line; the text is taken to begin at %q", a.Number, cut(text, 30))})
			} else {
				continue
			}
		} else {
			a.Title = ""
		}
		a.Paragraphs = slices.Insert(a.Paragraphs, 0, Paragraph{Text: text, Place: a.Place})
	}
}

var capitalInside = regexp.MustCompile(`(?:^| )(\p{Ll}+) (\p{Lu})`)

// binding words bind a name in a heading: "quy định tại Luật …".
const binding = " của tại theo trong với và cho đến từ do về ở hoặc là số "

// textBegins finds the first capital word, three words or more into a heading, that stands behind a small word and is not
// bound to it; 0: none.
func textBegins(title string) int {
	for _, m := range capitalInside.FindAllStringSubmatchIndex(title, -1) {
		if strings.Count(title[:m[4]], " ") >= 3 && !strings.Contains(binding, " "+title[m[2]:m[3]]+" ") {
			return m[4]
		}
	}
	return 0
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// cut shortens text to n characters for a message.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}
