package statute

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"treem/kb/vitext"

	"github.com/ledongthuc/pdf"
)

// Bounds of the work on a .pdf.
const (
	maxPages   = 3000
	maxContent = 64 << 20 // bytes of one page's instructions, unpacked
	maxForms   = 5        // forms within forms
)

// readPDF reads the text of a .pdf line by line as printed. A scanned one has no text and is refused.
func readPDF(data []byte) (lines []line, problems []Problem, err error) {
	defer func() {
		if p := recover(); p != nil { // the library panics on broken files
			lines, problems, err = nil, nil, fmt.Errorf("not a readable .pdf (%v); print it to a new .pdf, or save it as .docx", p)
		}
	}()
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, nil, fmt.Errorf("not a readable .pdf: %w", err)
	}
	pages := r.NumPage()
	if pages > maxPages {
		return nil, nil, fmt.Errorf("%d pages; at most %d are read", pages, maxPages)
	}
	size, empty := 0, 0
	for n := 1; n <= pages; n++ {
		page := r.Page(n)
		w := writer{fonts: map[string]*font{}, resources: page.Resources()}
		if err := w.draw(page.V.Key("Contents")); err != nil {
			return nil, nil, fmt.Errorf("page %d: %w", n, err)
		}
		printed := w.lines()
		if len(printed) == 0 {
			empty++
		}
		for k, text := range printed {
			lines = append(lines, line{text: vitext.Clean(text), page: n, n: k + 1})
			if size += len(text); size > maxText || len(lines) > maxLine {
				return nil, nil, fmt.Errorf("more than %d bytes or %d lines of text", maxText, maxLine)
			}
		}
	}
	switch {
	case len(lines) == 0:
		return nil, nil, errors.New("the .pdf has no text; it is a scan. Get the text edition, or recognise the text first")
	case empty > 0:
		problems = append(problems, Problem{Warning, Place{}, fmt.Sprintf("%d of %d pages have no text; they may be scans", empty, pages)})
	}
	return lines, problems, nil
}

// run is a piece of text that a page shows in one go.
type run struct {
	x, y, end float64 // beginning and end on the base line, in the page's units
	size      float64
	text      string
}

// font is a page's font: how its codes read and how wide they are.
type font struct {
	enc    pdf.TextEncoding
	wide   bool // codes have two bytes
	widths map[int]float64
	other  float64 // of codes without a width
}

// matrix is [a b c d e f] of ISO 32000-1, 8.3.3.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

func (m matrix) times(n matrix) matrix {
	return matrix{m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

// writer follows a page's instructions as far as text needs it (ISO 32000-1, 9.4).
type writer struct {
	resources pdf.Value
	fonts     map[string]*font
	runs      []run
	depth     int

	graphics graphics
	stack    []graphics
	text     matrix // text matrix
	line     matrix // text line matrix
}

// graphics is the part of the graphics state that places text.
type graphics struct {
	page                       matrix
	font                       *font
	size, char, word, lead, up float64
	scale                      float64
	initialised                bool
}

// draw runs the instructions of a page or form.
func (w *writer) draw(content pdf.Value) error {
	if content.IsNull() {
		return nil
	}
	for _, stream := range streams(content) {
		if stream.Kind() != pdf.Stream {
			return nil
		}
		r := stream.Reader()
		n, err := io.Copy(io.Discard, io.LimitReader(r, maxContent))
		r.Close()
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		if n == maxContent {
			return fmt.Errorf("unpacks to more than %d bytes; this is no ordinary document", maxContent)
		}
	}
	if !w.graphics.initialised {
		w.graphics = graphics{page: identity, scale: 1, initialised: true}
	}
	var failed error
	pdf.Interpret(content, func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		if failed == nil {
			failed = w.do(op, args)
		}
	})
	return failed
}

func streams(content pdf.Value) []pdf.Value {
	if content.Kind() != pdf.Array {
		return []pdf.Value{content}
	}
	var all []pdf.Value
	for i := range content.Len() {
		all = append(all, content.Index(i))
	}
	return all
}

// numbers reads the operands; ok is false if there are fewer than want.
func numbers(args []pdf.Value, want int) (n [6]float64, ok bool) {
	if len(args) < want {
		return n, false
	}
	for i := range want {
		n[i] = args[len(args)-want+i].Float64()
	}
	return n, true
}

// wants is how many numbers an instruction takes.
var wants = map[string]int{"cm": 6, "Td": 2, "TD": 2, "Tm": 6, "TL": 1, "Tc": 1, "Tw": 1, "Tz": 1, "Ts": 1, "Tf": 1, `"`: 0}

func (w *writer) do(op string, args []pdf.Value) error {
	n, ok := numbers(args, wants[op])
	if !ok {
		return nil
	}
	g := &w.graphics
	switch op {
	case "q":
		if len(w.stack) < 1000 {
			w.stack = append(w.stack, *g)
		}
	case "Q":
		if k := len(w.stack); k > 0 {
			*g, w.stack = w.stack[k-1], w.stack[:k-1]
		}
	case "cm":
		g.page = matrix(n).times(g.page)
	case "BT":
		w.text, w.line = identity, identity
	case "Tf":
		if len(args) >= 2 {
			g.font, g.size = w.font(args[len(args)-2].Name()), n[0]
		}
	case "Tc":
		g.char = n[0]
	case "Tw":
		g.word = n[0]
	case "Tz":
		g.scale = n[0] / 100
	case "TL":
		g.lead = n[0]
	case "Ts":
		g.up = n[0]
	case "Td", "TD":
		if op == "TD" {
			g.lead = -n[1]
		}
		w.move(n[0], n[1])
	case "T*":
		w.move(0, -g.lead)
	case "Tm":
		w.text, w.line = matrix(n), matrix(n)
	case "Tj", "'", `"`:
		if op != "Tj" {
			w.move(0, -g.lead)
		}
		if len(args) > 0 {
			w.show(args[len(args)-1])
		}
	case "TJ":
		if len(args) > 0 {
			w.showSpaced(args[len(args)-1])
		}
	case "Do":
		if len(args) > 0 {
			return w.form(w.resources.Key("XObject").Key(args[0].Name()))
		}
	}
	return nil
}

func (w *writer) move(x, y float64) {
	w.line = matrix{1, 0, 0, 1, x, y}.times(w.line)
	w.text = w.line
}

// form draws a form: a page part with instructions and fonts of its own.
func (w *writer) form(x pdf.Value) error {
	if x.Key("Subtype").Name() != "Form" || w.depth >= maxForms {
		return nil
	}
	before, resources, fonts, depth := w.graphics, w.resources, w.fonts, len(w.stack)
	w.depth++
	if own := x.Key("Resources"); !own.IsNull() {
		w.resources, w.fonts = own, map[string]*font{}
	}
	if m := x.Key("Matrix"); m.Len() == 6 {
		var own matrix
		for i := range own {
			own[i] = m.Index(i).Float64()
		}
		w.graphics.page = own.times(w.graphics.page)
	}
	err := w.draw(x)
	w.depth--
	w.graphics, w.resources, w.fonts, w.stack = before, resources, fonts, w.stack[:min(depth, len(w.stack))]
	return err
}

func (w *writer) font(name string) *font {
	if f, ok := w.fonts[name]; ok {
		return f
	}
	f := readFont(w.resources.Key("Font").Key(name))
	w.fonts[name] = f
	return f
}

func readFont(v pdf.Value) *font {
	own := pdf.Font{V: v}
	f := &font{enc: own.Encoder(), widths: map[int]float64{}, other: v.Key("FontDescriptor").Key("MissingWidth").Float64()}
	if v.Key("Subtype").Name() != "Type0" {
		for i, w := range own.Widths() {
			f.widths[own.FirstChar()+i] = w
		}
		return f
	}
	f.wide, f.other = true, 1000
	below := v.Key("DescendantFonts").Index(0)
	if dw := below.Key("DW"); !dw.IsNull() {
		f.other = dw.Float64()
	}
	// W is a list of "first [width …]" and "first last width" (ISO 32000-1, 9.7.4.3).
	w := below.Key("W")
	for i := 0; i+1 < w.Len(); {
		first := int(w.Index(i).Int64())
		if list := w.Index(i + 1); list.Kind() == pdf.Array {
			for k := range list.Len() {
				f.widths[first+k] = list.Index(k).Float64()
			}
			i += 2
			continue
		}
		last := int(w.Index(i + 1).Int64())
		for code := first; code <= min(last, first+0xFFFF); code++ {
			f.widths[code] = w.Index(i + 2).Float64()
		}
		i += 3
	}
	return f
}

// advance is how far a string moves, in text space.
func (g *graphics) advance(raw string) float64 {
	sum := 0.0
	step := 1
	if g.font.wide {
		step = 2
	}
	for i := 0; i+step <= len(raw); i += step {
		code := int(raw[i])
		if step == 2 {
			code = code<<8 | int(raw[i+1])
		}
		width, ok := g.font.widths[code]
		if !ok {
			width = g.font.other
		}
		sum += width/1000*g.size + g.char
		if step == 1 && code == ' ' {
			sum += g.word
		}
	}
	return sum * g.scale
}

// show writes one string as a run.
func (w *writer) show(v pdf.Value) {
	g := &w.graphics
	if g.font == nil || v.Kind() != pdf.String {
		return
	}
	raw := v.RawString()
	from := matrix{1, 0, 0, 1, 0, g.up}.times(w.text).times(g.page)
	w.text = matrix{1, 0, 0, 1, g.advance(raw), 0}.times(w.text)
	to := w.text.times(g.page)
	size := g.size * max(abs(from[3]), abs(from[1]))
	w.runs = append(w.runs, run{x: from[4], y: from[5], end: to[4], size: size, text: g.font.enc.Decode(raw)})
}

// showSpaced writes strings with the shifts between them.
func (w *writer) showSpaced(list pdf.Value) {
	for i := range list.Len() {
		v := list.Index(i)
		if v.Kind() == pdf.String {
			w.show(v)
			continue
		}
		w.text = matrix{1, 0, 0, 1, -v.Float64() / 1000 * w.graphics.size * w.graphics.scale, 0}.times(w.text)
	}
}

func abs(x float64) float64 { return max(x, -x) }

// lines puts the runs into lines, top down and left to right. What stands less than half a letter lower is on the same
// line; a gap of more than a tenth of the letters' size is a space.
func (w *writer) lines() []string {
	runs := slices.DeleteFunc(w.runs, func(r run) bool { return r.text == "" || r.y != r.y || r.x != r.x })
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(b.y, a.y) })
	var out []string
	for from := 0; from < len(runs); {
		to := from + 1
		for to < len(runs) && runs[from].y-runs[to].y < max(1, runs[from].size*.45) {
			to++
		}
		if text := lineText(runs[from:to]); strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
		from = to
	}
	return out
}

func lineText(runs []run) string {
	slices.SortStableFunc(runs, func(a, b run) int { return cmp.Compare(a.x, b.x) })
	var b strings.Builder
	for i, r := range runs {
		if i > 0 && r.x-runs[i-1].end > max(.5, r.size/10) {
			b.WriteByte(' ')
		}
		b.WriteString(r.text)
	}
	return b.String()
}
