package statute

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// maxMarkup bounds the unpacked XML of a .docx: a small file can unpack to any size.
const maxMarkup = 32 << 20

// readDocx reads the paragraphs and tables of a Word file (ECMA-376, word/document.xml). Deleted text of tracked changes,
// notes, headers and footers stay out.
func readDocx(data []byte) ([]line, []Problem, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, fmt.Errorf("not a readable .docx: %w", err)
	}
	for _, file := range z.File {
		if file.Name != "word/document.xml" {
			continue
		}
		r, err := file.Open()
		if err != nil {
			return nil, nil, fmt.Errorf("not a readable .docx: %w", err)
		}
		defer r.Close()
		limited := &io.LimitedReader{R: r, N: maxMarkup}
		lines, problems, err := readWordXML(limited)
		if limited.N <= 0 {
			return nil, nil, fmt.Errorf("unpacks to more than %d bytes; this is no ordinary document", maxMarkup)
		}
		return lines, problems, err
	}
	return nil, nil, errors.New("not a Word document: word/document.xml is missing")
}

const wordSpace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

// strictSpace is the same in ISO 29500 strict files.
const strictSpace = "http://purl.oclc.org/ooxml/wordprocessingml/main"

func readWordXML(r io.Reader) ([]line, []Problem, error) {
	var f flow
	var problems []Problem
	dec := xml.NewDecoder(r)
	inText, skip, numbered := false, 0, false
	for f.err == nil {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("not a readable .docx: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if skip > 0 || t.Name.Local == "Fallback" || t.Name.Local == "del" && isWord(t.Name) {
				skip++ // a second form of the same text, or deleted text
				continue
			}
			if !isWord(t.Name) {
				continue
			}
			switch t.Name.Local {
			case "p":
				f.end()
				numbered = false
			case "t":
				inText = true
			case "tab":
				f.write(" ")
			case "br", "cr":
				f.write("\n")
			case "noBreakHyphen":
				f.write("-")
			case "tbl":
				f.beginTable()
			case "tr":
				f.beginRow()
			case "tc":
				f.beginCell()
			case "numPr":
				numbered = true
			}
		case xml.EndElement:
			if skip > 0 {
				skip--
				continue
			}
			if !isWord(t.Name) {
				continue
			}
			switch t.Name.Local {
			case "t":
				inText = false
			case "p":
				if had := f.text.Len() > 0; had && numbered {
					problems = append(problems, Problem{Warning, Place{Line: f.n + 1},
						"the paragraph has an automatic number, which is no text of the file; turn the numbers into text in Word and save again"})
				}
				f.end()
			case "tr":
				f.endRow()
			case "tbl":
				f.endTable()
			}
		case xml.CharData:
			if inText && skip == 0 {
				f.write(string(t))
			}
		}
	}
	lines, err := f.finish()
	return lines, fewer(problems), err
}

func isWord(n xml.Name) bool { return n.Space == wordSpace || n.Space == strictSpace }

// fewer keeps the first of many problems of one kind and counts the others.
func fewer(problems []Problem) []Problem {
	if len(problems) <= 1 {
		return problems
	}
	first := problems[0]
	first.What += fmt.Sprintf(" (and %d more paragraphs)", len(problems)-1)
	return []Problem{first}
}
