package report

import (
	"cmp"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v3"
)

// Names are how people call what a report counts, by its key in the store.
type Names struct {
	Topics, Channels, Levels, Categories, Outcomes map[string]string
	Commune                                        func(code string) string
	Entry                                          func(id string) string
}

// Document is a report ready to be read.
type Document struct {
	Title         string
	Intro         []string
	Summary       []Fact
	Sections      []Section
	Number, Total string   // headings of columns
	Blanks        []string // what whoever hands the report in fills in by hand
	BlanksTitle   string
	First         string // name of the spreadsheet's first sheet
}

// Fact is one line of the summary.
type Fact struct{ Label, Value string }

// Section is one table with its plot.
type Section struct {
	Key, Title, Column string
	Rows               []Bar
	Few                string // what stands for a number that is not told
	Total              int
	HasTotal           bool
	Plot               template.HTML
}

// wording is forms/report.yaml.
type wording struct {
	Title    string            `yaml:"title"`
	Plan     string            `yaml:"plan"`
	Period   string            `yaml:"period"`
	Since    string            `yaml:"since"`
	Rounded  string            `yaml:"rounded"`
	Settled  string            `yaml:"settled"`   // until when cases are told
	Unripe   string            `yaml:"unsettled"` // why none are
	Few      string            `yaml:"few"`
	Blanks   []string          `yaml:"blanks"`
	ByHand   string            `yaml:"by_hand"`
	Total    string            `yaml:"total"`
	Number   string            `yaml:"number"`
	Summary  string            `yaml:"summary"`
	Lines    map[string]string `yaml:"lines"`
	Sections []struct {
		Key    string `yaml:"key"`
		Title  string `yaml:"title"`
		Column string `yaml:"column"`
	} `yaml:"sections"`
	Topics  map[string]string `yaml:"topics"`
	Live    string            `yaml:"live"`
	Nowhere string            `yaml:"nowhere"`
}

// Write puts a report into words, those of forms/report.yaml in the content.
func Write(r Report, content fs.FS, n Names) (Document, error) {
	var w wording
	data, err := fs.ReadFile(content, "forms/report.yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &w)
	}
	if err != nil {
		return Document{}, fmt.Errorf("words of the report: %w", err)
	}
	date := func(t time.Time) string { return t.In(vietnam).Format("02/01/2006") }
	fill := strings.NewReplacer("{from}", date(r.Period.From), "{to}", date(r.Period.Last()), "{made}", date(r.Made), "{since}", date(r.Since),
		"{settled}", date(r.CasesUntil.AddDate(0, 0, -1)), "{few}", strconv.Itoa(Veiling))
	d := Document{Title: w.Title, Number: w.Number, Total: w.Total, First: w.Summary, Blanks: w.Blanks, BlanksTitle: w.ByHand, Intro: []string{w.Plan, fill.Replace(w.Period)}}
	if !r.Since.IsZero() {
		d.Intro = append(d.Intro, fill.Replace(w.Since))
	}
	if r.CasesUntil.IsZero() {
		d.Intro = append(d.Intro, w.Unripe)
	} else {
		d.Intro = append(d.Intro, fill.Replace(w.Settled))
	}
	d.Intro = append(d.Intro, fill.Replace(w.Rounded))
	line := func(key, value string) { d.Summary = append(d.Summary, Fact{w.Lines[key], value}) }
	line("questions", strconv.Itoa(r.Questions))
	line("unknown", strconv.Itoa(r.Unknown))
	if r.Questions > 0 {
		line("share", percent(float64(r.Unknown)/float64(r.Questions)))
	}
	line("helpful", fmt.Sprintf("%d / %d", r.Helpful, r.Unhelpful))
	if !r.CasesUntil.IsZero() {
		w.cases(line, r)
	}
	line("segments", strconv.Itoa(r.Segments))
	if r.Cost > 0 {
		line("cost", strconv.FormatFloat(r.Cost, 'f', 0, 64))
	}
	name := func(of map[string]string, other func(key string) string) func(string) string {
		return func(key string) string {
			if label := of[key]; label != "" {
				return label
			}
			return other(key)
		}
	}
	itself := func(key string) string { return cmp.Or(key, w.Nowhere) }
	commune := func(code string) string {
		if code == "" || n.Commune == nil {
			return itself(code)
		}
		return n.Commune(code)
	}
	few := fill.Replace(w.Few)
	named := map[string]struct {
		table Table
		name  func(string) string
	}{
		"topic":    {r.ByTopic, name(n.Topics, name(w.Topics, itself))},
		"channel":  {r.ByChannel, name(n.Channels, itself)},
		"week":     {r.ByWeek, weekName},
		"commune":  {r.ByCommune, commune},
		"entry":    {entries(r.Entries), func(id string) string { return cmp.Or(n.Entry(id), id) }},
		"level":    {r.ByLevel, name(n.Levels, itself)},
		"category": {r.ByCategory, name(n.Categories, itself)},
		"outcome":  {r.ByOutcome, name(n.Outcomes, name(map[string]string{Live: w.Live}, itself))},
		"place":    {r.CasesAt, commune},
	}
	for _, s := range w.Sections {
		of, known := named[s.Key]
		if !known {
			return d, fmt.Errorf("forms/report.yaml: there is no table %q", s.Key)
		}
		out := Section{Key: s.Key, Title: s.Title, Column: s.Column, Total: of.table.Total, HasTotal: s.Key != "entry" && !of.table.Veiled, Few: few}
		if slices.Contains(ofCases, s.Key) && r.CasesUntil.IsZero() {
			continue
		}
		for _, row := range of.table.Rows {
			out.Rows = append(out.Rows, Bar{Label: of.name(row.Key), N: row.N, Few: row.Few})
		}
		if s.Key == "week" {
			out.Plot = Columns(s.Title, out.Rows)
		} else {
			out.Plot = Bars(s.Title, out.Rows)
		}
		d.Sections = append(d.Sections, out)
	}
	return d, nil
}

// ofCases are the tables that tell of cases.
var ofCases = []string{"level", "category", "outcome", "place"}

// cases writes the summary's lines about cases.
func (w *wording) cases(line func(key, value string), r Report) {
	if r.Cases == 0 {
		line("cases", w.Lines["few"])
	} else {
		line("cases", strconv.Itoa(r.Cases))
	}
	for _, t := range []struct {
		times       Times
		median, p90 string
	}{{r.Contact.Taken, "median", "p90"}, {r.Contact.Spoken, "spoken", "spoken_p90"}} {
		if !t.times.Enough {
			line(t.median, w.Lines["few"])
			continue
		}
		line(t.median, w.wait(t.times.Median))
		line(t.p90, w.wait(t.times.P90))
	}
	if r.Contact.Taken.Enough {
		line("in_time", strconv.Itoa(int(math.Round(100*r.Contact.InTime)))+" %")
	}
}

func entries(all []Entry) Table {
	var t Table
	for _, e := range all {
		t.Rows = append(t.Rows, Row{Key: e.ID, N: e.N})
	}
	return t
}

// weekName is a week's Monday as people write it.
func weekName(day string) string {
	t, err := ParseDay(day)
	if err != nil {
		return day
	}
	return t.Format("02/01/2006")
}

func percent(share float64) string {
	return strings.Replace(strconv.FormatFloat(100*share, 'f', 1, 64), ".", ",", 1) + " %"
}

// wait is a span as people say it.
func (w *wording) wait(d time.Duration) string {
	unit, n := "hours", int(d.Hours())
	switch {
	case d < time.Minute:
		unit, n = "seconds", int(d.Seconds())
	case d < 2*time.Hour:
		unit, n = "minutes", int(d.Minutes())
	}
	return strings.ReplaceAll(w.Lines[unit], "{n}", strconv.Itoa(n))
}

// HTML writes the document as a page to print.
func (d Document) HTML(w io.Writer, content fs.FS) error {
	page, err := template.ParseFS(content, "forms/report.html")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return page.Execute(w, d)
}

// Spreadsheet writes the document as .xlsx: the summary, then a sheet for each table.
func (d Document) Spreadsheet(w io.Writer) error {
	f := excelize.NewFile()
	defer f.Close()
	first := d.First
	if err := f.SetSheetName("Sheet1", first); err != nil {
		return err
	}
	put := func(sheet string, rows [][]any) error {
		for i, row := range rows {
			if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
				return err
			}
		}
		return f.SetColWidth(sheet, "A", "A", 60)
	}
	rows := [][]any{{d.Title}}
	for _, line := range d.Intro {
		rows = append(rows, []any{line})
	}
	rows = append(rows, []any{})
	for _, s := range d.Summary {
		rows = append(rows, []any{s.Label, s.Value})
	}
	if len(d.Blanks) > 0 {
		rows = append(rows, []any{}, []any{d.BlanksTitle})
	}
	for _, b := range d.Blanks {
		rows = append(rows, []any{b})
	}
	if err := put(first, rows); err != nil {
		return fmt.Errorf("spreadsheet: %w", err)
	}
	for i, s := range d.Sections {
		sheet := fmt.Sprintf("%d. %s", i+1, s.Column) // titles may be longer than a sheet's name can be
		if _, err := f.NewSheet(sheet); err != nil {
			return fmt.Errorf("spreadsheet: %w", err)
		}
		rows := [][]any{{s.Title}, {s.Column, d.Number}}
		for _, row := range s.Rows {
			if row.Few {
				rows = append(rows, []any{row.Label, s.Few})
			} else {
				rows = append(rows, []any{row.Label, row.N})
			}
		}
		if s.HasTotal {
			rows = append(rows, []any{d.Total, s.Total})
		}
		if err := put(sheet, rows); err != nil {
			return fmt.Errorf("spreadsheet: %w", err)
		}
	}
	return f.Write(w)
}
