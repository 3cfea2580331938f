package statute

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// readHTML reads the visible text of a page. It goes through the tokens, so that depth costs nothing. Menus around the
// statute end up before its first article or behind its end, where they are reported.
func readHTML(data []byte) ([]line, []Problem, error) {
	r, err := charset.NewReader(bytes.NewReader(data), "text/html")
	if err != nil {
		return nil, nil, fmt.Errorf("not a readable page: %w", err)
	}
	var f flow
	z := html.NewTokenizer(r)
	z.SetMaxBuf(maxText)
	skip := atom.Atom(0) // the element whose content is not shown
	for f.err == nil {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return nil, nil, fmt.Errorf("not a readable page: %w", err)
			}
			lines, err := f.finish()
			return lines, nil, err
		case html.TextToken:
			if skip == 0 {
				f.write(strings.Join(strings.FieldsFunc(keepEnds(string(z.Text())), isMarkupSpace), " "))
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if skip == 0 && hidden[a] {
				skip = a
			}
			f.tag(a)
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			f.tag(atom.Lookup(name))
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if a == skip {
				skip = 0
			}
			switch {
			case a == atom.Tr:
				f.endRow()
			case a == atom.Table:
				f.endTable()
			case block[a]:
				f.end()
			}
		}
	}
	return nil, nil, f.err
}

var (
	hidden = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Head: true, atom.Noscript: true, atom.Template: true, atom.Select: true}
	block  = map[atom.Atom]bool{atom.P: true, atom.Div: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.H1: true, atom.H2: true,
		atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Blockquote: true, atom.Pre: true, atom.Section: true,
		atom.Article: true, atom.Header: true, atom.Footer: true, atom.Nav: true, atom.Main: true, atom.Center: true,
		atom.Dd: true, atom.Dt: true, atom.Hr: true, atom.Body: true, atom.Caption: true}
)

func (f *flow) tag(a atom.Atom) {
	switch {
	case a == atom.Table:
		f.beginTable()
	case a == atom.Tr:
		f.beginRow()
	case a == atom.Td, a == atom.Th:
		f.beginCell()
	case a == atom.Br:
		f.write("\n")
	case block[a]:
		f.end()
	}
}

func isMarkupSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' }

// keepEnds marks white space at both ends of a text with a space that FieldsFunc leaves alone: "<b>Điều 1.</b> Trẻ em".
func keepEnds(s string) string {
	if s == "" {
		return s
	}
	if isMarkupSpace(rune(s[0])) {
		s = "\u00A0" + s
	}
	if isMarkupSpace(rune(s[len(s)-1])) {
		s += "\u00A0"
	}
	return s
}
