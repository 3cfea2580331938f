package statute_test

import (
	"os"
	"testing"
	"unicode/utf8"

	"treem/kb/statute"
)

// FuzzRead says that no file makes Read panic, and that what it reads is text with numbers.
func FuzzRead(f *testing.F) {
	for _, file := range []string{"tu-sach.docx", "tu-sach.pdf", "tu-sach.html"} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("# articles: 2\nChương I\nCHUNG\nĐiều 1. Một\n1. “Điều 2. x”\na) b; c) D. 2. Đ\n[...]\nĐiều 2\nTM. X\fĐiều 3. \"y\n12"))
	f.Add(word(f, para("Điều 1. Một")+`<w:tbl><w:tr><w:tc>`+para("Điều 2. x")+`</w:tc></w:tr></w:tbl>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := statute.Read("x", data)
		if err != nil {
			return
		}
		for _, a := range d.Articles {
			if a.Number.N < 0 || !utf8.ValidString(a.Title+a.Text()) {
				t.Errorf("article %+v", a)
			}
		}
		for _, p := range d.Problems {
			if !utf8.ValidString(p.String()) {
				t.Errorf("problem %q", p)
			}
		}
	})
}
