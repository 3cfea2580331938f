package dialogue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

// imported is a book on the embedded content with official texts made for these tests.
func importedBook(t *testing.T, statutes ...*kb.Statute) (*Book, *kb.Index, *vitext.Normaliser) {
	t.Helper()
	c, err := kb.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	c = c.With(statutes)
	b, err := ReadBook(content.FS, c)
	if err != nil {
		t.Fatal(err)
	}
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	ix, err := kb.NewIndex(t.Context(), c, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return b, ix, n
}

func article(number, title string, clauses, words int) kb.FullArticle {
	a := kb.FullArticle{Number: number, Title: title, ImportedAt: time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC)}
	for i := range clauses {
		a.Paragraphs = append(a.Paragraphs, kb.Paragraph{Clause: fmt.Sprint(i + 1), Text: fmt.Sprintf("%d. %s.", i+1, strings.TrimSpace(strings.Repeat("lời ", words)))})
	}
	return a
}

// TestFullText plays what people do to see an article word for word.
func TestFullText(t *testing.T) {
	short, long := article("25", "Quyền thử", 2, 3), article("26", "Dài", 30, 200)
	b, ix, n := importedBook(t, &kb.Statute{Law: "102/2016/QH13", Articles: []kb.FullArticle{short, long, article("26a", "Thêm", 1, 2)}})
	for _, c := range []struct {
		name   string
		medium Medium
		turns  []string // a message, or a payload behind ">>"
		want   []string // in the last reply
		not    []string
	}{
		{"the answer offers a button", Chat, []string{"điều 25 luật trẻ em"}, []string{"[full:102/2016/QH13#25]", "Xem nguyên văn Điều 25"}, []string{"nhập ngày"}},
		{"the button", Chat, []string{"điều 25 luật trẻ em", ">>full:102/2016/QH13#25"},
			[]string{"Điều 25. Quyền thử\n(Luật Trẻ em 102/2016/QH13, văn bản nhập ngày 25/11/2026)\n\n1. lời lời lời.\n2. lời lời lời."}, nil},
		{"a number where there are no buttons", Text, []string{"điều 25 luật trẻ em", "1"}, []string{"1. lời lời lời.\n2. lời"}, nil},
		{"the word", Chat, []string{"điều 25 luật trẻ em", "nguyên văn"}, []string{"văn bản nhập ngày 25/11/2026", "2. lời lời lời."}, nil},
		{"the word by SMS", SMS, []string{"dieu 25 luat tre em", "NGUYEN VAN"}, []string{"Dieu 25. Quyen thu (102/2016/QH13, van ban nhap ngay 25/11/2026): 1. loi loi loi."}, []string{"Doc tiep"}},
		{"asked for at once", Chat, []string{"cho xem nguyên văn điều 25 luật trẻ em"}, []string{"2. lời lời lời.", "nhập ngày"}, nil},
		{"a name is no word", Chat, []string{"điều 25 luật trẻ em", "Nguyễn Văn"}, nil, []string{"nhập ngày"}},
		{"long: the first parts and a way on", Chat, []string{"nguyen van dieu 26 luat tre em"}, []string{"phần 1/", "phần 3/", "[full:102/2016/QH13#26@3]"}, []string{"phần 4/"}},
		{"long: on", Chat, []string{">>full:102/2016/QH13#26@3"}, []string{"phần 4/"}, []string{"phần 3/"}},
		{"long by SMS", SMS, []string{"nguyen van dieu 26 luat tre em"}, []string{"Doc tiep: Dieu 26 Luat Tre em 102/2016/QH13"}, []string{"30. loi"}},
		{"an article without a digest", Chat, []string{"điều 26a luật trẻ em"}, []string{"Điều 26a. Thêm", "1. lời lời."}, nil},
		{"not imported: the digest and where to look", Chat, []string{"nguyên văn điều 27 luật trẻ em"}, []string{"Điều 27.", "chưa có nguyên văn Điều 27", "tìm văn bản Luật Trẻ em 102/2016/QH13"}, []string{"[full:"}},
		{"not imported: the word afterwards", Chat, []string{"điều 27 luật trẻ em", "nguyên văn"}, []string{"chưa có nguyên văn Điều 27"}, nil},
		{"the word with nothing before it", Chat, []string{"xem nguyên văn"}, []string{"nguyên văn điều nào"}, nil},
		{"a payload of another's making", Chat, []string{">>full:1/1/X#25@999999999999999999999"}, []string{"chưa có nguyên văn Điều 25"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := State{Greeted: true}
			var said string
			for _, turn := range c.turns {
				in := Input{Event: Wrote, Text: n.Normalise(turn), Medium: c.medium, Now: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
				if payload, pressed := strings.CutPrefix(turn, ">>"); pressed {
					in = Input{Event: Pressed, Payload: payload, Medium: c.medium, Now: in.Now}
				}
				d := b.Step(s, in)
				if d.Search != nil {
					r, err := ix.Search(t.Context(), *d.Search)
					if err != nil {
						t.Fatal(err)
					}
					d = b.Answer(d, in, &r)
				}
				s, said = d.State, ""
				for _, u := range d.Say {
					if c.medium == Chat && units(u.Text) > 4096 {
						t.Errorf("a message of %d units", units(u.Text))
					}
					said += u.Text + "\n"
					for _, o := range u.Options {
						said += o.Label + " [" + o.Payload + "]\n"
					}
				}
			}
			for _, want := range c.want {
				if !strings.Contains(said, want) {
					t.Errorf("the reply lacks %q:\n%.1500s", want, said)
				}
			}
			for _, not := range c.not {
				if strings.Contains(said, not) {
					t.Errorf("the reply holds %q:\n%.1500s", not, said)
				}
			}
		})
	}
}

// TestFullPartsLoseNothing says that parts fit, end where a clause ends if they can, and hold every word in order.
func TestFullPartsLoseNothing(t *testing.T) {
	huge := article("1", "x", 3, 400)
	huge.Paragraphs[1].Text = "2. " + strings.Repeat("dài", 700) + " 😀" + strings.Repeat("ô", 90)
	for name, a := range map[string]kb.FullArticle{"clauses": article("1", "x", 20, 30), "huge": huge, "empty": {Number: "1"}} {
		parts := fullParts(&a, 600)
		for i, p := range parts {
			if units(p) > 600 {
				t.Errorf("%s: part %d has %d units", name, i, units(p))
			}
			if name == "clauses" && !strings.HasSuffix(p, ".") {
				t.Errorf("%s: part %d ends inside a clause: …%s", name, i, p[max(0, len(p)-20):])
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(parts, "")) != squeeze(a.Text()) {
			t.Errorf("%s: words were lost", name)
		}
	}
}
