package statute

import (
	"fmt"
	"strings"
)

// Document is one statute taken apart.
type Document struct {
	Head      Head
	Divisions []Division // parts, chapters, sections and sub-sections in the order of the text
	Articles  []Article  // in the order of the text
	Problems  []Problem  // by line
	LeftOut   []string   // lines that belong to no article: recitals, signatures, annexes
	Furniture int        // page headers, footers and page numbers taken away
}

// Head is what is known of the document as a whole: from "# key: value" lines, else from its first page. Values are as
// written; empty: not given.
type Head struct {
	Title      string
	Number     string // official number in full: "102/2016/QH13"
	Issuer     string
	Issued     string
	Effective  string
	Status     string
	Amendments []string
	Source     string
	Articles   string // how many the file holds, perhaps with remarks: "9 (2 - khoản 1-3; 3)"
	InOriginal string // how many the statute has
	Complete   string // begins with yes, no, excerpt or summary
	Missing    string
	Notes      []string
}

// Level is how high a division stands.
type Level int

// The levels, highest first.
const (
	Part       Level = iota + 1 // Phần
	Chapter                     // Chương
	Section                     // Mục
	Subsection                  // Tiểu mục
)

var levelNames = map[Level]string{Part: "Phần", Chapter: "Chương", Section: "Mục", Subsection: "Tiểu mục"}

// String is the Vietnamese word: "Chương".
func (l Level) String() string { return levelNames[l] }

// Division is a part, chapter, section or sub-section.
type Division struct {
	Level  Level
	Number string // as written: "IV", "2", "thứ nhất"
	Title  string
	Place  Place
}

// Article is one article.
type Article struct {
	Number     Number
	Title      string // empty: the article has none
	Chapter    string // number of the chapter it stands in, empty: none
	Section    string // number of the section in that chapter
	Partial    bool   // the file says, or shows by "[...]", that part of it is missing
	Paragraphs []Paragraph
	Place      Place
}

// Paragraph is one paragraph of an article, with where it belongs. Its text is word for word, number or letter included.
type Paragraph struct {
	Clause string // "1", "8a", below a decision's heading "II.1"; empty: before the first clause
	Point  string // "a", "đ"; empty: before the first point
	Quoted bool   // new wording for another statute
	Text   string
	Place  Place
}

// Text is the article's whole text below its heading, one paragraph a line.
func (a *Article) Text() string {
	lines := make([]string, len(a.Paragraphs))
	for i, p := range a.Paragraphs {
		lines[i] = p.Text
	}
	return strings.Join(lines, "\n")
}

// Heading is the article's first line: "Điều 10a. Title".
func (a *Article) Heading() string {
	return strings.TrimSpace("Điều " + a.Number.String() + ". " + a.Title)
}

// Clause is a numbered clause of an article.
type Clause struct {
	Number string
	Points []string // letters, in order
}

// Clauses lists the numbered clauses with their points. Points of an article without clauses stand under the number "".
func (a *Article) Clauses() []Clause {
	var out []Clause
	for _, p := range a.Paragraphs {
		if p.Clause == "" && p.Point == "" {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Number != p.Clause {
			out = append(out, Clause{Number: p.Clause})
		}
		last := &out[len(out)-1]
		if n := len(last.Points); p.Point != "" && (n == 0 || last.Points[n-1] != p.Point) {
			last.Points = append(last.Points, p.Point)
		}
	}
	return out
}

// Place is where something stands in the file. Lines count from 1: lines of a text, paragraphs of a .docx or .html, lines
// of a page of a .pdf.
type Place struct {
	Page int // 0: the file has no pages
	Line int
}

// String is "line 12" or "page 3 line 12".
func (p Place) String() string {
	if p.Page > 0 {
		return fmt.Sprintf("page %d line %d", p.Page, p.Line)
	}
	return fmt.Sprintf("line %d", p.Line)
}

// Weight says what a problem means for the import.
type Weight int

// The weights.
const (
	Note    Weight = iota // read, but look at it
	Warning               // something may be missing or wrong
	Fault                 // not fit to be stored: which text is meant is not clear
)

// Problem is something that could not be read, or not surely.
type Problem struct {
	Weight Weight
	Place  Place // zero: about the document as a whole
	What   string
}

// String is "line 12: clause 4 follows clause 2".
func (p Problem) String() string {
	if p.Place == (Place{}) {
		return p.What
	}
	return p.Place.String() + ": " + p.What
}

// Worst is the greatest weight among the problems.
func (d *Document) Worst() Weight {
	worst := Note
	for _, p := range d.Problems {
		worst = max(worst, p.Weight)
	}
	return worst
}
