package statute

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
)

// Limits of what is read. The longest Vietnamese code has about 1 MB of text.
const (
	MaxFile = 32 << 20 // bytes of a file
	maxText = 8 << 20  // bytes of text taken out of it
	maxLine = 200_000  // lines or paragraphs
)

// line is one line or paragraph of the file, cleaned.
type line struct {
	text string
	page int  // 0: no pages
	n    int  // from 1; within the page, if there are pages
	row  bool // a table's row: nothing is joined to it
}

func (l line) place() Place { return Place{l.page, l.n} }

// Read takes a file apart. name tells the format where the content does not. It fails if the file cannot be read at all;
// what it could not read surely is in the document's Problems. Bad input never panics.
func Read(name string, data []byte) (*Document, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%s: %d bytes; a statute has at most %d", name, len(data), MaxFile)
	}
	lines, problems, err := extract(name, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := &Document{Problems: problems}
	var body []line
	d.Head, body = readHead(lines)
	body, d.Furniture = dropFurniture(body)
	newParser(d, unwrap(body)).run()
	return d, nil
}

// extract gives the lines of a file.
func extract(name string, data []byte) ([]line, []Problem, error) {
	switch start := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 512)], []byte("\xEF\xBB\xBF")), " \t\r\n"); {
	case bytes.HasPrefix(start, []byte("%PDF-")):
		return readPDF(data)
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return readDocx(data)
	case bytes.HasPrefix(start, []byte("\xD0\xCF\x11\xE0")):
		return nil, nil, errors.New("this is the old Word format; open it and save it as .docx")
	case bytes.HasPrefix(start, []byte(`{\rtf`)):
		return nil, nil, errors.New("this is RTF; open it and save it as .docx")
	case isHTML(name, start):
		return readHTML(data)
	default:
		return readText(data)
	}
}

func isHTML(name string, start []byte) bool {
	ext := strings.ToLower(path.Ext(name))
	start = bytes.ToLower(start)
	return ext == ".html" || ext == ".htm" || bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}
