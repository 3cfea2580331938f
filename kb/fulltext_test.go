package kb_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"treem/kb"
	"treem/kb/content"
)

func text(number, title string, lines ...string) kb.FullArticle {
	a := kb.FullArticle{Number: number, Title: title}
	for _, l := range lines {
		a.Paragraphs = append(a.Paragraphs, kb.Paragraph{Text: l})
	}
	return a
}

func TestCompareVersions(t *testing.T) {
	before := &kb.Statute{Articles: []kb.FullArticle{text("1", "Một", "a"), text("2", "Hai", "b"), text("3", "Ba", "c")}}
	now := &kb.Statute{Articles: []kb.FullArticle{text("1", "Một", "a"), text("2", "Hai", "b", "c"), text("2a", "Thêm", "d")}}
	want := []kb.Change{{Number: "2", Kind: kb.Changed}, {Number: "2a", Kind: kb.Added}, {Number: "3", Kind: kb.Removed}}
	if got := now.Compare(before); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := now.Compare(nil); len(got) != 3 || got[0].Kind != kb.Added {
		t.Errorf("without a version before: %v", got)
	}
	var numbers []string
	for _, a := range now.Over(&kb.Statute{Articles: []kb.FullArticle{text("10", "Mười"), text("2", "cũ"), text("2đ", ""), text("2b", ""), text("3", "Ba")}}).Articles {
		numbers = append(numbers, a.Number+a.Title)
	}
	if got := strings.Join(numbers, " "); got != "1Một 2Hai 2aThêm 2b 2đ 3Ba 10Mười" {
		t.Errorf("an excerpt laid over: %s", got)
	}
}

// TestImportedArticlesAreFound says that an article without a digest, also an inserted one, and one of a document without a
// sheet, is found by its number once its text is imported, and not before.
func TestImportedArticlesAreFound(t *testing.T) {
	n, c := load(t)
	imported := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	with := c.With([]*kb.Statute{
		{Law: "102/2016/QH13", ImportedAt: imported, Articles: []kb.FullArticle{text("25", "Chữ", "x"), text("25a", "Điều thêm", "y")}},
		{Law: "7/2099/QH99", Title: "Luật Tủ sách dùng chung", ImportedAt: imported, Articles: []kb.FullArticle{text("4", "Mượn sách", "z")}},
	})
	without, ix := index(t, n, c), index(t, n, with)
	for question, want := range map[string]string{
		"điều 25a luật trẻ em":                 "102/2016/QH13#25a",
		"dieu 25 luat tre em":                  "102/2016/QH13#25",
		"điều 4 luật tủ sách dùng chung":       "7/2099/QH99#4",
		"luat 7/2099/qh99 dieu 4 noi gi":       "7/2099/QH99#4",
		"Điều 9 Luật Tủ sách dùng chung":       "",
		"điều 25b luật trẻ em quy định gì vậy": "",
	} {
		r, err := ix.Search(t.Context(), kb.Query{Text: n.Normalise(question)})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if r.Verdict == kb.VerdictAnswer {
			got = r.Hits[0].ID()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
		r, err = without.Search(t.Context(), kb.Query{Text: n.Normalise(question)})
		if err != nil {
			t.Fatal(err)
		}
		if want != "102/2016/QH13#25" && r.Verdict == kb.VerdictAnswer && strings.Contains(r.Hits[0].ID(), "#") {
			t.Errorf("%q is answered by %s before anything was imported", question, r.Hits[0].ID())
		}
	}
	if a, ok := with.FullText("102/2016/QH13", "25"); !ok || a.Text() != "x" {
		t.Errorf("full text %v %v", a, ok)
	}
	if _, ok := c.FullText("102/2016/QH13", "25"); ok {
		t.Error("the content it was made from changed")
	}
}

// TestPack says that content comes out of an archive byte for byte, and that what is no content stays out.
func TestPack(t *testing.T) {
	files, left, err := kb.Files(content.FS)
	if err != nil || len(left) > 0 || len(files) < 100 {
		t.Fatalf("%v, %d files, left %v", err, len(files), left)
	}
	archive, err := kb.Pack(files)
	if err != nil {
		t.Fatal(err)
	}
	again, err := kb.Pack(files)
	if err != nil || !bytes.Equal(archive, again) {
		t.Errorf("the same files give another archive: %v", err)
	}
	set := kb.ContentSet{Archive: archive}
	fsys, err := set.FS()
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := kb.Files(fsys)
	if err != nil || !reflect.DeepEqual(back, files) || kb.Hash(back) != kb.Hash(files) {
		t.Errorf("the files came out changed: %v", err)
	}
	odd := fstest.MapFS{"entries/a/x.md": {Data: []byte("\r\n")}, ".git/config": {}, "entries/.DS_Store": {}, "README.md": {}, "content.go": {}, "menu.yaml": {}}
	files, left, err = kb.Files(odd)
	if err != nil || len(files) != 2 || string(files["entries/a/x.md"]) != "\r\n" || len(left) != 3 {
		t.Errorf("%v: %d files, left %v", err, len(files), left)
	}
}

func TestNewerContent(t *testing.T) {
	_, c := load(t)
	checked := c.NewestCheck()
	for _, one := range []struct {
		name   string
		base   string
		stored time.Time
		want   bool
	}{
		{"same program", "now", checked.AddDate(-1, 0, 0), true},
		{"later program, content checked since", "then", checked.AddDate(0, 0, -1), false},
		{"later program, nothing checked since", "then", checked.AddDate(0, 0, 1), true},
	} {
		set := &kb.ContentSet{Base: one.base, StoredAt: one.stored}
		if got := set.Newer("now", c); got != one.want {
			t.Errorf("%s: %v", one.name, got)
		}
	}
	if (*kb.ContentSet)(nil).Newer("now", c) {
		t.Error("nothing is newer than the program's content")
	}
}
