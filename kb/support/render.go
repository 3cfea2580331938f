package support

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"treem/kb"
	"treem/kb/vitext"
)

// Text is the result as read in a chat, without citations and date of check. self is what a child calls itself.
func (f *Finder) Text(r Result, who kb.Audience, self string) string {
	t := writer{f: f, who: who, self: self}
	for _, n := range r.Notes {
		if n.First {
			t.paragraph(n.Text)
		}
	}
	if len(r.Monthly)+len(r.Once) == 0 {
		t.paragraph(f.Says["none"])
	} else {
		t.paragraph(f.Says["heading"])
	}
	for _, g := range slices.Concat(r.Monthly, r.Once) {
		t.line("– " + t.say(g.Name) + ": " + t.amount(g))
	}
	if r.Total > 0 && len(r.Monthly) > 1 {
		t.line(strings.ReplaceAll(t.say(f.Says["total"]), "{amount}", Dong(r.Total)))
	}
	if r.HighestOnly {
		t.line(t.say(f.Says["each"]))
	}
	for _, n := range r.Notes {
		if !n.First {
			t.paragraph(n.Text)
		}
	}
	for i, g := range r.Unsure {
		if i == 0 {
			t.paragraph(f.Says["unsure"])
		}
		line := "– " + t.say(g.Name) + ": " + t.amount(g) + ", " + t.say(f.Says["if"]) + " " + t.say(g.If)
		if g.Instead {
			line += " (" + t.say(f.Says["instead"]) + ")"
		}
		t.line(line + ".")
	}
	for i, g := range r.Help {
		if i == 0 {
			t.paragraph(f.Says["help"])
		}
		t.line("– " + t.say(g.Name))
	}
	for i, s := range r.Steps {
		if i == 0 {
			t.paragraph(f.Says["steps"])
		}
		t.line("– " + t.say(s.Text))
	}
	t.paragraph(f.Says["closing"])
	return strings.TrimSpace(t.String())
}

// writer puts a result into words for one reader.
type writer struct {
	strings.Builder
	f    *Finder
	who  kb.Audience
	self string
}

func (t *writer) say(w Wording) string { return w.For(t.who, t.self) }

func (t *writer) line(text string) { t.WriteString("\n" + text) }

func (t *writer) paragraph(w Wording) { t.WriteString("\n\n" + t.say(w)) }

// amount writes "ít nhất 1.350.000 đồng/tháng (540.000 × 2,5, tính từ 01/07/2026)".
func (t *writer) amount(g Grant) string {
	text := t.bound(g)
	if g.Text != "" {
		text += g.Text
	} else {
		text += joined(g.Amounts, " "+t.say(t.f.Says["or"])+" ") + " đồng"
		if g.Kind == Monthly {
			text += "/tháng"
		}
	}
	since := strings.ReplaceAll(t.say(t.f.Says["since"]), "{date}", g.Since.Format("02/01/2006"))
	if g.Coefficient > 0 {
		digits := 1 // the decree writes "2,0" for a month and "50 lần" for an event
		if g.Kind == Once {
			digits = 0
		}
		coefficient := strings.ReplaceAll(strconv.FormatFloat(g.Coefficient, 'f', digits, 64), ".", ",")
		return fmt.Sprintf("%s (%s × %s, %s)", text, Dong(t.f.standard), coefficient, since)
	}
	return text + " (" + since + ")"
}

func (t *writer) bound(g Grant) string {
	switch {
	case g.Least:
		return t.say(t.f.Says["least"]) + " "
	case g.Most:
		return t.say(t.f.Says["most"]) + " "
	}
	return ""
}

func joined(amounts []int64, sep string) string {
	parts := make([]string, 0, len(amounts))
	for _, n := range amounts {
		parts = append(parts, Dong(n))
	}
	return strings.Join(parts, sep)
}

// smsBudget is three GSM-7 segments of a multi-part message, 3GPP TS 23.040: 3 × 153 characters.
const smsBudget = 459

// SMS is the result for a small screen: what is likely, how to apply and 111 always, the rest as far as three
// segments hold it.
func (f *Finder) SMS(r Result) string {
	parts := f.smsParts(r)
	room := smsBudget + 1
	kept := make([]bool, len(parts))
	for rank := needed; rank <= leastUseful; rank++ {
		for i, p := range parts {
			if size := len(p.text) + 1; p.rank == rank && (rank == needed || size <= room) {
				kept[i], room = true, room-size
			}
		}
	}
	var texts []string
	for i, p := range parts {
		if kept[i] {
			texts = append(texts, p.text)
		}
	}
	return strings.Join(texts, " ")
}

// The ranks of an SMS's sentences: which give way first when room is short.
const (
	needed = iota
	usefulNote
	usefulUnsure
	usefulSteps
	usefulHelp
	usefulRule
	leastUseful
)

type smsPart struct {
	text string
	rank int
}

// smsParts are the sentences of an SMS in order.
func (f *Finder) smsParts(r Result) []smsPart {
	var parts []smsPart
	add := func(rank int, text string) {
		if text = vitext.GSM(text); text != "" {
			parts = append(parts, smsPart{text, rank})
		}
	}
	for _, n := range r.Notes {
		if n.First {
			add(needed, n.Text.SMS)
		}
	}
	likely := slices.Concat(r.Monthly, r.Once)
	add(needed, f.smsLikely(r, likely))
	if r.HighestOnly {
		add(usefulRule, f.Says["each"].SMS)
	}
	for _, n := range r.Notes {
		if !n.First {
			add(usefulNote, n.Text.SMS)
		}
	}
	for _, g := range r.Unsure {
		add(usefulUnsure, f.Says["unsure"].SMS+" "+g.If.SMS+": "+g.Name.SMS+" "+f.smsAmount(g)+".")
	}
	var help []string
	for _, g := range r.Help {
		help = append(help, g.Name.SMS)
	}
	if len(help) > 0 {
		add(usefulHelp, f.Says["help"].SMS+" "+strings.Join(help, ", ")+".")
	}
	sure := f.stepsOf(likely)
	for _, s := range r.Steps {
		rank := usefulSteps
		if slices.ContainsFunc(sure, func(x Step) bool { return x.ID == s.ID }) {
			rank = needed
		}
		add(rank, s.Text.SMS)
	}
	if len(likely) > 0 {
		add(leastUseful, shortCitation(r.Citations))
	}
	add(needed, f.Says["closing"].SMS)
	return parts
}

// smsLikely is the sentence with the amounts, or the one that says there are none.
func (f *Finder) smsLikely(r Result, likely []Grant) string {
	if len(likely) == 0 {
		return f.Says["none"].SMS
	}
	var sums []string
	for _, g := range likely {
		sums = append(sums, g.Name.SMS+" "+f.smsAmount(g))
	}
	text := f.Says["heading"].SMS + " " + strings.Join(sums, "; ")
	if r.Total > 0 && len(r.Monthly) > 1 {
		text += ". " + strings.ReplaceAll(f.Says["total"].SMS, "{amount}", Dong(r.Total))
	}
	return text + " (" + strings.ReplaceAll(f.Says["since"].SMS, "{date}", likely[0].Since.Format("02/01/2006")) + ")."
}

func (f *Finder) smsAmount(g Grant) string {
	bound := ""
	switch {
	case g.Least:
		bound = f.Says["least"].SMS + " "
	case g.Most:
		bound = f.Says["most"].SMS + " "
	}
	if g.Text != "" {
		return bound + g.Text
	}
	unit := "d"
	if g.Kind == Monthly {
		unit = "d/thang"
	}
	return bound + joined(g.Amounts, " "+f.Says["or"].SMS+" ") + unit
}

// shortCitation names the articles of the first law: "(D.4, 5, 6 335/2026/ND-CP)".
func shortCitation(cites []kb.Citation) string {
	if len(cites) == 0 {
		return ""
	}
	var articles []string
	for _, c := range cites {
		if n := strconv.Itoa(c.Article); c.Law == cites[0].Law && !slices.Contains(articles, n) {
			articles = append(articles, n)
		}
	}
	return "(D." + strings.Join(articles, ", ") + " " + cites[0].Law + ")"
}
