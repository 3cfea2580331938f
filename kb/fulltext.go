package kb

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Statute is the official text of a document as staff imported it, word for word. It is public and belongs to no release
// of the program: it lives in the store.
type Statute struct {
	Law        string // official number in full
	Title      string
	Issuer     string
	Issued     time.Time // zero: not given
	Effective  time.Time // zero: not given
	Whole      bool      // the imported file claimed to hold every article
	File       string    // its name
	Hash       string    // its SHA-256, hexadecimal
	Version    int       // from 1, rises with every import of the document
	ImportedAt time.Time
	Articles   []FullArticle // in the order of the text
}

// FullArticle is one article, word for word.
type FullArticle struct {
	Number     string // "25", "10a"
	Title      string // empty: the article has none
	Chapter    string
	Section    string
	Partial    bool // part of it is missing in the imported file
	Paragraphs []Paragraph
	ImportedAt time.Time
}

// Paragraph is one paragraph of an article with where it belongs; its number or letter stands in the text.
type Paragraph struct {
	Clause string `json:"clause,omitempty"` // empty: before the first clause
	Point  string `json:"point,omitempty"`  // empty: before the first point
	Quoted bool   `json:"quoted,omitempty"` // new wording for another statute
	Text   string `json:"text"`
}

// Text is the article below its heading, one paragraph a line.
func (a *FullArticle) Text() string {
	lines := make([]string, len(a.Paragraphs))
	for i, p := range a.Paragraphs {
		lines[i] = p.Text
	}
	return strings.Join(lines, "\n")
}

// Article finds an article by its number.
func (s *Statute) Article(number string) (*FullArticle, bool) {
	i := slices.IndexFunc(s.Articles, func(a FullArticle) bool { return a.Number == number })
	if i < 0 {
		return nil, false
	}
	return &s.Articles[i], true
}

// Change is what an import does to one article.
type Change struct {
	Number string
	Kind   ChangeKind
}

// ChangeKind says how an article differs.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

// Compare tells which articles a new version adds, changes and removes, in the order of the text. before may be nil.
func (s *Statute) Compare(before *Statute) []Change {
	var out []Change
	if before == nil {
		before = &Statute{}
	}
	for i := range s.Articles {
		a := &s.Articles[i]
		switch old, ok := before.Article(a.Number); {
		case !ok:
			out = append(out, Change{a.Number, Added})
		case old.Title != a.Title || old.Text() != a.Text():
			out = append(out, Change{a.Number, Changed})
		}
	}
	for _, old := range before.Articles {
		if _, kept := s.Article(old.Number); !kept {
			out = append(out, Change{old.Number, Removed})
		}
	}
	return out
}

// Over returns the statute with the articles of before that it does not hold itself: an excerpt laid over what was there.
func (s *Statute) Over(before *Statute) *Statute {
	both := *s
	both.Whole = s.Whole || before.Whole
	both.Articles = slices.Clone(s.Articles)
	for _, a := range before.Articles {
		if _, has := s.Article(a.Number); !has {
			both.Articles = append(both.Articles, a)
		}
	}
	slices.SortStableFunc(both.Articles, func(a, b FullArticle) int { return compareNumbers(a.Number, b.Number) })
	return &both
}

// suffixes is the order of the letters of inserted articles.
const suffixes = "abcdđefghijklmnopqrstuvwxyz"

// compareNumbers orders "10", "10a", "10b", "11".
func compareNumbers(a, b string) int {
	an, as := cutNumber(a)
	bn, bs := cutNumber(b)
	if an != bn {
		return an - bn
	}
	place := func(suffix string) int {
		if suffix == "" {
			return -1
		}
		return strings.Index(suffixes, suffix)
	}
	return place(as) - place(bs)
}

// cutNumber parts "10a" into 10 and "a".
func cutNumber(s string) (n int, suffix string) {
	digits := strings.TrimRight(s, suffixes)
	n, _ = strconv.Atoi(digits)
	return n, s[len(digits):]
}

// With returns the content together with the imported texts. Documents of which the content has no sheet get one from
// their text, so that they are found by name and number.
func (c *Content) With(statutes []*Statute) *Content {
	both := *c
	both.laws, both.Laws = maps.Clone(c.laws), slices.Clone(c.Laws)
	both.texts = map[string]*Statute{}
	for _, s := range statutes {
		both.texts[s.Law] = s
		if _, known := both.laws[s.Law]; known {
			continue
		}
		l := &Law{Number: s.Law, Title: s.Title, Issuer: s.Issuer, Issued: s.Issued, Effective: s.Effective, CheckedOn: s.ImportedAt}
		for _, a := range s.Articles {
			n, _ := cutNumber(a.Number)
			l.Total = max(l.Total, n)
		}
		both.laws[s.Law], both.Laws = l, append(both.Laws, l)
	}
	slices.SortFunc(both.Laws, func(a, b *Law) int { return strings.Compare(a.Number, b.Number) })
	return &both
}

// FullText finds the official text of an article. number is "25" or "10a".
func (c *Content) FullText(law, number string) (*FullArticle, bool) {
	s, ok := c.texts[law]
	if !ok {
		return nil, false
	}
	return s.Article(number)
}

// Articles lists a law's articles in the order of their numbers: those with a digest, and those of which only the official
// text was imported.
func (c *Content) Articles(law *Law) []Article {
	all := slices.Clone(law.Articles)
	if s, ok := c.texts[law.Number]; ok {
		for _, full := range s.Articles {
			n, suffix := cutNumber(full.Number)
			if _, digested := law.Article(n); !digested || suffix != "" {
				all = append(all, Article{Law: law.Number, Number: n, Suffix: suffix, Title: full.Title})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Article) int { return compareNumbers(a.Name(), b.Name()) })
	return all
}

// Lookup finds an article by its number as written, "25" or "10a": its digest or, where there is none, one without a
// digest from the imported text.
func (c *Content) Lookup(law *Law, number string) (*Article, bool) {
	n, suffix := cutNumber(number)
	if suffix == "" {
		if a, ok := law.Article(n); ok {
			return a, true
		}
	}
	full, ok := c.FullText(law.Number, number)
	if !ok {
		return nil, false
	}
	return &Article{Law: law.Number, Number: n, Suffix: suffix, Title: full.Title}, true
}

// Name is the article's number as written: "10a".
func (a *Article) Name() string { return strconv.Itoa(a.Number) + a.Suffix }

// Heading is the article's first line: "Điều 10a. Title".
func (a *Article) Heading() string {
	return strings.TrimSpace(fmt.Sprintf("Điều %s. %s", a.Name(), a.Title))
}
