package editorial

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"treem/kb"

	"github.com/xuri/excelize/v2"
)

// The sheets of a spreadsheet of the content: a row for each entry, and a row for each line of every other text.
const (
	entrySheet = "entries"
	textSheet  = "texts"
)

// column is one field of an entry in the spreadsheet.
type column struct {
	name string
	get  func(f *Form) string
	set  func(f *Form, cell string) error
}

func plainColumn(name string, field func(f *Form) *string) column {
	return column{name, func(f *Form) string { return *field(f) }, func(f *Form, cell string) error { *field(f) = cell; return nil }}
}

func columns() []column {
	all := []column{
		plainColumn("id", func(f *Form) *string { return &f.ID }), plainColumn("title", func(f *Form) *string { return &f.Title }),
		plainColumn("topic", func(f *Form) *string { return &f.Topic }), plainColumn("audience", func(f *Form) *string { return &f.Audience }),
		plainColumn("urgency", func(f *Form) *string { return &f.Urgency }), plainColumn("confidence", func(f *Form) *string { return &f.Confidence }),
		plainColumn("valid_from", func(f *Form) *string { return &f.ValidFrom }), plainColumn("checked_on", func(f *Form) *string { return &f.CheckedOn }),
		plainColumn("sign_off", func(f *Form) *string { return &f.SignOff }),
		{"questions", func(f *Form) string { return strings.Join(f.Questions, "\n") }, func(f *Form, cell string) error { f.Questions = Lines(cell); return nil }},
		{"citations", func(f *Form) string { return CitationLines(f.Citations) }, func(f *Form, cell string) (err error) { f.Citations, err = ParseCitations(cell); return err }},
		{"related", func(f *Form) string { return strings.Join(f.Related, "\n") }, func(f *Form, cell string) error { f.Related = Lines(cell); return nil }},
		plainColumn("next", func(f *Form) *string { return &f.Next }), plainColumn("sms", func(f *Form) *string { return &f.SMS }),
		plainColumn("parent", func(f *Form) *string { return &f.Parent }), plainColumn("child", func(f *Form) *string { return &f.Child }),
		{"media", mediaLines, parseMedia},
	}
	for _, l := range kb.Languages() {
		all = append(all, languageColumn("text_"+string(l), l, func(f *Form) *map[kb.Language]string { return &f.Texts }),
			languageColumn("sms_"+string(l), l, func(f *Form) *map[kb.Language]string { return &f.SMSIn }))
	}
	return all
}

func languageColumn(name string, l kb.Language, field func(f *Form) *map[kb.Language]string) column {
	return column{name, func(f *Form) string { return (*field(f))[l] }, func(f *Form, cell string) error {
		if cell == "" {
			return nil
		}
		if *field(f) == nil {
			*field(f) = map[kb.Language]string{}
		}
		(*field(f))[l] = cell
		return nil
	}}
}

// mediaLines writes pictures and recordings, one a line: file | kind | language | caption.
func mediaLines(f *Form) string {
	var lines []string
	for _, m := range f.Media {
		lines = append(lines, strings.Join([]string{m.File, string(m.Kind), string(m.Lang), m.Caption}, " | "))
	}
	return strings.Join(lines, "\n")
}

func parseMedia(f *Form, cell string) error {
	f.Media = nil
	for _, line := range Lines(cell) {
		parts := strings.SplitN(line, "|", 4)
		if len(parts) != 4 {
			return fmt.Errorf("%q is no picture or recording; write: file | kind | language | caption", line)
		}
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		f.Media = append(f.Media, kb.Media{File: parts[0], Kind: kb.MediaKind(parts[1]), Lang: kb.Language(parts[2]), Caption: parts[3]})
	}
	return nil
}

// MediaLines is mediaLines for forms.
func (f Form) MediaLines() string { return mediaLines(&f) }

// SetMedia reads what MediaLines writes.
func (f *Form) SetMedia(text string) error { return parseMedia(f, text) }

// WriteSheet writes the content as .xlsx. Pictures and recordings are not in it.
func WriteSheet(w io.Writer, files map[string][]byte) error {
	x := excelize.NewFile()
	defer x.Close()
	if err := x.SetSheetName("Sheet1", entrySheet); err != nil {
		return err
	}
	if _, err := x.NewSheet(textSheet); err != nil {
		return err
	}
	put := func(sheet string, row int, cells []string) error {
		for i, cell := range cells {
			at, err := excelize.CoordinatesToCellName(i+1, row)
			if err != nil {
				return err
			}
			if err := x.SetCellStr(sheet, at, cell); err != nil { // a string, never a formula
				return err
			}
		}
		return nil
	}
	head := []string{"path"}
	for _, c := range columns() {
		head = append(head, c.name)
	}
	if err := put(entrySheet, 1, head); err != nil {
		return err
	}
	if err := put(textSheet, 1, []string{"path", "line", "text"}); err != nil {
		return err
	}
	entry, text := 1, 1
	for _, name := range sorted(keys(files)) {
		if IsMedia(name) {
			continue
		}
		if f, err := Read(files[name]); err == nil && strings.HasPrefix(name, "entries/") {
			cells := []string{name}
			for _, c := range columns() {
				cells = append(cells, c.get(&f))
			}
			entry++
			if err := put(entrySheet, entry, cells); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		for i, line := range strings.Split(string(files[name]), "\n") {
			text++
			if err := put(textSheet, text, []string{name, strconv.Itoa(i + 1), line}); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return x.Write(w)
}

// ReadSheet returns the files as the spreadsheet has them. What it says the same as before stays byte for byte; a file that is
// no longer in it is gone; pictures and recordings stay. before is not changed.
func ReadSheet(data []byte, before map[string][]byte) (map[string][]byte, error) {
	x, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		return nil, fmt.Errorf("the spreadsheet cannot be opened: %w", err)
	}
	defer x.Close()
	after := map[string][]byte{}
	for name, file := range before {
		if IsMedia(name) {
			after[name] = file
		}
	}
	rows, err := x.GetRows(entrySheet, excelize.Options{RawCellValue: true})
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("the spreadsheet has no sheet %q as it was exported", entrySheet)
	}
	place := map[string]int{}
	for i, name := range rows[0] {
		place[name] = i
	}
	for _, c := range append([]column{{name: "path"}}, columns()...) {
		if _, there := place[c.name]; !there {
			return nil, fmt.Errorf("sheet %q has no column %q", entrySheet, c.name)
		}
	}
	cell := func(row []string, name string) string {
		if i := place[name]; i < len(row) {
			return strings.ReplaceAll(row[i], "\r\n", "\n")
		}
		return ""
	}
	for i, row := range rows[1:] {
		var f Form
		for _, c := range columns() {
			if err := c.set(&f, cell(row, c.name)); err != nil {
				return nil, fmt.Errorf("sheet %q, row %d: %s: %w", entrySheet, i+2, c.name, err)
			}
		}
		name := cell(row, "path")
		switch {
		case name == "" && f.ID == "":
			continue
		case name == "":
			name = f.Path()
		case !strings.HasPrefix(name, "entries/") || strings.Contains(name, ".."):
			return nil, fmt.Errorf("sheet %q, row %d: %q is no path of an entry", entrySheet, i+2, name)
		}
		file, err := f.Write()
		if err != nil {
			return nil, fmt.Errorf("sheet %q, row %d: %w", entrySheet, i+2, err)
		}
		if plain(string(before[name])) == string(file) {
			file = before[name]
		}
		after[name] = file
	}
	rows, err = x.GetRows(textSheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, fmt.Errorf("the spreadsheet has no sheet %q as it was exported", textSheet)
	}
	lines := map[string][]string{}
	for i, row := range rows {
		if i == 0 || len(row) == 0 {
			continue
		}
		if strings.Contains(row[0], "..") || strings.HasPrefix(row[0], "entries/") && !slices.Contains(keys(before), row[0]) {
			return nil, fmt.Errorf("sheet %q, row %d: %q is no path of a text", textSheet, i+1, row[0])
		}
		line := ""
		if len(row) > 2 {
			line = row[2]
		}
		lines[row[0]] = append(lines[row[0]], line)
	}
	for name, all := range lines {
		after[name] = []byte(strings.Join(all, "\n"))
	}
	return after, nil
}
