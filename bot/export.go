package bot

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"time"

	"treem/bot/handover"
	"treem/bot/report"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/hotline"
	"treem/kb"
)

// form01 is what the template of Form 01 (Decree 56/2017/NĐ-CP) shows. Everything is ready to print.
type form01 struct {
	Ref, Made, Receiver, Channel, Opened, Category, CHI, Ongoing string
	MachineLevel, Rules, HumanLevel, Subject, Commune            string
	SafeNow, MayContact, SafeTime, Shared                        string
	Advice                                                       []string
	Words, History                                               []HistoryLine
}

// HistoryLine is one line of a case's history, or one thing that was said, ready to read.
type HistoryLine struct{ At, Text, What, Who, Detail string }

// WriteForm01 writes a case as Form 01 of Decree 56/2017/NĐ-CP, a page of HTML to print and sign. What treem does not
// know is left blank. lines are what the person wrote; receiver is the office that receives, or empty.
func (d *Desk) WriteForm01(w io.Writer, content fs.FS, c handover.Case, lines []channels.Line, receiver string, now time.Time) error {
	page, err := template.ParseFS(content, "forms/form-01.html")
	if err != nil {
		return fmt.Errorf("form 01: %w", err)
	}
	t, fill := d.Text, d.filler(&c)
	f := form01{Ref: c.Ref, Made: clock(now), Receiver: receiver, Channel: fill("{channel}"), Opened: clock(c.OpenedAt),
		Category: d.category(&c).Label, CHI: d.category(&c).CHI, Rules: c.Machine.Rules, MachineLevel: t.Levels[string(c.Machine.Level)],
		Subject: fill("{subject}"), Ongoing: fill("{ongoing}"), Commune: fill("{commune}"), SafeNow: fill("{safe}"),
		MayContact: fill("{contact}"), SafeTime: fill("{safe_time}"), Shared: fill("{shared}")}
	if c.Human != nil {
		f.HumanLevel = t.Levels[string(c.Human.Level)] + " · " + d.officerName(c.Human.By) + " · " + clock(c.Human.At)
	}
	for _, a := range c.Advice {
		label := a.ID
		if known, ok := t.Categories[a.ID]; ok {
			label = known.Label
		}
		f.Advice = append(f.Advice, fmt.Sprintf("%s: hướng dẫn \"%s\", bản %s", clock(a.At), label, a.Revision))
	}
	for _, l := range lines {
		f.Words = append(f.Words, HistoryLine{At: clock(l.At), Text: l.Text})
	}
	f.History = d.History(&c)
	return page.Execute(w, f)
}

// History is a case's history, oldest first, in the words of desk.yaml.
func (d *Desk) History(c *handover.Case) []HistoryLine {
	var all []HistoryLine
	for _, e := range c.Events {
		line := HistoryLine{At: clock(e.At), What: d.Text.History[string(e.Action)], Detail: e.Detail}
		if e.Actor != handover.Person && e.Actor != handover.Machine {
			line.Who = d.officerName(e.Actor)
		}
		if e.Action == handover.ActRefer {
			line.Detail = d.Text.Referrals[e.Detail]
		}
		all = append(all, line)
	}
	return all
}

// Fill puts what is known of a case into a text with the names of desk.yaml in braces.
func (d *Desk) Fill(c *handover.Case, text string) string { return d.filler(c)(text) }

// clock is a time as a form shows it.
func clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(vietnam).Format("15:04 02/01/2006")
}

// WritePrimero writes a case as the body of Primero's POST /api/v2/cases, for systems that treem does not reach itself.
func (d *Desk) WritePrimero(w io.Writer, c handover.Case) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{"data": hotline.PrimeroFields(c.Public(d.category(&c).CHI))})
}

// csvColumns are those of WriteCSV. None of them tells who anybody is: a day, not a time; a commune, not a place.
var csvColumns = []string{"opened", "level", "human_level", "category", "chi", "subject", "channel", "commune", "status", "outcome",
	"tier", "minutes_to_officer"}

// WriteCSV writes cases for statistics, without identities. minutes_to_officer is empty while nobody took the case.
func (d *Desk) WriteCSV(w io.Writer, cases []handover.Case) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return err
	}
	for i := range cases {
		c := &cases[i]
		human, minutes := "", ""
		if c.Human != nil {
			human = string(c.Human.Level)
		}
		if at, ok := c.TakenAt(); ok {
			minutes = strconv.Itoa(int(at.Sub(c.OpenedAt).Minutes()))
		}
		if err := out.Write([]string{c.OpenedAt.In(vietnam).Format(time.DateOnly), string(c.Machine.Level), human, c.Machine.Category,
			d.category(c).CHI, string(c.Machine.Subject), c.Channel, c.Consent.Commune, string(c.Status), c.Outcome,
			strconv.Itoa(c.Tier), minutes}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// ReportNames are the names of what a report counts, but those of entries.
func (d *Desk) ReportNames() report.Names {
	n := report.Names{Levels: d.Text.Levels, Channels: d.Text.Channels, Outcomes: d.Text.Outcomes, Topics: d.Text.Topics, Categories: map[string]string{},
		Commune: d.Commune, Entry: func(id string) string { return id }}
	for id, c := range d.Text.Categories {
		n.Categories[id] = c.Label
	}
	return n
}

// ReportOrder is the order of a report's tables, which does not depend on their numbers.
func (d *Desk) ReportOrder() map[string][]string {
	var topics []string
	for _, t := range kb.Topics() {
		topics = append(topics, string(t))
	}
	categories := slices.Sorted(maps.Keys(d.Text.Categories))
	return map[string][]string{"topic": append(topics, report.TopicLaw, report.TopicOther), "category": categories,
		"level":   {string(triage.Emergency), string(triage.Urgent), string(triage.None)},
		"outcome": append(slices.Clone(handover.Outcomes), report.Live)}
}
