package console

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/editorial"
	"treem/bot/handover"
	"treem/bot/staff"
	"treem/bot/triage"
	"treem/kb"
)

// Shelf keeps what the console keeps beside accounts and drafts. bot/store describes each method.
type Shelf interface {
	SaveUpload(ctx context.Context, id, login, name string, data []byte, at time.Time) error
	Upload(ctx context.Context, id, login string) (name string, data []byte, err error)
	Statutes(ctx context.Context) ([]*kb.Statute, error)
	StatuteVersions(ctx context.Context, law string) ([]*kb.Statute, error)
	SaveStatute(ctx context.Context, st *kb.Statute, at time.Time) error
	Corrections(ctx context.Context, limit int) ([]handover.Correction, error)
	SaveCorrection(ctx context.Context, c handover.Correction, r staff.Record) error
	Roster(ctx context.Context) (text string, version int64, err error)
	SaveRoster(ctx context.Context, text string, over int64, r staff.Record) error
}

// ReadStatute takes the file of an official text apart. doubts are what could not be read surely, one a line; fit says that
// the text may be stored. An error says why the file cannot be read at all.
type ReadStatute func(name string, data []byte) (st *kb.Statute, doubts []string, fit bool, err error)

// The largest files that are taken, in bytes.
const (
	maxStatute = 32 << 20
	maxMedia   = 1 << 20
	maxContent = 64 << 20
)

// upload reads the file of a form.
func upload(v *visit, field string) (name string, data []byte, err error) {
	f, head, err := v.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil, fault(http.StatusBadRequest, "upload.none")
	}
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	data, err = io.ReadAll(f)
	return path.Base(strings.ReplaceAll(head.Filename, `\`, "/")), data, err
}

type statutesPage struct {
	Known   []*kb.Statute
	Recheck []recheckRow
	Due     []dueRow
	Problem string
}

// dueRow is a document's sheet or a fact that should be compared with its source again.
type dueRow struct {
	What, To, Why string
	Checked       time.Time
}

// recheckRow is something that cites an article whose words changed since it was last checked.
type recheckRow struct {
	Law, Article string
	Changed      time.Time
	Gone         bool
	What, To     string // an entry's title or a fact's name, and its page
	Checked      time.Time
}

func (c *Console) statuteList(v *visit) (answer, error) {
	p, err := c.statutesPage(v)
	return answer{page: "statute_list", title: "nav.statutes", data: p}, err
}

func (c *Console) statutesPage(v *visit) (p statutesPage, err error) {
	if p.Known, err = c.cfg.Shelf.Statutes(v.Context()); err != nil {
		return p, err
	}
	content := c.cfg.Editor.Content()
	now := c.cfg.Now()
	for _, l := range content.Laws {
		if now.Sub(l.CheckedOn) > dueAfter {
			p.Due = append(p.Due, dueRow{l.Title + " " + l.Number, Path + "texts/edit?path=" + l.Path, "", l.CheckedOn})
		}
	}
	for _, id := range slices.Sorted(mapKeys(content.Facts)) {
		if f := content.Facts[id]; f.Stale(now) != "" || now.Sub(f.CheckedOn) > dueAfter {
			p.Due = append(p.Due, dueRow{f.ID, Path + "texts/edit?path=" + f.Path, f.Stale(now), f.CheckedOn})
		}
	}
	for _, st := range p.Known {
		if st.Version == 1 {
			continue
		}
		versions, err := c.cfg.Shelf.StatuteVersions(v.Context(), st.Law)
		if err != nil {
			return p, err
		}
		for i := 1; i < len(versions); i++ {
			for _, change := range versions[i].Compare(versions[i-1]) {
				if change.Kind != kb.Added {
					p.Recheck = append(p.Recheck, citing(content, st.Law, change, versions[i].ImportedAt)...)
				}
			}
		}
	}
	return p, nil
}

// citing lists what rests on an article and was last checked before its words changed.
func citing(content *kb.Content, law string, change kb.Change, at time.Time) []recheckRow {
	var all []recheckRow
	row := recheckRow{Law: law, Article: change.Number, Changed: at, Gone: change.Kind == kb.Removed}
	day := at.In(vietnam).Truncate(24 * time.Hour)
	for _, e := range content.Entries {
		if e.CheckedOn.Before(day) && slices.ContainsFunc(e.Citations, func(c kb.Citation) bool { return c.Law == law && strconv.Itoa(c.Article) == change.Number }) {
			row.What, row.To, row.Checked = e.Title, Path+"entries/"+e.ID, e.CheckedOn
			all = append(all, row)
		}
	}
	for _, id := range slices.Sorted(mapKeys(content.Facts)) {
		if f := content.Facts[id]; f.Law == law && strconv.Itoa(f.Article) == change.Number && f.CheckedOn.Before(day) {
			row.What, row.To, row.Checked = f.ID, Path+"texts/edit?path="+f.Path, f.CheckedOn
			all = append(all, row)
		}
	}
	return all
}

type statutePage struct {
	Upload   string
	Statute  *kb.Statute
	Before   *kb.Statute
	Doubts   []string
	Fit      bool
	Same     bool // every word is as it is stored
	Articles []articleRow
	Rests    []recheckRow // what will have to be checked again
	Add      bool
	Number   string
}

// articleRow is one article of a new version beside the one before.
type articleRow struct {
	Number, Title string
	Kind          string // added, changed, removed or empty
	Changes       []editorial.ChangedLine
	Text          string
}

// statuteUpload takes a file apart and shows it beside the version before. Nothing is stored but the file, for a day.
func (c *Console) statuteUpload(v *visit) (answer, error) {
	name, data, err := upload(v, "file")
	if err != nil {
		return answer{}, err
	}
	if _, _, _, err := c.cfg.ReadStatute(name, data); err != nil {
		p, perr := c.statutesPage(v)
		p.Problem = err.Error()
		return answer{page: "statute_list", title: "nav.statutes", status: http.StatusUnprocessableEntity, data: p}, perr
	}
	id := c.cfg.NewID()
	if err := c.cfg.Shelf.SaveUpload(v.Context(), id, v.who.Login, name, data, c.cfg.Now()); err != nil {
		return answer{}, err
	}
	return answer{to: Path + "statutes/" + id}, nil
}

func (c *Console) statuteShow(v *visit) (answer, error) {
	p, err := c.statutePage(v)
	return answer{page: "statute_show", title: "statute.title", data: p}, err
}

func (c *Console) statutePage(v *visit) (statutePage, error) {
	p := statutePage{Upload: v.PathValue("id"), Add: v.FormValue("add") != "", Number: strings.TrimSpace(v.FormValue("number"))}
	name, data, err := c.cfg.Shelf.Upload(v.Context(), p.Upload, v.who.Login)
	if err != nil {
		return p, err
	}
	if p.Statute, p.Doubts, p.Fit, err = c.cfg.ReadStatute(name, data); err != nil {
		return p, err
	}
	if p.Number != "" {
		p.Statute.Law = p.Number
	}
	p.Number = p.Statute.Law
	p.Fit = p.Fit && len(p.Statute.Articles) > 0 && strings.Contains(p.Statute.Law, "/")
	versions, err := c.cfg.Shelf.StatuteVersions(v.Context(), p.Statute.Law)
	if err != nil {
		return p, err
	}
	if len(versions) > 0 {
		p.Before = versions[len(versions)-1]
		if p.Add {
			p.Statute = p.Statute.Over(p.Before)
		}
	}
	kinds := map[string]kb.ChangeKind{}
	for _, change := range p.Statute.Compare(p.Before) {
		kinds[change.Number] = change.Kind
		if change.Kind != kb.Added {
			p.Rests = append(p.Rests, citing(c.cfg.Editor.Content(), p.Statute.Law, change, c.cfg.Now())...)
		}
		if change.Kind == kb.Removed {
			old, _ := p.Before.Article(change.Number)
			p.Articles = append(p.Articles, articleRow{Number: old.Number, Title: old.Title, Kind: string(kb.Removed), Changes: editorial.Compare(old.Text(), "")})
		}
	}
	p.Same = p.Before != nil && len(kinds) == 0
	for i := range p.Statute.Articles {
		a := &p.Statute.Articles[i]
		row := articleRow{Number: a.Number, Title: a.Title, Kind: string(kinds[a.Number]), Text: a.Text()}
		if row.Kind == string(kb.Changed) {
			old, _ := p.Before.Article(a.Number)
			row.Changes = editorial.Compare(old.Title+"\n"+old.Text(), a.Title+"\n"+a.Text())
		}
		if p.Before == nil {
			row.Kind = "" // every article of a first version is new
		}
		p.Articles = append(p.Articles, row)
	}
	return p, nil
}

// statuteStore makes the shown text the document's newest version.
func (c *Console) statuteStore(v *visit) (answer, error) {
	p, err := c.statutePage(v)
	if err != nil {
		return answer{}, err
	}
	if !p.Fit || p.Same {
		return answer{page: "statute_show", title: "statute.title", status: http.StatusUnprocessableEntity, data: p}, nil
	}
	if err := c.cfg.Shelf.SaveStatute(v.Context(), p.Statute, c.cfg.Now()); err != nil {
		return answer{}, err
	}
	err = v.record(v.Context(), "statute.import", p.Statute.Law, fmt.Sprintf("version %d, %s", p.Statute.Version, p.Statute.Hash))
	return answer{to: Path + "statutes", notice: "statute.stored"}, err
}

// mediaKinds are the files that entries may show, by what their first bytes say they are.
var mediaKinds = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "application/ogg": ".ogg", "audio/mpeg": ".mp3"}

// mediaUpload makes a draft of a picture or recording, which goes through review like a text.
func (c *Console) mediaUpload(v *visit) (answer, error) {
	name, data, err := upload(v, "file")
	if err != nil {
		return answer{}, err
	}
	ending, known := mediaKinds[http.DetectContentType(data)]
	if !known || path.Ext(name) != ending || !idForm.MatchString(strings.TrimSuffix(name, ending)) {
		return answer{}, fault(http.StatusUnprocessableEntity, "upload.media")
	}
	file := "media/" + name
	d, err := c.saveDraft(v, file, editorial.TextOf(file, data), 0, false)
	return answer{to: Path + "drafts/" + d.ID, notice: "draft.saved"}, err
}

// export is the content to keep: content.zip as it is in files, content.xlsx as a spreadsheet.
func (c *Console) export(v *visit) (answer, error) {
	files, err := c.cfg.Editor.Files(v.Context())
	if err != nil {
		return answer{}, err
	}
	f := &download{name: "treem-" + v.PathValue("file")}
	switch v.PathValue("file") {
	case "content.zip":
		f.kind = "application/zip"
		f.body, err = kb.Pack(files)
	case "content.xlsx":
		var out bytes.Buffer
		f.kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		err = editorial.WriteSheet(&out, files)
		f.body = out.Bytes()
	default:
		err = fault(http.StatusNotFound, "problem.not-found")
	}
	return answer{file: f}, err
}

type bulkPage struct {
	Made      []string // files that have a draft now
	Skipped   []string // files that somebody else is writing
	Reviewers []string // files that only reviewers may change, add or take out
	Problem   string
	Same      bool
}

func (c *Console) bulk(v *visit) (answer, error) {
	return answer{page: "bulk", title: "nav.bulk", data: bulkPage{}}, nil
}

// bulkImport compares a whole content with the one in use and makes a draft of every file that differs: nothing reaches
// people without a second pair of eyes.
func (c *Console) bulkImport(v *visit) (answer, error) {
	name, data, err := upload(v, "file")
	if err != nil {
		return answer{}, err
	}
	before, err := c.cfg.Editor.Files(v.Context())
	if err != nil {
		return answer{}, err
	}
	var after map[string][]byte
	switch path.Ext(name) {
	case ".xlsx":
		after, err = editorial.ReadSheet(data, before)
	case ".zip":
		var z *zip.Reader
		if z, err = zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
			after, _, err = kb.Files(z)
		}
	default:
		err = errors.New(c.words.in(v.language, "upload.bulk"))
	}
	if err == nil {
		err = kb.CheckFiles(after)
	}
	p := bulkPage{}
	if err != nil {
		p.Problem = err.Error()
		return answer{page: "bulk", title: "nav.bulk", status: http.StatusUnprocessableEntity, data: p}, nil
	}
	names := map[string]bool{}
	for file := range before {
		names[file] = true
	}
	for file := range after {
		names[file] = true
	}
	for _, file := range slices.Sorted(mapKeys(names)) {
		text, mine := c.mayChange(v, file, before[file], after[file])
		if !mine {
			p.Reviewers = append(p.Reviewers, file)
			continue
		}
		if bytes.Equal(before[file], text) {
			continue
		}
		_, err := c.saveDraft(v, file, editorial.TextOf(file, text), 0, false)
		switch {
		case bot.ErrorCode(err) == bot.Conflict:
			p.Skipped = append(p.Skipped, file)
		case err != nil:
			return answer{}, err
		default:
			p.Made = append(p.Made, file)
		}
	}
	p.Same = len(p.Made)+len(p.Skipped)+len(p.Reviewers) == 0
	return answer{page: "bulk", title: "nav.bulk", data: p}, nil
}

// mayChange is a changed file as far as the reader's rights go: those who do not publish change entries and media only, and
// of entries not the fields that reviewers decide. false: the file is not theirs to change.
func (c *Console) mayChange(v *visit, file string, before, after []byte) ([]byte, bool) {
	if bytes.Equal(before, after) || v.who.May(staff.PublishContent) || editorial.IsMedia(file) {
		return after, true
	}
	was, err := editorial.Read(before)
	is, err2 := editorial.Read(after)
	if errors.Join(err, err2) != nil || !strings.HasPrefix(file, "entries/") {
		return before, false
	}
	guarded, kept := is.Guard(was, false)
	if len(kept) == 0 {
		return after, true
	}
	text, err := guarded.Write()
	if err != nil || len(editorial.CompareFiles(string(before), string(text))) == 0 {
		return before, err == nil
	}
	return text, true
}

type mistakeRow struct {
	handover.Correction
	WasLevel, WasCategory, IsLevel, IsCategory string
}

const mistakeLines = 300

// mistakes lists what triage judged wrongly, for those who mend its rules.
func (c *Console) mistakes(v *visit) (answer, error) {
	all, err := c.cfg.Shelf.Corrections(v.Context(), mistakeLines)
	t := c.cfg.Desk.Text
	var rows []mistakeRow
	for _, one := range all {
		rows = append(rows, mistakeRow{one, t.Levels[string(one.Machine.Level)], t.Categories[one.Machine.Category].Label, t.Levels[one.Level], t.Categories[one.Category].Label})
	}
	return answer{page: "mistake_list", title: "nav.mistakes", data: rows}, err
}

// mistakeAdd keeps an unanswered question that should have been an alarm, with what triage finds in it now and why.
func (c *Console) mistakeAdd(v *visit) (answer, error) {
	text := v.field("text")
	if text == "" {
		return answer{}, fault(http.StatusBadRequest, "problem.form")
	}
	level, category := triage.Level(v.field("level")), v.field("category")
	if _, known := c.cfg.Desk.Text.Categories[category]; !known || level != triage.Emergency && level != triage.Urgent {
		return answer{}, fault(http.StatusBadRequest, "problem.form")
	}
	now := c.cfg.Now()
	m := handover.Correction{Words: []string{text}, Level: string(level), Category: category, Machine: handover.ByMachine(c.cfg.Assess(text), now), At: now}
	err := c.cfg.Shelf.SaveCorrection(v.Context(), m, v.line("mistake.missed", "", ""))
	return answer{to: Path + "gaps", notice: "mistake.kept"}, err
}

// Rosters knows the duty roster in use.
type Rosters interface {
	// Roster returns its text and the version it was stored under; 0: it comes from the file in the settings, or there is none.
	Roster(ctx context.Context) (text string, version int64, err error)
	// Check says what is wrong with a roster's text.
	Check(text string) error
	// OnDuty names who is on duty at a time, by tier, and who comes then.
	OnDuty(at time.Time) []Tier
	// Save stores a checked roster, which every process uses within seconds. Conflict: another was stored meanwhile.
	Save(ctx context.Context, text string, over int64, r staff.Record) error
}

// Tier is one tier of the roster with who is on duty, and who comes then.
type Tier struct {
	Name     string
	Officers []string
	From     time.Time // when the next ones come; zero: the same stay
	Then     []string  // empty: nobody
}

type rosterPage struct {
	Text, Problem string
	Version       int64
	Tiers         []Tier
}

func (c *Console) roster(v *visit) (answer, error) {
	var p rosterPage
	var err error
	p.Text, p.Version, err = c.cfg.Rosters.Roster(v.Context())
	p.Tiers = c.cfg.Rosters.OnDuty(c.cfg.Now())
	return answer{page: "roster", title: "nav.roster", data: p}, err
}

func (c *Console) rosterSave(v *visit) (answer, error) {
	p := rosterPage{Text: strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n")}
	p.Version, _ = strconv.ParseInt(v.field("version"), 10, 64)
	p.Tiers = c.cfg.Rosters.OnDuty(c.cfg.Now())
	again := answer{page: "roster", title: "nav.roster", status: http.StatusUnprocessableEntity}
	if err := c.cfg.Rosters.Check(p.Text); err != nil {
		p.Problem = err.Error()
		again.data = p
		return again, nil
	}
	err := c.cfg.Rosters.Save(v.Context(), p.Text, p.Version, v.line("roster.save", "", ""))
	if bot.ErrorCode(err) == bot.Conflict {
		p.Problem = c.words.in(v.language, "roster.conflict")
		again.data, again.status = p, http.StatusConflict
		return again, nil
	}
	return answer{to: Path + "roster", notice: "roster.saved"}, err
}
