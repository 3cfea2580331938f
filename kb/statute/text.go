package statute

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"treem/kb/vitext"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// readText reads UTF-8, or UTF-16 with a byte order mark, as Windows writes it. A form feed begins a page.
func readText(data []byte) ([]line, []Problem, error) {
	decoded, _, err := transform.Bytes(unicode.BOMOverride(unicode.UTF8.NewDecoder()), data)
	if err != nil {
		return nil, nil, err
	}
	return splitLines(string(decoded))
}

func splitLines(text string) ([]line, []Problem, error) {
	if strings.ContainsRune(text, 0) {
		return nil, nil, errors.New("this is no text file")
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\u0085", "\n").Replace(text)
	pages := strings.Split(text, "\f")
	var lines []line
	n, broken := 0, 0
	for p, page := range pages {
		for raw := range strings.SplitSeq(page, "\n") {
			n++
			if strings.ContainsRune(raw, utf8.RuneError) {
				broken++
			}
			l := line{text: vitext.Clean(raw), n: n}
			if len(pages) > 1 {
				l.page = p + 1
			}
			if lines = append(lines, l); len(lines) > maxLine {
				return nil, nil, fmt.Errorf("more than %d lines", maxLine)
			}
		}
	}
	if broken*20 > len(lines) && broken > 1 {
		return nil, nil, errors.New("the text is not UTF-8, perhaps in an old font such as .VnTime or VNI; convert it to Unicode and save it as UTF-8")
	}
	return lines, nil, nil
}
