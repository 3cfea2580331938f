package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// Bar is one bar of a plot.
type Bar struct {
	Label string
	N     int
	Few   bool // N is not told
}

// The measures of a plot, in units of its own.
const (
	plotWidth  = 720
	labelWidth = 230
	barHeight  = 22
)

// Bars draws counts as horizontal bars: an SVG without styles or scripts of its own, whose title and texts say what the bars
// show.
func Bars(title string, bars []Bar) template.HTML {
	most := 1
	for _, b := range bars {
		most = max(most, b.N)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="plot" role="img" viewBox="0 0 %d %d" xmlns="http://www.w3.org/2000/svg"><title>%s</title>`, plotWidth, len(bars)*barHeight+10, html.EscapeString(title))
	for i, b := range bars {
		y, width := i*barHeight+5, (plotWidth-labelWidth-60)*b.N/most
		number := fmt.Sprint(b.N)
		if b.Few {
			number = "…"
		}
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text><rect class="mark" x="%d" y="%d" width="%d" height="%d"/><text x="%d" y="%d">%s</text>`,
			labelWidth-8, y+15, html.EscapeString(short(b.Label)), labelWidth, y+2, width, barHeight-5, labelWidth+width+6, y+15, number)
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String()) // #nosec G203 -- every text in it is escaped above
}

// Columns draws counts over time as upright bars, the first and the last with their labels.
func Columns(title string, bars []Bar) template.HTML {
	const height, floor = 180, 150
	most := 1
	for _, b := range bars {
		most = max(most, b.N)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="plot" role="img" viewBox="0 0 %d %d" xmlns="http://www.w3.org/2000/svg"><title>%s</title>`, plotWidth, height, html.EscapeString(title))
	fmt.Fprintf(&s, `<line class="axis" x1="40" y1="%d" x2="%d" y2="%d"/><text x="34" y="20" text-anchor="end">%d</text><text x="34" y="%d" text-anchor="end">0</text>`,
		floor, plotWidth, floor, most, floor)
	step := float64(plotWidth-60) / float64(max(1, len(bars)))
	for i, b := range bars {
		h := (floor - 12) * b.N / most
		fmt.Fprintf(&s, `<rect class="mark" x="%.1f" y="%d" width="%.1f" height="%d"><title>%s: %d</title></rect>`, 44+step*float64(i), floor-h, max(1, step-2), h,
			html.EscapeString(b.Label), b.N)
	}
	if len(bars) > 0 {
		fmt.Fprintf(&s, `<text x="44" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>`, floor+20, html.EscapeString(bars[0].Label), plotWidth-16, floor+20,
			html.EscapeString(bars[len(bars)-1].Label))
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String()) // #nosec G203 -- every text in it is escaped above
}

func short(label string) string {
	if r := []rune(label); len(r) > 32 {
		return string(r[:31]) + "…"
	}
	return label
}
