package console

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"treem/bot/report"
)

type reportPage struct {
	Year, Before, After int // After 0: the year is this one
	Part                string
	Parts               []reportPart
	report.Document
}

// reportPart is a part of a year that can be looked at: all of it, a quarter or a month.
type reportPart struct {
	Key, Word string // Word: the key of its name
	Number    int    // behind the name; 0: none
}

func reportParts() []reportPart {
	all := []reportPart{{Word: "report.year"}}
	for n := 1; n <= 4; n++ {
		all = append(all, reportPart{fmt.Sprint("q", n), "report.quarter", n})
	}
	for n := 1; n <= 12; n++ {
		all = append(all, reportPart{fmt.Sprint(n), "report.month", n})
	}
	return all
}

// report shows the figures of a year or of a part of it.
func (c *Console) report(v *visit) (answer, error) {
	this := c.cfg.Now().AddDate(0, 0, -1).In(vietnam).Year() // of the last day that is over
	p := reportPage{Year: this, Part: v.FormValue("part"), Parts: reportParts()}
	if y := v.FormValue("year"); y != "" {
		p.Year, _ = strconv.Atoi(y)
	}
	p.Before = p.Year - 1
	if p.Year < this {
		p.After = p.Year + 1
	}
	var err error
	p.Document, err = c.cfg.Report(v.Context(), p.Year, p.Part)
	return answer{page: "report", title: "nav.report", data: p}, err
}

// reportFile is the report of a year, or of a part of it, to keep: 2026.html to print, 2026-q1.xlsx.
func (c *Console) reportFile(v *visit) (answer, error) {
	name := v.PathValue("file")
	stem, ending, _ := strings.Cut(name, ".")
	number, part, _ := strings.Cut(stem, "-")
	year, err := strconv.Atoi(number)
	if err != nil {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	d, err := c.cfg.Report(v.Context(), year, part)
	if err != nil {
		return answer{}, err
	}
	var out bytes.Buffer
	f := &download{name: "treem-" + name}
	switch ending {
	case "html":
		f.kind, err = "text/html; charset=utf-8", d.HTML(&out, c.cfg.Forms)
	case "xlsx":
		f.kind, err = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", d.Spreadsheet(&out)
	default:
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	f.body = out.Bytes()
	return answer{file: f}, err
}
