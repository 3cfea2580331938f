package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/store"
	"treem/bot/triage"
	"treem/channels"
)

// queueLimit bounds the lines of the desk.
const queueLimit = 200

type casesPage struct {
	Rows      []caseRow
	Over      bool
	News      string // state of the queue, for the script
	Waiting   int    // cases nobody has
	Emergency int    // of these, emergencies
}

type caseRow struct {
	store.Queued
	What, Where, Level, Status, Owner, Outcome string
	Due                                        time.Time
	Late                                       bool
	Left                                       string // time left, or by how much it is late
	Mine                                       bool
}

func (c *Console) caseList(v *visit) (answer, error) {
	over := v.FormValue("over") != ""
	queue, err := c.cfg.Cases.Queue(v.Context(), over, queueLimit)
	if err != nil {
		return answer{}, err
	}
	news := newsOf(queue)
	p := casesPage{Over: over, News: news.State, Waiting: news.Waiting, Emergency: news.Emergency}
	now := c.cfg.Now()
	for _, q := range queue {
		p.Rows = append(p.Rows, c.caseRow(v, q, now))
	}
	return answer{page: "case_list", title: "nav.cases", data: p}, nil
}

func (c *Console) caseRow(v *visit, q store.Queued, now time.Time) caseRow {
	t := c.cfg.Desk.Text
	row := caseRow{Queued: q, What: t.Categories[q.Category].Label, Level: t.Levels[string(q.Level)], Status: c.words.in(v.language, "status."+string(q.Status)),
		Where: t.NoCommune, Due: q.AckDue, Mine: q.Owner != "" && q.Owner == v.who.Login, Outcome: t.Outcomes[q.Outcome]}
	if row.What == "" {
		row.What = q.Category
	}
	if q.Commune != "" {
		row.Where = q.Commune
		if c.cfg.Desk.Commune != nil {
			row.Where = c.cfg.Desk.Commune(q.Commune)
		}
	}
	if q.Owner != "" {
		row.Owner = c.officer(q.Owner)
	}
	if q.Status == handover.Open && !q.AckDue.IsZero() {
		left := q.AckDue.Sub(now)
		row.Late = left < 0
		row.Left = minutes(left.Abs())
	}
	return row
}

// officer is how colleagues know somebody of the desk.
func (c *Console) officer(id string) string {
	if c.cfg.Desk.Officers != nil {
		if name := c.cfg.Desk.Officers.Name(id); name != "" {
			return name
		}
	}
	return c.cfg.Desk.Text.Somebody
}

// minutes is a span as people at a desk read it: "2:05" minutes, "3 h", "2 d".
func minutes(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d′", d/time.Hour, d%time.Hour/time.Minute)
	default:
		return fmt.Sprintf("%d:%02d", d/time.Minute, d%time.Minute/time.Second)
	}
}

// readingLasts is how long opened words may be shown again without a new line in the history: one reading.
const readingLasts = 15 * time.Minute

type casePage struct {
	Case      *handover.Case
	Facts     []factLine
	Safe      []factLine
	Notes     []string
	Talk      []channels.Line // nil: not opened
	Opened    bool
	History   []historyLine
	Mine      bool
	Taken     string // name of another officer who has it
	Closed    bool
	Act       string // identifier of the act that this page's forms do: a form sent twice is done once
	Refusal   string
	Draft     string // the reply that was refused
	Prepared  []preparedText
	Outcomes  []choice
	Referrals []choice
	Levels    []choice
	Groups    []choice // categories
}

type factLine struct{ Key, Text string }
type choice struct{ Value, Label string }
type preparedText struct{ Label, Text string }
type historyLine struct{ At, What, Who, Detail string }

func (c *Console) caseShow(v *visit) (answer, error) {
	found, err := c.cfg.Cases.CaseByRef(v.Context(), v.PathValue("ref"))
	if err != nil {
		return answer{}, err
	}
	p, err := c.casePage(v, found)
	return answer{page: "case_show", title: found.Ref, data: p}, err
}

func (c *Console) casePage(v *visit, found handover.Case) (casePage, error) {
	d := c.cfg.Desk
	fact := func(key, text string) factLine { return factLine{key, d.Fill(&found, text)} }
	p := casePage{Case: &found, Act: "console:" + c.cfg.NewID(), Mine: found.Owner == v.who.Login && found.Owner != "", Closed: found.Status == handover.Closed,
		Facts: []factLine{fact("case.level", "{level}"), fact("case.what", "{category} · {subject}{ongoing}"), fact("case.channel", "{channel}"),
			fact("case.where", "{commune}"), fact("case.opened", "{opened}")},
		Safe: []factLine{fact("case.contact", "{contact}"), fact("case.safe-time", "{safe_time}"), fact("case.shared", "{shared}"), fact("case.safe-now", "{safe}")}}
	if found.Owner != "" && !p.Mine {
		p.Taken = c.officer(found.Owner)
	}
	for _, line := range d.History(&found) {
		p.History = append(p.History, historyLine{line.At, line.What, line.Who, line.Detail})
	}
	for _, e := range found.Events {
		if e.Action == handover.ActNote {
			p.Notes = append(p.Notes, e.Detail)
		}
	}
	for _, one := range d.Text.Prepared {
		p.Prepared = append(p.Prepared, preparedText{one.Label, one.Text})
	}
	for _, o := range handover.Outcomes {
		p.Outcomes = append(p.Outcomes, choice{o, d.Text.Outcomes[o]})
	}
	for _, r := range handover.Referrals {
		p.Referrals = append(p.Referrals, choice{r, d.Text.Referrals[r]})
	}
	p.Levels, p.Groups = levels(d.Text, triage.Emergency, triage.Urgent, triage.None), groups(d.Text)
	p.Opened = c.sessions.GetInt64(v.Context(), sessionOpened+found.ID) > c.cfg.Now().Unix()
	if p.Opened {
		talk, err := c.cfg.Cases.Talk(v.Context(), found)
		if err != nil {
			return p, err
		}
		p.Talk = talk
	}
	return p, nil
}

func levels(t *bot.DeskText, all ...triage.Level) (choices []choice) {
	for _, l := range all {
		choices = append(choices, choice{string(l), t.Levels[string(l)]})
	}
	return choices
}

// groups are the categories, by name.
func groups(t *bot.DeskText) (choices []choice) {
	for id, one := range t.Categories {
		choices = append(choices, choice{id, one.Label})
	}
	slices.SortFunc(choices, func(a, b choice) int { return strings.Compare(a.Label, b.Label) })
	return choices
}

// opened lets this session show a case's words for a while; the reading stands in the case's history.
func (c *Console) opened(v *visit, id string) {
	c.sessions.Put(v.Context(), sessionOpened+id, c.cfg.Now().Add(readingLasts).Unix())
}

// caseOpen records that an officer reads the person's words, and shows them.
func (c *Console) caseOpen(v *visit) (answer, error) {
	found, err := c.cfg.Cases.CaseByRef(v.Context(), v.PathValue("ref"))
	if err != nil {
		return answer{}, err
	}
	if err := c.cfg.Actor.Act(v.Context(), found.ID, handover.Act{ID: v.field("act"), Do: handover.ActView, Officer: v.who.Login}); err != nil {
		return answer{}, err
	}
	c.opened(v, found.ID)
	return answer{to: Path + "cases/" + found.Ref + "#talk"}, nil
}

// acts are what the desk's forms may ask for.
var acts = []handover.Action{handover.ActClaim, handover.ActRelease, handover.ActReply, handover.ActCall, handover.ActGrade, handover.ActNote, handover.ActEscalate,
	handover.ActRefer, handover.ActClose, handover.ActWrong}

// caseAct does what an officer asked for. A refusal is shown on the case's page, with the reply that was not sent.
func (c *Console) caseAct(v *visit) (answer, error) {
	found, err := c.cfg.Cases.CaseByRef(v.Context(), v.PathValue("ref"))
	if err != nil {
		return answer{}, err
	}
	a := handover.Act{ID: v.field("act"), Do: handover.Action(v.field("do")), Officer: v.who.Login, Text: v.field("text"), To: v.field("to"),
		Outcome: v.field("outcome"), Level: triage.Level(v.field("level")), Category: v.field("category")}
	if !slices.Contains(acts, a.Do) || !strings.HasPrefix(a.ID, "console:") {
		return answer{}, fault(http.StatusBadRequest, "problem.form")
	}
	if a.Category != "" {
		if _, known := c.cfg.Desk.Text.Categories[a.Category]; !known {
			return answer{}, fault(http.StatusBadRequest, "problem.form")
		}
	}
	err = c.cfg.Actor.Act(v.Context(), found.ID, a)
	var refused *handover.Refusal
	if errors.As(err, &refused) {
		return c.refusedAct(v, found.Ref, refused, a)
	}
	if err != nil {
		return answer{}, err
	}
	if a.Do == handover.ActClaim { // whoever takes a case reads it: the claim in its history says so
		c.opened(v, found.ID)
	}
	to := Path + "cases/" + found.Ref
	if a.Do == handover.ActReply {
		to += "#talk"
	}
	return answer{to: to, notice: "did." + string(a.Do)}, nil
}

// refusedAct shows the case as it is now, why the act was not done, and what was written.
func (c *Console) refusedAct(v *visit, ref string, why *handover.Refusal, a handover.Act) (answer, error) {
	found, err := c.cfg.Cases.CaseByRef(v.Context(), ref)
	if err != nil {
		return answer{}, err
	}
	p, err := c.casePage(v, found)
	if err != nil {
		return answer{}, err
	}
	p.Refusal, p.Draft = c.words.in(v.language, "refused."+why.Why), a.Text
	if why.Owner != "" {
		p.Refusal = strings.ReplaceAll(p.Refusal, "{owner}", c.officer(why.Owner))
	}
	return answer{page: "case_show", title: found.Ref, status: http.StatusConflict, data: p}, nil
}

var styleOf = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

// caseForm shows Form 01 of Decree 56/2017 to print. Its history says who had it written out.
func (c *Console) caseForm(v *visit) (answer, error) {
	found, err := c.cfg.Cases.CaseByRef(v.Context(), v.PathValue("ref"))
	if err != nil {
		return answer{}, err
	}
	err = c.cfg.Actor.Act(v.Context(), found.ID, handover.Act{ID: v.field("act"), Do: handover.ActExport, Officer: v.who.Login, Text: "form-01"})
	if err != nil {
		return answer{}, err
	}
	lines, err := c.cfg.Cases.Words(v.Context(), found)
	if err != nil {
		return answer{}, err
	}
	var page bytes.Buffer
	if err := c.cfg.Desk.WriteForm01(&page, c.cfg.Forms, found, lines, "", c.cfg.Now()); err != nil {
		return answer{}, err
	}
	policy := "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
	if style := styleOf.FindSubmatch(page.Bytes()); style != nil {
		sum := sha256.Sum256(style[1])
		policy += "; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return answer{file: &download{kind: "text/html; charset=utf-8", policy: policy, body: page.Bytes()}}, nil
}
