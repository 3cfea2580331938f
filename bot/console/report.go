package console

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"treem/bot/report"
)

type reportPage struct {
	Year, Before, After int // After 0: the year is this one
	report.Document
}

// report shows the figures of a year.
func (c *Console) report(v *visit) (answer, error) {
	this := c.cfg.Now().AddDate(0, 0, -1).In(vietnam).Year() // of the last day that is over
	p := reportPage{Year: this}
	if y := v.FormValue("year"); y != "" {
		p.Year, _ = strconv.Atoi(y)
	}
	p.Before = p.Year - 1
	if p.Year < this {
		p.After = p.Year + 1
	}
	var err error
	p.Document, err = c.cfg.Report(v.Context(), p.Year)
	return answer{page: "report", title: "nav.report", data: p}, err
}

// reportFile is the report of a year to keep: 2026.html to print, 2026.xlsx.
func (c *Console) reportFile(v *visit) (answer, error) {
	name := v.PathValue("file")
	var year int
	var ending string
	if n, err := fmt.Sscanf(name, "%4d.%4s", &year, &ending); err != nil || n != 2 {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	d, err := c.cfg.Report(v.Context(), year)
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
