package console

import (
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/bot/editorial"
	"treem/bot/staff"
	"treem/bot/triage"
	"treem/kb"
)

type draftRow struct {
	editorial.Draft
	Title      string
	AuthorName string
	Mine       bool
}

func (c *Console) draftList(v *visit) (answer, error) {
	all, err := c.cfg.Drafts.Drafts(v.Context())
	var rows []draftRow
	for _, d := range all {
		rows = append(rows, draftRow{d, draftTitle(d), c.officer(d.Author), d.Author == v.who.Login})
	}
	return answer{page: "draft_list", title: "nav.drafts", data: rows}, err
}

// draftTitle is the entry's title, or the file's name.
func draftTitle(d editorial.Draft) string {
	if f, err := editorial.Read([]byte(d.Text)); err == nil && f.Title != "" {
		return f.Title
	}
	return d.Path
}

type draftPage struct {
	draftRow
	Entry      string // id of the entry, if the draft is one
	Changes    []editorial.ChangedLine
	Moved      bool // the file was changed since the draft was begun
	Verdict    *Verdict
	Problem    string
	MayApprove bool
	ReviewedBy string
}

func (c *Console) draftPage(v *visit) (draftPage, error) {
	d, err := c.cfg.Drafts.Draft(v.Context(), v.PathValue("id"))
	if err != nil {
		return draftPage{}, err
	}
	files, err := c.cfg.Editor.Files(v.Context())
	p := draftPage{draftRow: draftRow{d, draftTitle(d), c.officer(d.Author), d.Author == v.who.Login}, Changes: editorial.CompareFiles(d.Base, d.Text),
		Moved: d.Open() && editorial.TextOf(d.Path, files[d.Path]) != d.Base, MayApprove: v.who.May(staff.PublishContent) && d.Author != v.who.Login}
	if strings.HasPrefix(d.Path, "entries/") {
		p.Entry = strings.TrimSuffix(path.Base(d.Path), ".md")
	}
	if d.Reviewer != "" {
		p.ReviewedBy = c.officer(d.Reviewer)
	}
	return p, err
}

func (c *Console) draftShow(v *visit) (answer, error) {
	p, err := c.draftPage(v)
	return answer{page: "draft_show", title: p.Title, data: p}, err
}

// draftCheck works out what publishing would do and shows it.
func (c *Console) draftCheck(v *visit) (answer, error) {
	p, err := c.draftPage(v)
	if err != nil {
		return answer{}, err
	}
	verdict, err := c.cfg.Editor.Check(v.Context(), p.Draft)
	if err != nil {
		return answer{}, err
	}
	p.Verdict = &verdict
	return answer{page: "draft_show", title: p.Title, data: p}, nil
}

// draftAct moves a draft a step on.
func (c *Console) draftAct(v *visit) (answer, error) {
	ctx, now := v.Context(), c.cfg.Now()
	p, err := c.draftPage(v)
	if err != nil {
		return answer{}, err
	}
	d, do := p.Draft, v.field("do")
	if v.field("version") != strconv.FormatInt(d.Version, 10) {
		return answer{}, fault(http.StatusConflict, "problem.conflict")
	}
	if slices.Contains([]string{"approve", "send-back", "schedule", "publish"}, do) && !v.who.May(staff.PublishContent) {
		return answer{}, fault(http.StatusForbidden, "problem.no-right")
	}
	switch do {
	case "submit":
		d, err = d.Submit(now)
	case "approve":
		d, err = d.Approve(v.who.Login, now)
	case "send-back":
		d, err = d.SendBack(v.field("note"), now)
	case "schedule":
		var when time.Time
		if when, err = time.ParseInLocation("2006-01-02T15:04", v.field("at"), vietnam); err == nil && when.After(now) {
			d, err = d.Schedule(when, now)
		} else {
			err = errTime
		}
	case "drop":
		d, err = d.Drop(now)
	case "take-over":
		d, err = c.takeOver(v, d)
	case "publish":
		err = c.cfg.Editor.Publish(ctx, d, v.field("state"), v.line("publish", d.Path, d.Note))
		if why := stepProblem(err); why != "" {
			break
		}
		return answer{to: Path + "drafts", notice: "did.publish"}, err
	default:
		return answer{}, fault(http.StatusBadRequest, "problem.form")
	}
	if why := stepProblem(err); why != "" {
		p.Problem = why
		return answer{page: "draft_show", title: p.Title, status: http.StatusUnprocessableEntity, data: p}, nil
	}
	if err == nil {
		err = c.cfg.Drafts.SaveDraft(ctx, d, v.line("draft."+do, d.Path, v.field("note")))
	}
	to := Path + "drafts/" + d.ID
	if do == "drop" {
		to = Path + "drafts"
	}
	return answer{to: to, notice: "did." + do}, err
}

var errTime = errors.New("not a time to come")

// stepProblem is the key that explains why a step was refused; empty: it was not, or something failed.
func stepProblem(err error) string {
	for known, key := range map[error]string{editorial.ErrState: "draft.wrong-state", editorial.ErrOwn: "draft.own", editorial.ErrReason: "draft.reason",
		editorial.ErrMoved: "draft.moved", errTime: "draft.bad-time"} {
		if errors.Is(err, known) {
			return key
		}
	}
	return ""
}

// takeOver puts the draft on top of the file as it is now; what it changes shows anew and must be read again.
func (c *Console) takeOver(v *visit, d editorial.Draft) (editorial.Draft, error) {
	files, err := c.cfg.Editor.Files(v.Context())
	if err != nil {
		return d, err
	}
	note := d.Note
	d, err = d.Save(d.Text, note, v.who.Login, c.cfg.Now())
	d.Base = editorial.TextOf(d.Path, files[d.Path])
	return d, err
}

type historyPage struct {
	Path      string
	Revisions []revisionRow
	Changes   []editorial.ChangedLine
	Shown     *revisionRow
	Current   string
}

type revisionRow struct {
	editorial.Revision
	AuthorName, ReviewerName string
}

// history lists what was published of a file; one of them is compared with the text in use.
func (c *Console) history(v *visit) (answer, error) {
	p, err := c.historyPage(v)
	return answer{page: "draft_history", title: "history.title", data: p}, err
}

func (c *Console) historyPage(v *visit) (historyPage, error) {
	p := historyPage{Path: v.FormValue("path")}
	all, err := c.cfg.Drafts.Revisions(v.Context(), p.Path)
	if err != nil {
		return p, err
	}
	files, err := c.cfg.Editor.Files(v.Context())
	if err != nil {
		return p, err
	}
	p.Current = editorial.TextOf(p.Path, files[p.Path])
	for _, one := range all {
		row := revisionRow{Revision: one}
		if one.Author != "" {
			row.AuthorName = c.officer(one.Author)
		}
		if one.Reviewer != "" {
			row.ReviewerName = c.officer(one.Reviewer)
		}
		p.Revisions = append(p.Revisions, row)
		if strconv.FormatInt(one.ID, 10) == v.FormValue("revision") {
			p.Shown, p.Changes = &row, editorial.CompareFiles(one.Text, p.Current)
		}
	}
	return p, nil
}

// restore makes a draft of an older text; it goes through review like any other.
func (c *Console) restore(v *visit) (answer, error) {
	p, err := c.historyPage(v)
	if err != nil {
		return answer{}, err
	}
	if p.Shown == nil {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	d, err := c.saveDraft(v, p.Path, p.Shown.Text, 0, false)
	return answer{to: Path + "drafts/" + d.ID, notice: "did.restore"}, err
}

type textsPage struct {
	Files []string
	Facts []factRow
}

type factRow struct {
	kb.Fact
	Stale string
}

// textList lists the named facts, and every file that is no entry.
func (c *Console) textList(v *visit) (answer, error) {
	files, err := c.cfg.Editor.Files(v.Context())
	if err != nil {
		return answer{}, err
	}
	var p textsPage
	for name := range files {
		if !strings.HasPrefix(name, "entries/") && editable(name) {
			p.Files = append(p.Files, name)
		}
	}
	slices.Sort(p.Files)
	content := c.cfg.Editor.Content()
	for _, id := range slices.Sorted(mapKeys(content.Facts)) {
		f := content.Facts[id]
		p.Facts = append(p.Facts, factRow{f, f.Stale(c.cfg.Now())})
	}
	return answer{page: "text_list", title: "nav.texts", data: p}, nil
}

// editable says whether a file is text that staff write.
func editable(name string) bool {
	return slices.Contains([]string{".md", ".yaml"}, path.Ext(name)) && path.Clean(name) == name && !strings.HasPrefix(name, "/") && !strings.Contains(name, "..")
}

type textPage struct {
	File, Text, Note, Problem string
	Version                   int64
}

func (c *Console) textEdit(v *visit) (answer, error) {
	p := textPage{File: v.FormValue("path")}
	if !editable(p.File) {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	text, d, err := c.workingText(v, p.File)
	if err == nil && text == "" && d.ID == "" {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	p.Text, p.Version, p.Note = text, d.Version, d.Note
	return answer{page: "text_edit", title: "text.edit", data: p}, err
}

// textSave stores a file's text as its draft, if the content can still be read with it. Only those who publish change
// files by hand: the form keeps the fields apart that an author may not change.
func (c *Console) textSave(v *visit) (answer, error) {
	p := textPage{File: v.field("path"), Text: strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"), Note: v.field("note")}
	p.Version, _ = strconv.ParseInt(v.field("version"), 10, 64)
	if !editable(p.File) {
		return answer{}, fault(http.StatusBadRequest, "problem.form")
	}
	d, err := c.saveDraft(v, p.File, p.Text, p.Version, false)
	if err != nil {
		return answer{}, err
	}
	return answer{to: Path + "drafts/" + d.ID, notice: "draft.saved"}, nil
}

type gapsPage struct {
	Gaps   []gapRow
	N      int
	Levels []choice
	Groups []choice // categories
}

type gapRow struct {
	editorial.Gap
	BestTitle string
}

// gapLimit bounds how many of the newest unanswered questions are grouped.
const gapLimit = 2000

func (c *Console) gaps(v *visit) (answer, error) {
	asked, err := c.cfg.Drafts.Unanswered(v.Context(), gapLimit)
	if err != nil {
		return answer{}, err
	}
	var list []editorial.Asked
	for _, u := range asked {
		list = append(list, editorial.Asked{Text: u.Text, Best: u.Best, At: u.AskedAt})
	}
	p := gapsPage{N: len(list), Levels: levels(c.cfg.Desk.Text, triage.Urgent, triage.Emergency), Groups: groups(c.cfg.Desk.Text)}
	for _, g := range editorial.Gaps(list) {
		row := gapRow{Gap: g}
		if e, ok := c.cfg.Editor.Content().Entry(g.Best); ok {
			row.BestTitle = e.Title
		} else {
			row.Best = ""
		}
		p.Gaps = append(p.Gaps, row)
	}
	return answer{page: "gap_list", title: "nav.gaps", data: p}, nil
}
