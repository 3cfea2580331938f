package kb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"testing"

	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

// contentFS is the embedded content, or the folder that -content names (declared in fit_test.go).
func contentFS() fs.FS {
	if dir := flag.Lookup("content").Value.String(); dir != "" {
		return os.DirFS(dir)
	}
	return content.FS
}

func load(t testing.TB) (*vitext.Normaliser, *kb.Content) {
	t.Helper()
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := kb.Load(contentFS())
	if err != nil {
		t.Fatal(err)
	}
	return n, c
}

func index(t testing.TB, n *vitext.Normaliser, c *kb.Content) *kb.Index {
	t.Helper()
	ix, err := kb.NewIndex(context.Background(), c, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return ix
}

// questions reads one case a line.
func questions(t testing.TB, file string) []kb.EvalCase {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []kb.EvalCase
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var c kb.EvalCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
