package kb_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"treem/kb"
)

const goodEntry = `---
id: one
title: Một
topic: rights
audience: both
urgency: normal
confidence: A
valid_from: 2026-01-01
checked_on: 2026-11-23
questions: [một là gì]
citations: []
related: []
next: Gọi 111.
sms: "Goi 111, {{sum}}."
---
## Phụ huynh

Được {{ sum }} mỗi tháng.

## Trẻ em

{Em} gọi 111 nhé, {em} không có lỗi.
`

const goodFact = "- {id: sum, text: 540.000 đồng, meaning: mức, confidence: A, checked_on: 2026-11-23}\n"

const goodLaw = `---
law: 1/2020/QH14
title: Luật Một
issued: 2020-01-01
effective: 2020-06-01
status: in-force
articles: 3
checked_on: 2026-11-23
---
## Điều 1. Đầu

Một.

## Điều 3. Cuối

Ba.
`

func files(more map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{
		"entries/rights/one.md": {Data: []byte(goodEntry)},
		"facts/rights.yaml":     {Data: []byte(goodFact)},
		"laws/one.md":           {Data: []byte(goodLaw)},
	}
	for name, text := range more {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestLoad(t *testing.T) {
	c, err := kb.Load(files(nil))
	if err != nil {
		t.Fatal(err)
	}
	e, ok := c.Entry("one")
	if !ok || e.Parent != "Được 540.000 đồng mỗi tháng." || e.SMS != "Goi 111, 540.000 đồng." || len(e.Facts) != 1 {
		t.Errorf("entry: %+v", e)
	}
	if got := e.Answer(kb.AudienceChild, "con"); got != "Con gọi 111 nhé, con không có lỗi." {
		t.Errorf("child's answer: %s", got)
	}
	if a, ok := c.Article("1/2020/QH14", 3); !ok || a.Title != "Cuối" {
		t.Errorf("article: %+v", a)
	}
	if _, ok := c.Article("1/2020/QH14", 2); ok {
		t.Error("article 2 has no digest")
	}
}

func TestLoadErrors(t *testing.T) {
	for name, test := range map[string]struct{ file, text, want string }{
		"NoFrontMatter":   {"entries/rights/two.md", "## Phụ huynh\n", "must begin with a line ---"},
		"OpenFrontMatter": {"entries/rights/two.md", "---\nid: two\n", "must end with a line ---"},
		"UnknownField":    {"entries/rights/two.md", "---\nid: two\ncolour: red\n---\n", "colour"},
		"NotItsName":      {"entries/rights/two.md", "---\nid: three\n---\n", "must be the file's name"},
		"Twice":           {"entries/support/one.md", goodEntry, `entry "one" is defined twice`},
		"BadHeading":      {"entries/rights/two.md", "---\nid: two\n---\n## Cha mẹ\n", `heading "Cha mẹ"`},
		"BadUrgency":      {"entries/rights/two.md", "---\nid: two\nurgency: higher\n---\n", `urgency "higher"`},
		"UnknownFact":     {"entries/rights/two.md", "---\nid: two\n---\n## Phụ huynh\n\n{{nothing}}\n", `fact "nothing" is not defined`},
		"FactTwice":       {"facts/support.yaml", goodFact, `fact "sum" is defined twice`},
		"FactWithoutText": {"facts/abuse.yaml", "- {id: x}\n", "needs id and text"},
		"LawTwice":        {"laws/two.md", goodLaw, `law "1/2020/QH14" is defined twice`},
		"LawWithoutTitle": {"laws/two.md", "---\nlaw: 2/2020/QH14\n---\n", "needs law (its number) and title"},
		"LawHeading":      {"laws/two.md", "---\nlaw: 2/2020/QH14\ntitle: Hai\n---\n## Chương I\n", "want \"Điều N. Title\""},
		"ArticlesMixed":   {"laws/two.md", "---\nlaw: 2/2020/QH14\ntitle: Hai\n---\n## Điều 2. B\n\nb\n\n## Điều 1. A\n\na\n", "article 1 stands after article 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := kb.Load(files(map[string]string{test.file: test.text}))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.file) {
				t.Errorf("error %v; want %q, naming %s", err, test.want, test.file)
			}
		})
	}
}

func TestLoadReportsEveryFile(t *testing.T) {
	_, err := kb.Load(files(map[string]string{"entries/rights/x.md": "x", "laws/y.md": "y"}))
	if err == nil || !strings.Contains(err.Error(), "entries/rights/x.md") || !strings.Contains(err.Error(), "laws/y.md") {
		t.Errorf("error %v", err)
	}
}
