package kb_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"treem/kb"
	"treem/kb/vitext"
)

// checkable is an entry that breaks no rule.
func checkable() string {
	parent := strings.Repeat("Anh chị hãy gọi 111 và ở bên con. ", 5)
	child := strings.Repeat("{Em} hãy gọi 111 và kể với người lớn. ", 3)
	var q strings.Builder
	for i, text := range []string{"bơi ở đâu", "học bơi chỗ nào", "lớp bơi gần nhà", "dạy bơi cho bé", "hồ bơi trường học", "tập bơi mùa hè",
		"boi o truong", "cho be hoc boi", "lop boi mien phi", "day boi", "muon biet boi", "dang ky boi"} {
		fmt.Fprintf(&q, "  - %s %d\n", text, i)
	}
	return `---
id: two
title: Học bơi ở đâu
topic: drowning
audience: both
urgency: normal
confidence: A
valid_from: 2026-01-01
checked_on: 2026-11-23
questions:
` + q.String() + `citations:
  - {law: "1/2020/QH14", article: 1}
related: [one]
next: Gọi 111.
sms: "Goi 111."
---
## Phụ huynh

` + parent + `

## Trẻ em

` + child + "\n"
}

func oneMedia(file, kind, lang string) string {
	return fmt.Sprintf("media:\n  - {file: %s, kind: %s, lang: %s, caption: Lời đọc}", file, kind, lang)
}

func TestCheck(t *testing.T) {
	ended := strings.NewReplacer("1/2020", "9/2010", "in-force", "repealed\nended: 2020-06-01\nreplaced_by: 1/2020/QH14", "Một.", "Đã hết hiệu lực.", "Ba.", "Đã bị bãi bỏ.").Replace(goodLaw)
	for name, test := range map[string]struct{ old, new, want string }{
		"Clean":             {"", "", ""},
		"FewQuestions":      {"  - bơi ở đâu 0\n", "", "11 questions; at least 12"},
		"NoTitle":           {"title: Học bơi ở đâu", "title: \"\"", "title is missing"},
		"Topic":             {"topic: drowning", "topic: sport", `topic "sport"`},
		"Audience":          {"audience: both", "audience: all", `audience "all"`},
		"SignOff":           {"urgency: normal", "urgency: normal\nsign_off: chef", `sign_off "chef"`},
		"OldCheck":          {"checked_on: 2026-11-23", "checked_on: 2025-01-01", "more than a year ago"},
		"FutureEntry":       {"valid_from: 2026-01-01", "valid_from: 2027-01-01", "holds only from 2027"},
		"Related":           {"related: [one]", "related: [zero]", `related entry "zero" does not exist`},
		"UnknownLaw":        {`"1/2020/QH14", article: 1`, `"2/2020/QH14", article: 1`, "not in laws/"},
		"BeyondTotal":       {`QH14", article: 1`, `QH14", article: 4`, "which has 3 articles"},
		"Repealed":          {`"1/2020/QH14"`, `"9/2010/QH14"`, "which ended on 2020-06-01"},
		"RepealedSaid":      {`"1/2020/QH14", article: 1}`, `"9/2010/QH14", article: 1}` + "\nsign_off: lawyer", "which ended"},
		"SMSTooLong":        {"Goi 111.", strings.Repeat("Goi 111. ", 40), "two messages hold 306"},
		"SMSMarks":          {"sms: \"Goi", "sms: \"Gọi", "not plain ASCII"},
		"NoChild":           {"## Trẻ em", "## Phụ huynh", "Trẻ em is missing"},
		"Short":             {strings.Repeat("Anh chị hãy gọi 111 và ở bên con. ", 5), "Gọi 111.", "Phụ huynh has 2 words"},
		"Bold":              {"Anh chị hãy gọi 111", "Anh chị **hãy** gọi 111", "has bold"},
		"Greeting":          {"Anh chị hãy gọi 111", "Chào anh chị hãy gọi 111", "begins with a greeting"},
		"WrittenCitation":   {"Anh chị hãy gọi 111", "Theo Điều 5 hãy gọi 111", `writes the citation "Điều 5"`},
		"Prison":            {"{Em} hãy gọi 111", "Người đó bị phạt tù, {em} hãy gọi 111", "prison term"},
		"Abolished":         {"next: Gọi 111.", "next: Đến UBND huyện.", `names "ubnd huyen"`},
		"AbolishedSaid":     {"next: Gọi 111.", "next: Đến UBND xã, UBND huyện không còn.", ""},
		"StrangeNumber":     {"next: Gọi 111.", "next: Gọi 0909 123 456.", "gives the number 0909 123 456"},
		"StrangeShort":      {"next: Gọi 111.", "next: Gọi 116.", "gives the number 116"},
		"UrgentWithout":     {"urgency: normal", "urgency: high\nsign_off: clinician", ""},
		"SMSInAlone":        {"sms: \"Goi 111.\"", "sms: \"Goi 111.\"\nsms_in: {en: \"Call 111.\"}", `sms_in has language "en"`},
		"NoMediaFile":       {"related: [one]", "related: [one]\n" + oneMedia("a.ogg", "voice", "bdq"), "there is no such file"},
		"MediaType":         {"related: [one]", "related: [one]\n" + oneMedia("a.gif", "image", "bdq"), "image files are .jpg, .png"},
		"MediaCaption":      {"related: [one]", "related: [one]\n" + strings.Replace(oneMedia("a.jpg", "image", "bdq"), "Lời đọc", strings.Repeat("đ", 301), 1), "301 characters; 300 are allowed"},
		"MediaLanguage":     {"related: [one]", "related: [one]\n" + oneMedia("a.ogg", "voice", "xx"), `language "xx"`},
		"LongEnglish":       {"## Trẻ em", "## English\n\n" + strings.Repeat("call ", 400) + "\n\n## Trẻ em", "has 400 words"},
		"QuestionElsewhere": {"bơi ở đâu 0", "một là gì", "also stands in one"},
		"QuestionTwice":     {"lop boi mien phi 8", "bơi ở đâu 0", "stands here twice"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(checkable(), test.old, test.new, 1)
			got := problems(t, files(map[string]string{"entries/drowning/two.md": text, "laws/nine.md": ended}), "entries/drowning/two.md")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("problems:\n%s\nwant %q", got, test.want)
			}
		})
	}
}

func TestCheckFactsAndLaws(t *testing.T) {
	for name, test := range map[string]struct{ file, text, want string }{
		"ExpiredFact":   {"facts/x.yaml", "- {id: x, text: y, meaning: z, confidence: B, checked_on: 2026-11-23, valid_to: 2026-01-01}\n", "fact x ended on 2026-01-01"},
		"UncheckedFact": {"facts/x.yaml", "- {id: x, text: y, meaning: z, confidence: B, checked_on: 2026-05-01}\n", "fact x was last checked on 2026-05-01, more than 180 days ago"},
		"NeverChecked":  {"facts/x.yaml", "- {id: x, text: y, meaning: z, confidence: B}\n", "fact x was never checked"},
		"FactLaw":       {"facts/x.yaml", "- {id: x, text: y, meaning: z, confidence: B, checked_on: 2026-11-23, law: 5/5, article: 1}\n", "fact x: cites 5/5"},
		"Beyond":        {"laws/x.md", strings.NewReplacer("1/2020", "3/2020", "articles: 3", "articles: 2").Replace(goodLaw), "Điều 3 lies beyond the 2 articles"},
		"RepealedSheet": {"laws/x.md", strings.NewReplacer("1/2020", "3/2020", "in-force", "repealed").Replace(goodLaw), "a repealed document needs ended"},
		"NoDate":        {"laws/x.md", strings.NewReplacer("1/2020", "3/2020", "issued: 2020-01-01\n", "").Replace(goodLaw), "issued is missing and note does not say why"},
		"DateUnknown":   {"laws/x.md", strings.NewReplacer("1/2020", "3/2020", "issued: 2020-01-01\n", "note: x\nissuer: A\n").Replace(goodLaw), ""},
		"Status":        {"laws/x.md", strings.NewReplacer("1/2020", "3/2020", "in-force", "valid").Replace(goodLaw), `status "valid"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := problems(t, files(map[string]string{test.file: test.text}), test.file); !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("problems:\n%s\nwant %q", got, test.want)
			}
		})
	}
}

// problems are those of one file, a line each, without those of search: a content this small has none to speak of.
func problems(t *testing.T, fsys fs.FS, file string) string {
	t.Helper()
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := kb.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	ix := index(t, n, c)
	all, err := kb.Check(context.Background(), c, ix, n, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range all {
		if p.Path == file && !strings.Contains(p.What, "does not find it") {
			out = append(out, p.String())
		}
	}
	return strings.Join(out, "\n")
}

// TestCheckReach says that a question which cannot find its entry is reported.
func TestCheckReach(t *testing.T) {
	n, c := load(t)
	ix := index(t, n, c)
	e := *c.Entries[0]
	e.Questions = append(e.Questions[:len(e.Questions):len(e.Questions)], "giá vàng hôm nay")
	lonely := &kb.Content{Entries: []*kb.Entry{&e}}
	all, err := kb.Check(context.Background(), lonely, ix, n, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if strings.Contains(p.What, `question "giá vàng hôm nay" does not find it`) {
			return
		}
	}
	t.Errorf("not reported: %v", all)
}
