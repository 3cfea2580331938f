package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/editorial"
	"treem/bot/staff"
	"treem/bot/store"
	"treem/kb"
	"treem/kb/vitext"
)

// Drafts keeps drafts and what was published. bot/store describes each method.
type Drafts interface {
	Draft(ctx context.Context, id string) (editorial.Draft, error)
	DraftOf(ctx context.Context, path string) (editorial.Draft, error)
	Drafts(ctx context.Context) ([]editorial.Draft, error)
	SaveDraft(ctx context.Context, d editorial.Draft, r staff.Record) error
	Revisions(ctx context.Context, path string) ([]editorial.Revision, error)
	EntryUses(ctx context.Context, day string, since time.Time) (map[string]store.EntryUse, error)
	Unanswered(ctx context.Context, limit int) ([]store.UnansweredQuestion, error)
}

// Editor knows the content in use and what would become of it.
type Editor interface {
	// Content is what is answered from now.
	Content() *kb.Content
	// Search is how a person's question is searched now.
	Search(ctx context.Context, question string) (kb.Result, error)
	// Files returns the content files in use.
	Files(ctx context.Context) (map[string][]byte, error)
	// Preview shows an entry as its readers would see it, were the files in use. An error says what is wrong with the files.
	Preview(ctx context.Context, files map[string][]byte, id string) (editorial.Preview, error)
	// Check says what a draft would break, and which questions would be answered otherwise.
	Check(ctx context.Context, d editorial.Draft) (Verdict, error)
	// Publish puts an approved draft into use, everywhere within seconds. seen is the State of the Verdict that was confirmed;
	// Conflict: something changed since.
	Publish(ctx context.Context, d editorial.Draft, seen string, r staff.Record) error
}

// Verdict is what publishing a draft would do.
type Verdict struct {
	Problems []string // rules that the content would break and does not break now; with any of them it cannot be published
	Moved    []editorial.Moved
	State    string // of the content and the draft that this was worked out from
}

type entriesPage struct {
	Rows                      []entryRow
	Topic, State, Order, Text string
	Topics                    []choice
	States, Orders            []string
	Total                     int
}

type entryRow struct {
	ID, Title, Topic, SignOff string
	Checked                   time.Time
	Due                       bool
	Use                       store.EntryUse
	Draft                     string // state of its open draft
	DraftID                   string
}

// dueAfter is when an entry should be compared with its sources again, a month before kb check objects.
const dueAfter = 335 * 24 * time.Hour

// usesSince is how far back answers and ratings are counted.
const usesSince = 90 * 24 * time.Hour

func (c *Console) entryList(v *visit) (answer, error) {
	ctx, content, now := v.Context(), c.cfg.Editor.Content(), c.cfg.Now()
	p := entriesPage{Topic: v.FormValue("topic"), State: v.FormValue("state"), Order: v.FormValue("order"), Text: strings.TrimSpace(v.FormValue("text"))}
	p.States, p.Orders = []string{"due", "sign-off", "draft"}, []string{"id", "asked", "rated", "checked"}
	for _, t := range kb.Topics() {
		p.Topics = append(p.Topics, choice{string(t), c.words.in(v.language, "topic."+string(t))})
	}
	drafts, err := c.cfg.Drafts.Drafts(ctx)
	if err != nil {
		return answer{}, err
	}
	open := map[string]editorial.Draft{}
	for _, d := range drafts {
		open[d.Path] = d
	}
	uses, err := c.cfg.Drafts.EntryUses(ctx, now.Add(-usesSince).In(vietnam).Format(time.DateOnly), now.Add(-usesSince))
	if err != nil {
		return answer{}, err
	}
	wanted := vitext.Fold(p.Text)
	for _, e := range content.Entries {
		row := entryRow{ID: e.ID, Title: e.Title, Topic: string(e.Topic), SignOff: e.SignOff, Checked: e.CheckedOn, Due: now.Sub(e.CheckedOn) > dueAfter || len(e.StaleFacts(now)) > 0,
			Use: uses[e.ID], Draft: string(open[e.Path].State), DraftID: open[e.Path].ID}
		whole := vitext.Fold(strings.Join(append([]string{e.ID, e.Title, e.Parent, e.Child, e.SMS, e.Next}, e.Questions...), "\n"))
		switch {
		case p.Topic != "" && row.Topic != p.Topic, wanted != "" && !holdsAll(whole, wanted),
			p.State == "due" && !row.Due, p.State == "sign-off" && row.SignOff == "", p.State == "draft" && row.Draft == "":
			continue
		}
		p.Rows = append(p.Rows, row)
	}
	slices.SortStableFunc(p.Rows, func(a, b entryRow) int {
		switch p.Order {
		case "asked":
			return cmp.Compare(b.Use.Answered, a.Use.Answered)
		case "rated":
			return cmp.Or(cmp.Compare(b.Use.Unhelpful-b.Use.Helpful, a.Use.Unhelpful-a.Use.Helpful), cmp.Compare(b.Use.Unhelpful, a.Use.Unhelpful))
		case "checked":
			return a.Checked.Compare(b.Checked)
		}
		return cmp.Compare(a.ID, b.ID)
	})
	p.Total = len(content.Entries)
	return answer{page: "entry_list", title: "nav.entries", data: p}, nil
}

// holdsAll says whether a text has every word of another.
func holdsAll(text, words string) bool {
	return !slices.ContainsFunc(strings.Fields(words), func(w string) bool { return !strings.Contains(text, w) })
}

type entryPage struct {
	Entry    *kb.Entry
	Preview  editorial.Preview
	Laws     []citedText
	Draft    *editorial.Draft
	Problem  string
	Question string
	Found    []foundRow
	Verdict  string
}

// citedText is a citation with the words it stands for.
type citedText struct{ Place, Heading, Text string }

type foundRow struct {
	ID, Title string
	Shown     bool // a person sees it as the answer or to choose
	Score     string
}

func (c *Console) entryShow(v *visit) (answer, error) {
	ctx := v.Context()
	e, ok := c.cfg.Editor.Content().Entry(v.PathValue("id"))
	if !ok {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	p := entryPage{Entry: e, Laws: c.cited(e.Citations), Question: strings.TrimSpace(v.FormValue("question"))}
	files, err := c.cfg.Editor.Files(ctx)
	if err != nil {
		return answer{}, err
	}
	if p.Preview, err = c.cfg.Editor.Preview(ctx, files, e.ID); err != nil {
		p.Problem = err.Error()
	}
	d, err := c.cfg.Drafts.DraftOf(ctx, e.Path)
	if err == nil {
		p.Draft = &d
	} else if bot.ErrorCode(err) != bot.NotFound {
		return answer{}, err
	}
	if p.Question != "" {
		if p.Found, p.Verdict, err = c.found(v, p.Question); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "entry_show", title: e.Title, data: p}, nil
}

// found is what a question finds now, and what a person would see of it.
func (c *Console) found(v *visit, question string) (rows []foundRow, verdict string, err error) {
	r, err := c.cfg.Editor.Search(v.Context(), question)
	if err != nil {
		return nil, "", err
	}
	shown := r.Choices
	if r.Verdict == kb.VerdictAnswer {
		shown = max(1, shown)
	}
	for i, h := range r.Hits[:min(6, len(r.Hits))] {
		rows = append(rows, foundRow{h.ID(), h.Title(), i < shown && r.Verdict != kb.VerdictUnknown, fmt.Sprintf("%.2f", h.Score)})
	}
	return rows, "verdict." + string(r.Verdict), nil
}

// cited shows the words that citations stand for: the imported text if there is one, else the digest.
func (c *Console) cited(all []kb.Citation) []citedText {
	var out []citedText
	content := c.cfg.Editor.Content()
	for _, one := range all {
		t := citedText{Place: one.String()}
		if full, ok := content.FullText(one.Law, strconv.Itoa(one.Article)); ok {
			t.Heading, t.Text = full.Title, full.Text()
		} else if a, ok := content.Article(one.Law, one.Article); ok {
			t.Heading, t.Text = a.Title, a.Digest
		}
		if broken := content.Broken(one); broken != "" {
			t.Heading = broken
		}
		out = append(out, t)
	}
	return out
}

type entryForm struct {
	editorial.Form
	New                                               bool
	Version                                           int64 // of the draft; 0: none yet
	Questions, Citations, Related, English, MediaText string
	SMSEnglish, Note, Problem                         string
	Topics, Audiences, Urgencies, SignOffs            []choice
	Confidences                                       []choice
	Preview                                           editorial.Preview
	Laws                                              []citedText
	Facts                                             []kb.Fact
	Sources                                           []choice // documents to cite from
	MayPublish                                        bool
	Kept                                              []string
}

// entryForm makes the form of an entry's text.
func (c *Console) entryForm(v *visit, f editorial.Form) entryForm {
	p := entryForm{Form: f, Questions: strings.Join(f.Questions, "\n"), Citations: editorial.CitationLines(f.Citations), Related: strings.Join(f.Related, ", "),
		MediaText: f.MediaLines(), English: f.Texts[kb.English], SMSEnglish: f.SMSIn[kb.English], MayPublish: v.who.May(staff.PublishContent)}
	pick := func(family string, values ...string) []choice {
		var all []choice
		for _, value := range values {
			all = append(all, choice{value, c.words.in(v.language, family+"."+cmp.Or(value, "none"))})
		}
		return all
	}
	p.Topics = pick("topic", "rights", "drowning", "abuse", "support")
	p.Audiences = pick("audience", "both", "parent", "child")
	p.Urgencies = pick("urgency", "", "high")
	p.SignOffs = pick("sign-off", "", "clinician", "lawyer")
	p.Confidences = []choice{{"A", "A"}, {"B", "B"}, {"C", "C"}}
	content := c.cfg.Editor.Content()
	for _, id := range slices.Sorted(mapKeys(content.Facts)) {
		p.Facts = append(p.Facts, content.Facts[id])
	}
	for _, l := range content.Laws {
		if l.Status != kb.Repealed {
			p.Sources = append(p.Sources, choice{l.Number, l.Title + " " + l.Number})
		}
	}
	return p
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// workingText is the text that is edited of a file: its open draft's, else the one in use. A new file has neither.
func (c *Console) workingText(v *visit, file string) (text string, d editorial.Draft, err error) {
	d, err = c.cfg.Drafts.DraftOf(v.Context(), file)
	if err == nil {
		return d.Text, d, nil
	}
	if bot.ErrorCode(err) != bot.NotFound {
		return "", d, err
	}
	files, err := c.cfg.Editor.Files(v.Context())
	return string(files[file]), editorial.Draft{}, err
}

func (c *Console) entryNew(v *visit) (answer, error) {
	day := c.cfg.Now().In(vietnam).Format(time.DateOnly)
	p := c.entryForm(v, editorial.Form{Audience: "both", Confidence: "C", ValidFrom: day, CheckedOn: day, Questions: editorial.Lines(v.FormValue("question"))})
	p.New = true
	return answer{page: "entry_edit", title: "entry.new", data: p}, nil
}

func (c *Console) entryEdit(v *visit) (answer, error) {
	file, err := c.entryFile(v)
	if err != nil {
		return answer{}, err
	}
	text, d, err := c.workingText(v, file)
	if err != nil {
		return answer{}, err
	}
	f, err := editorial.Read([]byte(text))
	if err != nil { // written by hand, outside the form
		return answer{to: Path + "texts/edit?path=" + file}, nil
	}
	if q := strings.TrimSpace(v.FormValue("question")); q != "" && !slices.Contains(f.Questions, q) {
		f.Questions = append(f.Questions, q)
	}
	p := c.entryForm(v, f)
	p.Version, p.Note, p.Laws = d.Version, d.Note, c.cited(f.Citations)
	return answer{page: "entry_edit", title: f.Title, data: p}, c.preview(v, &p, file, []byte(text))
}

// entryFile is the file of the entry that the address names: one in use, or one that is only a draft yet.
func (c *Console) entryFile(v *visit) (string, error) {
	if e, ok := c.cfg.Editor.Content().Entry(v.PathValue("id")); ok {
		return e.Path, nil
	}
	drafts, err := c.cfg.Drafts.Drafts(v.Context())
	if err != nil {
		return "", err
	}
	for _, d := range drafts {
		if path.Base(d.Path) == v.PathValue("id")+".md" {
			return d.Path, nil
		}
	}
	return "", fault(http.StatusNotFound, "problem.not-found")
}

// preview fills in how the readers would see it; what is wrong with the text is the page's problem, not an error.
func (c *Console) preview(v *visit, p *entryForm, file string, text []byte) error {
	files, err := c.cfg.Editor.Files(v.Context())
	if err != nil {
		return err
	}
	files[file] = text
	if p.Preview, err = c.cfg.Editor.Preview(v.Context(), files, p.ID); err != nil {
		p.Problem = err.Error()
	}
	return nil
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)

// postedForm reads the form. problem says, in words for staff, why it cannot be an entry.
func (c *Console) postedForm(v *visit) (f editorial.Form, problem string) {
	text := func(name string) string { return strings.ReplaceAll(v.field(name), "\r\n", "\n") }
	f = editorial.Form{ID: v.field("id"), Title: v.field("title"), Topic: v.field("topic"), Audience: v.field("audience"), Urgency: v.field("urgency"),
		Confidence: v.field("confidence"), ValidFrom: v.field("valid_from"), CheckedOn: v.field("checked_on"), SignOff: v.field("sign_off"),
		Questions: editorial.Lines(v.field("questions")), Next: v.field("next"), SMS: v.field("sms"), Parent: text("parent"), Child: text("child")}
	for _, r := range strings.FieldsFunc(v.field("related"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		f.Related = append(f.Related, strings.TrimSpace(r))
	}
	if s := text("english"); s != "" {
		f.Texts = map[kb.Language]string{kb.English: s}
	}
	if s := v.field("sms_english"); s != "" {
		f.SMSIn = map[kb.Language]string{kb.English: s}
	}
	cites := v.field("citations")
	if article := v.field("pick_article"); v.field("pick_law") != "" && article != "" { // picked from a document
		cites += "\n" + strings.Join([]string{v.field("pick_law"), article, v.field("pick_clause")}, " | ")
	}
	var err error
	if f.Citations, err = editorial.ParseCitations(cites); err != nil {
		return f, err.Error()
	}
	if err := f.SetMedia(v.field("media")); err != nil {
		return f, err.Error()
	}
	for _, day := range []string{f.ValidFrom, f.CheckedOn} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return f, c.words.in(v.language, "entry.bad-date", day)
		}
	}
	if !idForm.MatchString(f.ID) {
		return f, c.words.in(v.language, "entry.bad-id")
	}
	if !slices.Contains(kb.Topics(), kb.Topic(f.Topic)) || f.Title == "" {
		return f, c.words.in(v.language, "entry.bad-title")
	}
	return f, ""
}

// carryOver keeps what the form does not show: other languages.
func carryOver(f, before editorial.Form) editorial.Form {
	for l, text := range before.Texts {
		if l != kb.English {
			if f.Texts == nil {
				f.Texts = map[kb.Language]string{}
			}
			f.Texts[l] = text
		}
	}
	for l, text := range before.SMSIn {
		if l != kb.English {
			if f.SMSIn == nil {
				f.SMSIn = map[kb.Language]string{}
			}
			f.SMSIn[l] = text
		}
	}
	return f
}

// entrySave stores the form as the entry's draft.
func (c *Console) entrySave(v *visit) (answer, error) {
	p, file, text, err := c.readEntryForm(v)
	if err != nil {
		return answer{}, err
	}
	again := answer{page: "entry_edit", title: "entry.edit", status: http.StatusUnprocessableEntity}
	if p.Problem != "" {
		again.data = p
		return again, nil
	}
	d, err := c.saveDraft(v, file, string(text), p.Version, p.New)
	if bot.ErrorCode(err) == bot.Conflict { // what was written is not lost: it is shown again beside the reason
		p.Problem = c.words.in(v.language, "problem.draft-conflict")
		again.data, again.status = p, http.StatusConflict
		return again, nil
	}
	if err != nil {
		return answer{}, err
	}
	notice := "draft.saved"
	if len(p.Kept) > 0 {
		notice = "draft.saved-kept"
	}
	return answer{to: Path + "drafts/" + d.ID, notice: notice}, nil
}

// entryPreview shows what a form would look like, for the script and for whoever presses the button.
func (c *Console) entryPreview(v *visit) (answer, error) {
	p, file, text, err := c.readEntryForm(v)
	if err != nil {
		return answer{}, err
	}
	if p.Problem == "" {
		err = c.preview(v, &p, file, text)
	}
	return answer{page: "entry_edit", title: "entry.edit", data: p}, err
}

// readEntryForm reads a posted form, with the file it belongs to and its text.
func (c *Console) readEntryForm(v *visit) (p entryForm, file string, text []byte, err error) {
	f, problem := c.postedForm(v)
	isNew := v.field("new") != ""
	var before editorial.Form
	if isNew {
		file = f.Path()
		if _, taken := c.cfg.Editor.Content().Entry(f.ID); taken && problem == "" {
			problem = c.words.in(v.language, "entry.id-taken")
		}
	} else {
		v.SetPathValue("id", f.ID)
		if file, err = c.entryFile(v); err != nil {
			return p, "", nil, err
		}
		files, err := c.cfg.Editor.Files(v.Context())
		if err != nil {
			return p, "", nil, err
		}
		before, _ = editorial.Read(files[file]) // a new draft has none
		working, _, err := c.workingText(v, file)
		if err != nil {
			return p, "", nil, err
		}
		if current, err := editorial.Read([]byte(working)); err == nil {
			f = carryOver(f, current)
			if before.ID == "" {
				before = current
			}
		}
	}
	var kept []string
	if before.ID != "" {
		f, kept = f.Guard(before, v.who.May(staff.PublishContent))
	}
	p = c.entryForm(v, f)
	p.New, p.Problem, p.Note, p.Kept = isNew, problem, v.field("note"), kept
	p.Version, _ = strconv.ParseInt(v.field("version"), 10, 64)
	if problem != "" { // as it was written
		p.Citations = v.field("citations")
	}
	p.Laws = c.cited(f.Citations)
	if text, err = f.Write(); err != nil && p.Problem == "" {
		p.Problem = err.Error()
	}
	return p, file, text, nil
}

// saveDraft stores a text as the open draft of a file, or a new draft. version is that of the draft that was edited, 0 if
// there was none. Conflict: somebody else changed it meanwhile.
func (c *Console) saveDraft(v *visit, file, text string, version int64, isNew bool) (editorial.Draft, error) {
	ctx, now := v.Context(), c.cfg.Now()
	d, err := c.cfg.Drafts.DraftOf(ctx, file)
	switch {
	case err == nil:
		if d.Version != version {
			return d, &bot.Error{Code: bot.Conflict, Op: "save draft"}
		}
		if d, err = d.Save(text, v.field("note"), v.who.Login, now); err != nil {
			return d, err
		}
	case bot.ErrorCode(err) == bot.NotFound:
		files, err := c.cfg.Editor.Files(ctx)
		if err != nil {
			return d, err
		}
		if version != 0 || isNew && files[file] != nil {
			return d, &bot.Error{Code: bot.Conflict, Op: "save draft"}
		}
		d = editorial.Draft{ID: c.cfg.NewID(), Path: file, Base: editorial.TextOf(file, files[file]), Text: text, State: editorial.Writing, Author: v.who.Login,
			Note: v.field("note"), CreatedAt: now, UpdatedAt: now, Version: 1}
	default:
		return d, err
	}
	return d, c.cfg.Drafts.SaveDraft(ctx, d, v.line("draft.save", file, ""))
}
