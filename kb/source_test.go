package kb_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"treem/kb"
)

// sources is where the official texts lie; the repository itself holds none.
const sources = "../../shared/laws"

// An official text as far as the tests need it: the titles of its articles, and how many clauses each has.
type source struct {
	titles  map[int]string
	clauses map[int]int
}

// A summary at second hand has no titles of its own, and these differ from the text for a reason.
var otherTitle = map[string][]int{
	"25/2008/QH12":   {2, 13, 27, 43, 49}, // as worded since Luật 51/2024/QH15
	"51/2024/QH15":   {2},                 // the text gives the article no title
	"188/2025/NĐ-CP": nil,                 // lines joined by script: a title runs into its text
	"238/2025/NĐ-CP": nil,                 // press
	"53/2024/QH15":   nil,
	"86/2025/QH15":   nil,
}

// Digests that speak of a clause the text at hand does not have: a later law added it.
var otherClause = map[string][]int{
	"25/2008/QH12":   {12, 13, 22, 27, 43, 49},
	"51/2024/QH15":   {1, 2}, // its clauses amend those of another law
	"335/2026/NĐ-CP": {31},   // quotes a clause of another decree
}

var (
	sourceNumber  = regexp.MustCompile(`(?m)^# number: (.+)$`)
	sourceArticle = regexp.MustCompile(`^Điều (\d+)([a-z]?)\. ?(.*)$`)
	sourceClause  = regexp.MustCompile(`^(\d+)\. `)
	saidClauses   = regexp.MustCompile(`[Kk]hoản (\d+(?:(?:, | và | đến )\d+)*)( Điều)?`)
	digits        = regexp.MustCompile(`\d+`)
)

func readSources(t *testing.T) map[string]source {
	t.Helper()
	if _, err := os.Stat(sources); err != nil {
		t.Skip("the official texts are not beside the repository")
	}
	var files []string
	for _, dir := range []string{"", "more", "programmes"} {
		found, err := filepath.Glob(filepath.Join(sources, dir, "*.txt"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	out := map[string]source{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := norm.NFC.String(string(b))
		number := ""
		if m := sourceNumber.FindStringSubmatch(text); m != nil {
			number, _, _ = strings.Cut(strings.TrimSpace(m[1]), " ")
		}
		switch number { // lists of many documents; the provincial plan, whose number is unknown
		case "nhiều", "không":
			continue
		case "":
			number = "Kế hoạch/UBND-2024"
		}
		if _, ok := out[number]; !ok {
			out[number] = source{map[int]string{}, map[int]int{}}
		}
		out[number].read(text)
	}
	return out
}

// read adds the articles of a text; the first text that has an article keeps it.
func (s source) read(text string) {
	article := 0
	for _, line := range strings.Split(text, "\n") {
		if m := sourceArticle.FindStringSubmatch(line); m != nil {
			article, _ = strconv.Atoi(m[1])
			if _, again := s.titles[article]; again || m[2] != "" {
				article = 0
				continue
			}
			s.titles[article] = strings.TrimSpace(m[3])
		}
		if m := sourceClause.FindStringSubmatch(line); m != nil && article > 0 {
			n, _ := strconv.Atoi(m[1])
			s.clauses[article] = max(s.clauses[article], n)
		}
	}
}

// TestSources compares what the sheets say with the official texts: every text has a sheet, the three documents that
// families live by have every article, titles are the official ones, and no clause is named that the text lacks.
func TestSources(t *testing.T) {
	texts := readSources(t)
	_, c := load(t)
	for number := range texts {
		if _, ok := c.Law(number); !ok {
			t.Errorf("%s has a text but no sheet", number)
		}
	}
	for number, articles := range map[string]int{"102/2016/QH13": 106, "56/2017/NĐ-CP": 58, "335/2026/NĐ-CP": 35} {
		l, _ := c.Law(number)
		if l == nil || len(l.Articles) != articles {
			t.Errorf("%s has not a digest of each of its %d articles", number, articles)
		}
	}
	for _, l := range c.Laws {
		text, ok := texts[l.Number]
		if !ok || len(text.titles) == 0 {
			if l.Note == "" {
				t.Errorf("%s has no text, and no note says so", l.Number)
			}
			continue
		}
		for _, a := range l.Articles {
			title, ok := text.titles[a.Number]
			skip, some := otherTitle[l.Number]
			if free := some && (skip == nil || slices.Contains(skip, a.Number)); !ok || free {
				continue
			}
			if !sameTitle(title, a.Title) {
				t.Errorf("%s Điều %d is titled %q, in the text %q", l.Number, a.Number, a.Title, title)
			}
			for _, n := range said(a.Digest) {
				if n > text.clauses[a.Number] &&
					!slices.Contains(otherClause[l.Number], a.Number) {
					t.Errorf("%s Điều %d: the digest names khoản %d, the text has %d", l.Number, a.Number, n,
						text.clauses[a.Number])
				}
			}
		}
	}
}

// sameTitle compares a title with the one in the text, less what the collector of the text wrote into it.
func sameTitle(official, ours string) bool {
	if inBrackets, ok := strings.CutPrefix(official, "["); ok { // not the words of the law
		about, _, _ := strings.Cut(inBrackets, " - ")
		return about == ours || strings.Contains(ours, "chưa tìm thấy")
	}
	official, _, _ = strings.Cut(official, " [")
	short, _, _ := strings.Cut(official, " (sau đây gọi")
	return official == "" || official == ours || short == ours
}

// said lists the clauses of its own article that a digest names.
func said(digest string) []int {
	var out []int
	for _, m := range saidClauses.FindAllStringSubmatch(digest, -1) {
		if m[2] != "" { // of another article
			continue
		}
		for _, d := range digits.FindAllString(m[1], -1) {
			n, _ := strconv.Atoi(d)
			out = append(out, n)
		}
	}
	return out
}

// TestCitedClauses: what an entry or a fact cites stands in the text, to the clause.
func TestCitedClauses(t *testing.T) {
	texts := readSources(t)
	_, c := load(t)
	check := func(who string, cite kb.Citation) {
		text, ok := texts[cite.Law]
		if !ok || cite.Article == 0 || slices.Contains(otherClause[cite.Law], cite.Article) {
			return
		}
		l, _ := c.Law(cite.Law)
		_, whole := text.titles[cite.Article]
		if !whole {
			if _, ok := l.Article(cite.Article); !ok {
				t.Errorf("%s cites %s Điều %d, which is neither in the text at hand nor digested", who, cite.Law, cite.Article)
			}
			return
		}
		if n := text.clauses[cite.Article]; cite.Clause > n {
			t.Errorf("%s cites khoản %d Điều %d %s, which has %d", who, cite.Clause, cite.Article, cite.Law, n)
		}
	}
	for _, e := range c.Entries {
		for _, cite := range e.Citations {
			check(e.ID, cite)
		}
	}
	for _, f := range c.Facts {
		if f.Law != "" {
			check("fact "+f.ID, kb.Citation{Law: f.Law, Article: f.Article, Clause: f.Clause})
		}
	}
}
