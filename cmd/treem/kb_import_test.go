package main

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"treem/kb"
	"treem/kb/content"
)

const bookshelf = "../../kb/statute/testdata/tu-sach"

// dataFolder gives the commands a data folder of the test's own.
func dataFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	t.Setenv("TREEM_DATA_DIR", dir)
	return dir
}

func writeTo(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestImportStatute(t *testing.T) {
	data := dataFolder(t)
	steps := []struct {
		name    string
		args    []string
		says    []string
		fails   string
		created bool
	}{
		{"dry run stores nothing, not even a database", []string{"--dry-run", bookshelf + ".docx"},
			[]string{"01/2026/NĐ-TN", "7 articles (Điều 1 to 6), 3 chapters, 15 clauses", "Mục 2. MƯỢN VÀ TRẢ SÁCH", "line 1: 6 lines before the first article", "Dry run"}, "", false},
		{"without a terminal only --yes stores", []string{bookshelf + ".docx"}, []string{"No earlier version"}, "run again with --yes", true},
		{"stored", []string{"--yes", bookshelf + ".docx"}, []string{"Stored: 01/2026/NĐ-TN, version 1, 7 articles"}, "", true},
		{"the same words again", []string{"--yes", bookshelf + ".docx"}, []string{"Every word is as imported"}, "", true},
		{"an excerpt laid over it", []string{"--yes", "--add", writeTo(t, filepath.Join(t.TempDir(), "a.txt"), "# number: 01/2026/NĐ-TN\n# title: Quy ước\n# complete: no\nĐiều 2. Giải thích từ ngữ\nKhác.\nĐiều 3b. Thêm\nLời.")},
			[]string{"1 added (Điều 3b); 1 changed (Điều 2); 7 articles then, 8 now", "version 2, 8 articles"}, "", true},
		{"an excerpt in its place", []string{"--dry-run", writeTo(t, filepath.Join(t.TempDir(), "b.txt"), "# number: 01/2026/NĐ-TN\n# complete: no\nĐiều 2. Giải thích từ ngữ\nKhác.")},
			[]string{"7 removed (Điều 1, 3, 3a, 3b, 4, 5, 6)", "with --add"}, "", true},
		{"a file that does not tell its number", []string{"--yes", writeTo(t, filepath.Join(t.TempDir(), "c.txt"), "Điều 1. Một\nLời.")}, nil, "--number", true},
		{"the number given", []string{"--yes", "--number", "9/2026/QH16", "--title", "Luật Thử", writeTo(t, filepath.Join(t.TempDir(), "d.txt"), "Điều 1. Một\nLời.")}, []string{"Luật Thử 9/2026/QH16", "Stored"}, "", true},
		{"an article twice", []string{"--yes", "--number", "9/2026/QH16", writeTo(t, filepath.Join(t.TempDir(), "e.txt"), "Điều 1. Một\nLời.\nĐiều 1. Một\nKhác.")}, []string{"!! line 3: Điều 1 stands twice"}, "not fit to be stored", true},
		{"one bad file among good ones", []string{"--yes", bookshelf + ".html", filepath.Join(t.TempDir(), "none.txt")}, nil, "none.txt", true},
	}
	for _, s := range steps {
		out, err := run(t, "", append([]string{"kb", "import"}, s.args...)...)
		for _, want := range s.says {
			if !strings.Contains(out, want) {
				t.Errorf("%s: the output lacks %q:\n%s", s.name, want, out)
			}
		}
		if (err != nil) != (s.fails != "") || err != nil && !strings.Contains(err.Error(), s.fails) {
			t.Errorf("%s: %v, want %q", s.name, err, s.fails)
		}
		if _, err := os.Stat(filepath.Join(data, "treem.db")); (err == nil) != s.created {
			t.Errorf("%s: database there: %v", s.name, err == nil)
		}
	}
	var wrong usageError
	if _, err := run(t, "", "kb", "import"); !errors.As(err, &wrong) {
		t.Errorf("without a file: %v", err)
	}
	if _, err := run(t, "", "kb", "import", t.TempDir(), bookshelf+".docx"); !errors.As(err, &wrong) {
		t.Errorf("a folder and a file: %v", err)
	}
}

func TestConfirmAtTerminal(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "Có\n": true, "n\n": false, "\n": false, "": false} {
		var out bytes.Buffer
		im := importing{in: strings.NewReader(answer), out: &out, terminal: true}
		if got, err := im.confirm("Store?"); err != nil || got != want {
			t.Errorf("%q: %v %v", answer, got, err)
		}
	}
}

// tree reads every file below a folder.
func tree(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	files, _, err := kb.Files(fsys)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, data := range files {
		out[name] = string(data)
	}
	return out
}

// TestContentRoundTrip says that export gives the embedded content byte for byte, that what was imported comes out as it
// went in, and that content which breaks a rule is refused with the list and changes nothing.
func TestContentRoundTrip(t *testing.T) {
	dataFolder(t)
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	if out, err := run(t, "", "kb", "export", first); err != nil {
		t.Fatal(err, out)
	}
	if !reflect.DeepEqual(tree(t, os.DirFS(first)), tree(t, content.FS)) || !reflect.DeepEqual(tree(t, os.DirFS("../../kb/content")), tree(t, content.FS)) {
		t.Error("the exported content differs from what the program carries")
	}
	if _, err := run(t, "", "kb", "export", first); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("export into a full folder: %v", err)
	}
	law := filepath.Join(first, "laws", "102-2016-qh13.md")
	data, err := os.ReadFile(law)
	if err != nil {
		t.Fatal(err)
	}
	writeTo(t, law, strings.Replace(string(data), "## Điều 1. Trẻ em\n", "## Điều 1. Trẻ em\n\nCâu mới của người biên tập.\n", 1))
	if out, err := run(t, "", "kb", "import", "--yes", first); err != nil || !strings.Contains(out, "~ laws/102-2016-qh13.md") {
		t.Fatalf("%v\n%s", err, out)
	}
	writeTo(t, law, strings.Replace(string(data), "status: in-force", "status: maybe", 1))
	if out, err := run(t, "", "kb", "import", "--yes", first); err == nil || !strings.Contains(out, `laws/102-2016-qh13.md: status "maybe"`) {
		t.Errorf("content that breaks a rule: %v\n%s", err, out)
	}
	writeTo(t, filepath.Join(first, "phrases.yaml"), "greeting: {}\n")
	if _, err := run(t, "", "kb", "import", "--yes", first); err == nil || !strings.Contains(err.Error(), "phrases.yaml") {
		t.Errorf("content that cannot be read: %v", err)
	}
	if out, err := run(t, "", "kb", "export", second); err != nil {
		t.Fatal(err, out)
	}
	got, want := tree(t, os.DirFS(second)), tree(t, content.FS)
	want["laws/102-2016-qh13.md"] = strings.Replace(string(data), "## Điều 1. Trẻ em\n", "## Điều 1. Trẻ em\n\nCâu mới của người biên tập.\n", 1)
	if !reflect.DeepEqual(got, want) {
		t.Error("the content did not come out as it went in")
	}
	if out, err := run(t, "", "kb", "import", "--yes", second); err != nil || !strings.Contains(out, "nothing to store") {
		t.Errorf("the export again: %v\n%s", err, out)
	}
}

// TestRunningProgramFollows says that a running program answers from what another process imported, and keeps what it has
// if the import cannot be used.
func TestRunningProgramFollows(t *testing.T) {
	cfg := testConfig(t)
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	a := openTestApp(t, cfg)
	live, follower, err := openLive(t.Context(), a.store, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { live.Close() })
	find := func(question string) kb.Result {
		t.Helper()
		r, err := live.Search(t.Context(), kb.Query{Text: live.current().text.Normalise(question)})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	turn := func(want bool) {
		t.Helper()
		if changed, err := follower.Once(t.Context()); err != nil || changed != want {
			t.Errorf("turn: %v %v, want %v", changed, err, want)
		}
	}
	turn(false)
	if r := find("điều 3a nghị định 01/2026/NĐ-TN"); r.Verdict == kb.VerdictAnswer {
		t.Fatalf("found before it was imported: %+v", r)
	}
	if out, err := run(t, "", "kb", "import", "--yes", bookshelf+".pdf"); err != nil { // beside the running service
		t.Fatal(err, out)
	}
	turn(true)
	turn(false)
	if r := find("điều 3a nghị định 01/2026/NĐ-TN"); r.Verdict != kb.VerdictAnswer || r.Hits[0].ID() != "01/2026/NĐ-TN#3a" {
		t.Errorf("not found after the import: %+v", r)
	}
	files, _, err := kb.Files(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	store := func(files map[string][]byte) {
		t.Helper()
		archive, err := kb.Pack(files)
		if err != nil {
			t.Fatal(err)
		}
		set := kb.ContentSet{StoredAt: a.bot.Now(), Base: kb.Hash(files), Archive: archive}
		if err := a.store.SaveContent(t.Context(), set, ""); err != nil {
			t.Fatal(err)
		}
	}
	changed := map[string][]byte{}
	for name, data := range files {
		changed[name] = data
	}
	const name = "laws/102-2016-qh13.md"
	changed[name] = bytes.Replace(files[name], []byte("## Điều 1. Trẻ em\n"), []byte("## Điều 1. Trẻ em\n\nCâu mới.\n"), 1)
	store(changed)
	turn(true)
	if r := find("Điều 1 Luật Trẻ em"); len(r.Hits) == 0 || !strings.HasPrefix(r.Hits[0].Article.Digest, "Câu mới.") {
		t.Errorf("the stored content is not in use: %+v", r)
	}
	changed["phrases.yaml"] = []byte("greeting: [\n")
	store(changed)
	turn(true)
	if r := find("Điều 1 Luật Trẻ em"); len(r.Hits) == 0 || strings.HasPrefix(r.Hits[0].Article.Digest, "Câu mới.") {
		t.Errorf("unreadable content is in use, or none: %+v", r)
	}
}
