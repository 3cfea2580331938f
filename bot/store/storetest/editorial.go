package storetest

import (
	"testing"
	"time"

	"treem/bot"
	"treem/bot/editorial"
	"treem/kb"
)

func draft(id, path string) editorial.Draft {
	return editorial.Draft{ID: id, Path: path, Base: "cũ", Text: "mới", State: editorial.Writing, Author: "lan", CreatedAt: start, UpdatedAt: start, Version: 1}
}

func draftsAreStored(t *testing.T, s Subject) {
	ctx := t.Context()
	d := draft("d1", "entries/rights/a.md")
	must(t, s.Store.SaveDraft(ctx, d, line("draft.new", d.Path)))
	if err := s.Store.SaveDraft(ctx, draft("d2", d.Path), line("draft.new", d.Path)); bot.ErrorCode(err) != bot.Conflict {
		t.Errorf("a second open draft of one file: %v", err)
	}
	d, err := d.Submit(start.Add(time.Minute))
	must(t, err)
	must(t, s.Store.SaveDraft(ctx, d, line("draft.submit", d.Path)))
	if err := s.Store.SaveDraft(ctx, d, line("draft.submit", d.Path)); bot.ErrorCode(err) != bot.Conflict {
		t.Errorf("saved under an old version: %v", err)
	}
	got, err := s.Store.DraftOf(ctx, d.Path)
	if err != nil || got != d {
		t.Errorf("read %+v, %v, want %+v", got, err, d)
	}
	d, err = d.Approve("minh", start)
	must(t, err)
	d, err = d.Schedule(start.Add(time.Hour), start)
	must(t, err)
	for _, v := range []int64{3, 4} {
		d.Version = v
		must(t, s.Store.SaveDraft(ctx, d, line("draft.schedule", d.Path)))
	}
	for at, want := range map[time.Duration]int{59 * time.Minute: 0, time.Hour: 1} {
		if due, err := s.Store.DueDrafts(ctx, start.Add(at)); err != nil || len(due) != want {
			t.Errorf("after %s %d drafts are due, %v", at, len(due), err)
		}
	}
	d, err = d.Drop(start)
	must(t, err)
	must(t, s.Store.SaveDraft(ctx, d, line("draft.drop", d.Path)))
	if open, err := s.Store.Drafts(ctx); err != nil || len(open) != 0 {
		t.Errorf("open drafts %+v, %v", open, err)
	}
	must(t, s.Store.SaveDraft(ctx, draft("d3", d.Path), line("draft.new", d.Path)))
}

func publishingIsAllOrNothing(t *testing.T, s Subject) {
	ctx := t.Context()
	d := draft("d1", "entries/rights/a.md")
	must(t, s.Store.SaveDraft(ctx, d, line("draft.new", d.Path)))
	seen, err := s.Store.Revision(ctx)
	must(t, err)
	published := d
	published.State, published.Reviewer, published.Version, published.UpdatedAt = editorial.Published, "minh", 2, start.Add(time.Hour)
	set := kb.ContentSet{StoredAt: start, Base: "b", Archive: []byte("zip")}
	if err := s.Store.Publish(ctx, published, set, "h", seen+1, line("publish", d.Path)); bot.ErrorCode(err) != bot.Conflict {
		t.Errorf("published over other content: %v", err)
	}
	stale := published
	stale.Version = 3
	if err := s.Store.Publish(ctx, stale, set, "h", seen, line("publish", d.Path)); bot.ErrorCode(err) != bot.Conflict {
		t.Errorf("published from an old draft: %v", err)
	}
	if now, err := s.Store.Revision(ctx); err != nil || now != seen {
		t.Errorf("what was refused raised the revision to %d, %v", now, err)
	}
	if stored, err := s.Store.Content(ctx); err != nil || stored != nil {
		t.Errorf("what was refused stored content: %v, %v", stored, err)
	}
	must(t, s.Store.Publish(ctx, published, set, "h", seen, line("publish", d.Path)))
	if now, err := s.Store.Revision(ctx); err != nil || now <= seen {
		t.Errorf("the revision is %d, %v", now, err)
	}
	again := draft("d2", d.Path)
	again.Base, again.Text = "mới", ""
	must(t, s.Store.SaveDraft(ctx, again, line("draft.new", d.Path)))
	again.State, again.Version = editorial.Published, 2
	must(t, s.Store.Publish(ctx, again, set, "h2", seen+1, line("publish", d.Path)))
	all, err := s.Store.Revisions(ctx, d.Path)
	if err != nil || len(all) != 3 || all[0].Text != "" || all[1].Text != "mới" || all[1].Reviewer != "minh" || all[2].Text != "cũ" || all[2].Author != "" {
		t.Errorf("revisions %+v, %v", all, err)
	}
	for _, q := range []string{`UPDATE content_revisions SET text = ''`, `DELETE FROM content_revisions`} {
		if err := s.Exec(q); err == nil {
			t.Errorf("%s is let through", q)
		}
	}
}
