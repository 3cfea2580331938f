package statute_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"treem/kb/statute"
)

// word packs the body of a document.xml as Word does.
func word(t testing.TB, body string) []byte {
	t.Helper()
	return packed(t, `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
		xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>`+body+`</w:body></w:document>`)
}

func packed(t testing.TB, document string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	f, err := z.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(document)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func para(runs ...string) string {
	text := "<w:p>"
	for _, r := range runs {
		text += "<w:r><w:t xml:space=\"preserve\">" + r + "</w:t></w:r>"
	}
	return text + "</w:p>"
}

func TestWordDocument(t *testing.T) {
	d := read(t, "x.docx", word(t,
		para("Điều", " 1. ", "Một")+
			`<w:p><w:r><w:t>1. Cũ</w:t></w:r><w:del><w:r><w:delText> đã bỏ</w:delText><w:t>gone</w:t></w:r></w:del><w:ins><w:r><w:t> mới.</w:t><w:br/><w:t>2. Dòng</w:t><w:tab/><w:t>sau.</w:t></w:r></w:ins></w:p>`+
			`<mc:AlternateContent><mc:Choice>`+para("3. Hộp.")+`</mc:Choice><mc:Fallback>`+para("3. Hộp.")+`</mc:Fallback></mc:AlternateContent>`+
			`<w:tbl><w:tr><w:tc>`+para("a")+para("b")+`</w:tc><w:tc>`+para("c")+`</w:tc></w:tr></w:tbl>`+
			`<w:tbl><w:tr><w:tc>`+para("Điều 2. Hai")+para("Lời.")+`</w:tc><w:tc>`+para("bên")+`</w:tc></w:tr></w:tbl>`))
	same(t, outline(d), []string{"1 Một [1 2 3]", "2 Hai"})
	if got, want := d.Articles[0].Text(), "1. Cũ mới.\n2. Dòng sau.\n3. Hộp.\na b | c"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	numbered := `<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>Lời.</w:t></w:r></w:p>`
	d = read(t, "x.docx", word(t, para("Điều 1. Một")+numbered+numbered))
	if got := problems(d); !strings.Contains(got, "line 2: the paragraph has an automatic number") || !strings.Contains(got, "1 more") {
		t.Errorf("automatic numbers are lost without a word:\n%s", got)
	}
}

func TestHTMLPage(t *testing.T) {
	d := read(t, "x.html", []byte(`<!DOCTYPE html><html><head><title>Điều 9. x</title><style>p{}</style></head><body><nav>Trang chủ</nav>
		<p><b>Điều 1.</b> Tên
		 điều</p><p>1.&nbsp;Một&#7841;.<br>2. Hai.</p><script>Điều 8. x</script>
		<table><tr><th>Tuổi<td>Mức</tr><tr><td><p>dưới 4</p></td><td>2,5</td></tr></table></body></html>`))
	same(t, outline(d), []string{"1 Tên điều [1 2]"})
	if got, want := d.Articles[0].Text(), "1. Mộtạ.\n2. Hai.\nTuổi | Mức\ndưới 4 | 2,5"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWindowsText(t *testing.T) {
	data := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune("Điều 1. Một\r\n1. Lời.\r\n")) {
		data = append(data, byte(u), byte(u>>8))
	}
	same(t, outline(read(t, "x.txt", data)), []string{"1 Một [1]"})
}

// TestRefused says which files are not read, and that the error tells what to do.
func TestRefused(t *testing.T) {
	bomb := packed(t, `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">`+strings.Repeat(" ", 33<<20))
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"unpacks to more":    {bomb, "unpacks to more than"},
		"much text":          {word(t, strings.Repeat(para(strings.Repeat("x", 1<<20)), 9)), "bytes of text"},
		"zip without Word":   {mustZip(t), "word/document.xml is missing"},
		"cut off":            {word(t, para("Điều 1. Một"))[:200], "not a readable .docx"},
		"broken XML":         {packed(t, "<w:document><w:p>"), "not a readable .docx"},
		"old Word":           {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "save it as .docx"},
		"RTF":                {[]byte(`{\rtf1 x}`), "save it as .docx"},
		"PDF cut off":        {[]byte("%PDF-1.7\n1 0 obj\n<<"), "not a readable .pdf"},
		"bytes":              {[]byte("a\x00b"), "no text file"},
		"an old font's text": {[]byte(strings.Repeat("\xA7i\xD2u 1. T\xAAn\n", 10)), "not UTF-8"},
		"too large":          {make([]byte, statute.MaxFile+1), "at most"},
	} {
		if _, err := statute.Read("x", c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func mustZip(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := zip.NewWriter(&out).Close(); err != nil {
		t.Fatal(err)
	}
	return append([]byte("PK\x03\x04"), out.Bytes()...)
}
