package store

import (
	"context"
	"database/sql"
	"time"

	"treem/bot/editorial"
	"treem/bot/staff"
	"treem/kb"
)

const draftColumns = `id, path, base, text, state, author, reviewer, note, publish_at, version, created_at, updated_at`

func scanDraft(scan func(...any) error) (editorial.Draft, error) {
	var d editorial.Draft
	var due sql.NullInt64
	var created, updated int64
	err := scan(&d.ID, &d.Path, &d.Base, &d.Text, &d.State, &d.Author, &d.Reviewer, &d.Note, &due, &d.Version, &created, &updated)
	d.CreatedAt, d.UpdatedAt = fromMillis(created), fromMillis(updated)
	if due.Valid {
		d.PublishAt = fromMillis(due.Int64)
	}
	return d, err
}

// Draft returns a draft. NotFound: there is none of that id.
func (s *Store) Draft(ctx context.Context, id string) (editorial.Draft, error) {
	d, err := scanDraft(s.db.QueryRowContext(ctx, `SELECT `+draftColumns+` FROM drafts WHERE id = $1`, id).Scan)
	return d, wrap("read draft", err)
}

// DraftOf returns the open draft of a file. NotFound: there is none.
func (s *Store) DraftOf(ctx context.Context, path string) (editorial.Draft, error) {
	d, err := scanDraft(s.db.QueryRowContext(ctx, `SELECT `+draftColumns+` FROM drafts WHERE path = $1 AND state IN ('writing', 'review', 'approved')`, path).Scan)
	return d, wrap("read draft", err)
}

// Drafts lists the open drafts, the latest changed first.
func (s *Store) Drafts(ctx context.Context) ([]editorial.Draft, error) {
	return s.drafts(ctx, `state IN ('writing', 'review', 'approved') ORDER BY updated_at DESC, id`)
}

// DueDrafts lists the approved drafts whose time has come, the earliest first.
func (s *Store) DueDrafts(ctx context.Context, now time.Time) ([]editorial.Draft, error) {
	return s.drafts(ctx, `state = 'approved' AND publish_at <= $1 ORDER BY publish_at, id`, millis(now))
}

func (s *Store) drafts(ctx context.Context, where string, args ...any) ([]editorial.Draft, error) {
	var all []editorial.Draft
	err := each(ctx, s.db, func(scan func(...any) error) error {
		d, err := scanDraft(scan)
		all = append(all, d)
		return err
	}, `SELECT `+draftColumns+` FROM drafts WHERE `+where, args...)
	return all, wrap("list drafts", err)
}

// SaveDraft stores a new draft, of version 1, or a changed one with its version raised by one, with a line of the audit
// log. Conflict: it was changed meanwhile, or the file has another open draft.
func (s *Store) SaveDraft(ctx context.Context, d editorial.Draft, r staff.Record) error {
	return s.inTx(ctx, "save draft", func(tx *sql.Tx) error {
		if err := saveDraft(ctx, tx, d); err != nil {
			return err
		}
		return s.record(ctx, tx, r)
	})
}

func saveDraft(ctx context.Context, tx *sql.Tx, d editorial.Draft) error {
	due := sql.NullInt64{Int64: millis(d.PublishAt), Valid: !d.PublishAt.IsZero()}
	var n int64
	var err error
	if d.Version == 1 {
		n, err = changed(tx.ExecContext(ctx, `INSERT INTO drafts (`+draftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT DO NOTHING`, d.ID, d.Path, d.Base, d.Text, string(d.State), d.Author, d.Reviewer, d.Note, due, d.Version, millis(d.CreatedAt), millis(d.UpdatedAt)))
	} else {
		n, err = changed(tx.ExecContext(ctx, `UPDATE drafts SET base = $1, text = $2, state = $3, author = $4, reviewer = $5, note = $6, publish_at = $7, version = $8,
			updated_at = $9 WHERE id = $10 AND version = $11`,
			d.Base, d.Text, string(d.State), d.Author, d.Reviewer, d.Note, due, d.Version, millis(d.UpdatedAt), d.ID, d.Version-1))
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return conflict("the draft changed, or the file has another one")
	}
	return nil
}

// Publish stores a published draft and the content that follows from it, with the text of its file before, if that was not
// published here, and after. seen is the knowledge's revision that the content was made from. Conflict: the draft or the
// content changed meanwhile; nothing was stored.
func (s *Store) Publish(ctx context.Context, d editorial.Draft, set kb.ContentSet, hash string, seen int64, r staff.Record) error {
	return s.inTx(ctx, "publish", func(tx *sql.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `UPDATE knowledge_revision SET revision = revision + 1 WHERE revision = $1`, seen))
		if err != nil {
			return err
		}
		if n == 0 {
			return conflict("the content changed")
		}
		if err := saveDraft(ctx, tx, d); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO content_sets (base, hash, archive, stored_at) VALUES ($1, $2, $3, $4)`,
			set.Base, hash, set.Archive, millis(set.StoredAt)); err != nil {
			return err
		}
		var last string
		err = tx.QueryRowContext(ctx, `SELECT text FROM content_revisions WHERE path = $1 ORDER BY id DESC LIMIT 1`, d.Path).Scan(&last)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		if last != d.Base {
			if err := addRevision(ctx, tx, editorial.Revision{Path: d.Path, Text: d.Base, PublishedAt: d.CreatedAt}); err != nil {
				return err
			}
		}
		if err := addRevision(ctx, tx, editorial.Revision{Path: d.Path, Text: d.Text, Author: d.Author, Reviewer: d.Reviewer, Note: d.Note, PublishedAt: d.UpdatedAt}); err != nil {
			return err
		}
		return s.record(ctx, tx, r)
	})
}

func addRevision(ctx context.Context, tx *sql.Tx, v editorial.Revision) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO content_revisions (path, text, author, reviewer, note, published_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		v.Path, v.Text, v.Author, v.Reviewer, v.Note, millis(v.PublishedAt))
	return err
}

// Revisions lists what was published of a file, newest first.
func (s *Store) Revisions(ctx context.Context, path string) ([]editorial.Revision, error) {
	var all []editorial.Revision
	err := each(ctx, s.db, func(scan func(...any) error) error {
		var v editorial.Revision
		var at int64
		err := scan(&v.ID, &v.Path, &v.Text, &v.Author, &v.Reviewer, &v.Note, &at)
		v.PublishedAt = fromMillis(at)
		all = append(all, v)
		return err
	}, `SELECT id, path, text, author, reviewer, note, published_at FROM content_revisions WHERE path = $1 ORDER BY id DESC`, path)
	return all, wrap("list revisions", err)
}

// EntryUse is how an entry did since a day.
type EntryUse struct{ Answered, Helpful, Unhelpful int }

// EntryUses tells of every entry that answered, or was rated, since a day how often it did.
func (s *Store) EntryUses(ctx context.Context, day string, since time.Time) (map[string]EntryUse, error) {
	all := map[string]EntryUse{}
	err := each(ctx, s.db, func(scan func(...any) error) error {
		var id string
		var n int
		err := scan(&id, &n)
		all[id] = EntryUse{Answered: n}
		return err
	}, `SELECT entry, SUM(n) FROM entry_counts WHERE day >= $1 GROUP BY entry`, day)
	if err != nil {
		return nil, wrap("count answers", err)
	}
	err = each(ctx, s.db, func(scan func(...any) error) error {
		var id string
		var yes, no int
		err := scan(&id, &yes, &no)
		u := all[id]
		u.Helpful, u.Unhelpful = yes, no
		all[id] = u
		return err
	}, `SELECT entry, COUNT(CASE WHEN helpful THEN 1 END), COUNT(CASE WHEN NOT helpful THEN 1 END) FROM feedback WHERE given_at >= $1 GROUP BY entry`, millis(since))
	return all, wrap("count ratings", err)
}
