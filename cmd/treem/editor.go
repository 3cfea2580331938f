package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"sync"
	"time"

	"treem/bot"
	"treem/bot/console"
	"treem/bot/dialogue"
	"treem/bot/editorial"
	"treem/bot/staff"
	"treem/bot/store"
	"treem/channels/telegram"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/statute"
)

// editor knows the content in use and what would become of it. It implements console.Editor.
type editor struct {
	live  *live
	store *store.Store
	price float64 // đồng a segment of SMS

	building sync.Mutex  // one content is built and checked at a time: it takes memory and both processors
	checked  *kb.Content // what broken is of; guarded by building
	broken   []kb.Problem
	reading  sync.Mutex
	of       *kb.Content // what readings are of
	readings editorial.Readings
}

// Content implements console.Editor.
func (e *editor) Content() *kb.Content { return e.live.current().content }

// Search implements console.Editor.
func (e *editor) Search(ctx context.Context, question string) (kb.Result, error) {
	return e.live.Search(ctx, kb.Query{Text: e.live.current().text.Normalise(question)})
}

// Files implements console.Editor.
func (e *editor) Files(ctx context.Context) (map[string][]byte, error) {
	carried, _, err := kb.Files(content.FS)
	if err != nil {
		return nil, err
	}
	return effectiveFiles(ctx, e.store, carried, e.live.log)
}

// folder opens files as a folder. Nothing is compressed: it is read once and forgotten.
func folder(files map[string][]byte) (fs.FS, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, data := range files {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
}

// Preview implements console.Editor.
func (e *editor) Preview(ctx context.Context, files map[string][]byte, id string) (editorial.Preview, error) {
	fsys, err := folder(files)
	if err != nil {
		return editorial.Preview{}, err
	}
	c, book, err := readKnowledge(fsys, nil)
	if err != nil {
		return editorial.Preview{}, err
	}
	entry, ok := c.Entry(id)
	if !ok {
		return editorial.Preview{}, fmt.Errorf("there is no entry %s", id)
	}
	p := editorial.Show(book, entry, e.ambiguous(), e.price, time.Now())
	p.Telegram, err = onTelegram(book, entry, time.Now())
	return p, err
}

// onTelegram is what a parent who asked before gets on Telegram when the entry answers.
func onTelegram(book *dialogue.Book, entry *kb.Entry, now time.Time) (all []editorial.Chat, err error) {
	found := kb.Result{Verdict: kb.VerdictAnswer, Hits: []kb.Hit{{Entry: entry}}}
	before := dialogue.Decision{State: dialogue.State{Greeted: true, Audience: kb.AudienceParent}}
	for _, u := range book.Answer(before, dialogue.Input{Medium: dialogue.Chat, Now: now}, &found).Say {
		shown, err := telegram.Show(bot.Render(u, dialogue.Chat))
		if err != nil {
			return nil, err
		}
		for i, part := range shown.Parts {
			one := editorial.Chat{Text: part}
			if i == len(shown.Parts)-1 {
				one.Buttons = shown.Buttons
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// ambiguous are the readings of the content in use.
func (e *editor) ambiguous() editorial.Readings {
	e.reading.Lock()
	defer e.reading.Unlock()
	if now := e.Content(); e.of != now {
		e.of, e.readings = now, editorial.ReadingsOf(now)
	}
	return e.readings
}

// Check implements console.Editor.
func (e *editor) Check(ctx context.Context, d editorial.Draft) (console.Verdict, error) {
	e.building.Lock()
	defer e.building.Unlock()
	files, err := e.Files(ctx)
	if err != nil {
		return console.Verdict{}, err
	}
	v := console.Verdict{State: stateOf(files, d)}
	stored, err := kb.ReadSource(ctx, e.store)
	if err != nil {
		return v, err
	}
	before := e.live.current()
	before.searching.RLock() // the follower waits until this is done before it frees what is in use
	defer before.searching.RUnlock()
	if before.closed {
		return v, &bot.Error{Code: bot.Conflict, Op: "check draft"}
	}
	build := func(files map[string][]byte) (*knowledge, error) {
		fsys, err := folder(files)
		if err != nil {
			return nil, err
		}
		return buildKnowledge(ctx, before.text, before.triage, fsys, stored.Statutes)
	}
	after, err := build(d.Over(files))
	if err != nil { // the draft's fault
		v.Problems = []string{err.Error()}
		return v, nil
	}
	defer after.Close()
	was, err := e.problems(ctx, before.knowledge)
	if err != nil {
		return v, err
	}
	is, err := kb.Check(ctx, after.content, after.index, before.text, time.Now())
	if err != nil {
		return v, err
	}
	for _, p := range is {
		if !slices.Contains(was, p) {
			v.Problems = append(v.Problems, p.String())
		}
	}
	own := ""
	for _, one := range after.content.Entries {
		if one.Path == d.Path {
			own = one.ID
		}
	}
	unsure, err := e.unsure(ctx)
	if err != nil {
		return v, err
	}
	v.Moved, err = editorial.Impact(ctx, before.content, after.content, before.index, after.index, before.text, own, unsure)
	return v, err
}

// lately is how many questions without a sure answer a draft is tried with.
const lately = 300

// unsure are the newest questions without a sure answer, masked.
func (e *editor) unsure(ctx context.Context) ([]string, error) {
	asked, err := e.store.Unanswered(ctx, lately)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, one := range asked {
		all = append(all, editorial.Mask(one.Text))
	}
	return all, nil
}

// problems are the rules that the content in use breaks, worked out once for each content.
func (e *editor) problems(ctx context.Context, k *knowledge) ([]kb.Problem, error) {
	if e.checked != k.content {
		found, err := kb.Check(ctx, k.content, k.index, k.text, time.Now())
		if err != nil {
			return nil, err
		}
		e.checked, e.broken = k.content, found
	}
	return e.broken, nil
}

// stateOf names the content and the draft that a verdict is about.
func stateOf(files map[string][]byte, d editorial.Draft) string {
	sum := sha256.Sum256([]byte(kb.Hash(files) + " " + d.ID + " " + strconv.FormatInt(d.Version, 10)))
	return hex.EncodeToString(sum[:16])
}

// Publish implements console.Editor.
func (e *editor) Publish(ctx context.Context, d editorial.Draft, seen string, r staff.Record) error {
	revision, err := e.store.Revision(ctx)
	if err != nil {
		return err
	}
	files, err := e.Files(ctx)
	if err != nil {
		return err
	}
	if seen != stateOf(files, d) {
		return &bot.Error{Code: bot.Conflict, Op: "publish"}
	}
	return e.publish(ctx, d, files, revision, r)
}

// publish makes the files with the draft the content in use. revision is that of the knowledge before the files were read.
func (e *editor) publish(ctx context.Context, d editorial.Draft, files map[string][]byte, revision int64, r staff.Record) error {
	d, err := d.Publish(files, r.At)
	if err != nil {
		return err
	}
	if err := kb.CheckFiles(files); err != nil {
		return err
	}
	carried, _, err := kb.Files(content.FS)
	if err != nil {
		return err
	}
	archive, err := kb.Pack(files)
	if err != nil {
		return err
	}
	set := kb.ContentSet{StoredAt: r.At, Base: kb.Hash(carried), Archive: archive}
	return e.store.Publish(ctx, d, set, kb.Hash(files), revision, r)
}

// publishDue publishes the drafts whose time has come. One that would break a rule, or whose file was changed meanwhile,
// goes back to its author with the reason.
func (e *editor) publishDue(ctx context.Context, now time.Time) error {
	due, err := e.store.DueDrafts(ctx, now)
	if err != nil {
		return err
	}
	for _, d := range due {
		verdict, err := e.Check(ctx, d)
		if err != nil {
			return err
		}
		line := staff.Record{At: now, Who: d.Reviewer, Action: "publish.scheduled", Object: d.Path}
		why := ""
		if len(verdict.Problems) > 0 {
			why = verdict.Problems[0]
		} else {
			err = e.Publish(ctx, d, verdict.State, line)
			if errors.Is(err, editorial.ErrMoved) {
				why = editorial.ErrMoved.Error()
			}
		}
		switch {
		case why != "":
			back, serr := d.SendBack(why, now)
			if serr != nil {
				return serr
			}
			line.Action = "publish.sent-back"
			err = e.store.SaveDraft(ctx, back, line)
		case bot.ErrorCode(err) == bot.Conflict: // another process published it, or something else: the next turn looks again
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readStatute implements console.ReadStatute.
func readStatute(name string, data []byte) (st *kb.Statute, doubts []string, fit bool, err error) {
	d, err := statute.Read(name, data)
	if err != nil {
		return nil, nil, false, err
	}
	for _, p := range d.Problems {
		doubts = append(doubts, p.String())
	}
	sum := sha256.Sum256(data)
	return toStatute(d, name, hex.EncodeToString(sum[:])), doubts, d.Worst() != statute.Fault, nil
}
