package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"treem/kb"
)

// SaveStatute stores a document's text as its newest version and sets the statute's Version. Articles without a time of
// import of their own get at. An import that holds the same articles as the newest version is stored all the same: it says
// that the text was compared.
func (s *Store) SaveStatute(ctx context.Context, st *kb.Statute, at time.Time) error {
	return s.inTx(ctx, "store statute", func(tx *sql.Tx) error {
		if err := s.lockName(ctx, tx, "statute "+st.Law); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) + 1 FROM statutes WHERE law = $1`, st.Law).Scan(&st.Version); err != nil {
			return err
		}
		st.ImportedAt = at
		var id int64
		err := tx.QueryRowContext(ctx, `INSERT INTO statutes (law, version, title, issuer, issued, effective, whole, file, hash, imported_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`, st.Law, st.Version, st.Title, st.Issuer,
			dateText(st.Issued), dateText(st.Effective), st.Whole, st.File, st.Hash, millis(at)).Scan(&id)
		if err != nil {
			return err
		}
		for place, a := range st.Articles {
			if a.ImportedAt.IsZero() {
				a.ImportedAt = at
			}
			text, err := json.Marshal(a.Paragraphs)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO statute_articles (statute_id, place, number, title, chapter, section, partial, paragraphs, imported_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, place, a.Number, a.Title, a.Chapter, a.Section, a.Partial,
				string(text), millis(a.ImportedAt)); err != nil {
				return err
			}
		}
		return raiseRevision(ctx, tx)
	})
}

func raiseRevision(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE knowledge_revision SET revision = revision + 1`)
	return err
}

// Revision implements kb.Source.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.QueryRowContext(ctx, `SELECT revision FROM knowledge_revision`).Scan(&n)
	return n, wrap("read knowledge revision", err)
}

const newestStatutes = `SELECT id, law, version, title, issuer, issued, effective, whole, file, hash, imported_at FROM statutes s
	WHERE version = (SELECT MAX(version) FROM statutes WHERE law = s.law)`

// Statutes implements kb.Source.
func (s *Store) Statutes(ctx context.Context) ([]*kb.Statute, error) {
	return s.statutes(ctx, newestStatutes+` ORDER BY law`)
}

// Statute returns the newest version of one document; nil: none was imported.
func (s *Store) Statute(ctx context.Context, law string) (*kb.Statute, error) {
	all, err := s.statutes(ctx, newestStatutes+` AND law = $1`, law)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func (s *Store) statutes(ctx context.Context, query string, args ...any) ([]*kb.Statute, error) {
	var out []*kb.Statute
	err := s.inTx(ctx, "read statutes", func(tx *sql.Tx) error {
		out = nil
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		var ids []int64
		for rows.Next() {
			var st kb.Statute
			var id, at int64
			var issued, effective string
			if err := rows.Scan(&id, &st.Law, &st.Version, &st.Title, &st.Issuer, &issued, &effective, &st.Whole, &st.File, &st.Hash, &at); err != nil {
				return err
			}
			st.Issued, st.Effective, st.ImportedAt = textDate(issued), textDate(effective), fromMillis(at)
			out, ids = append(out, &st), append(ids, id)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for i, st := range out {
			if st.Articles, err = readArticles(ctx, tx, ids[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func readArticles(ctx context.Context, tx *sql.Tx, statute int64) ([]kb.FullArticle, error) {
	rows, err := tx.QueryContext(ctx, `SELECT number, title, chapter, section, partial, paragraphs, imported_at
		FROM statute_articles WHERE statute_id = $1 ORDER BY place`, statute)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []kb.FullArticle
	for rows.Next() {
		var a kb.FullArticle
		var text string
		var at int64
		if err := rows.Scan(&a.Number, &a.Title, &a.Chapter, &a.Section, &a.Partial, &text, &at); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &a.Paragraphs); err != nil {
			return nil, err
		}
		a.ImportedAt = fromMillis(at)
		out = append(out, a)
	}
	return out, rows.Err()
}

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func textDate(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// SaveContent stores a content set as the newest. hash is the fingerprint of its files.
func (s *Store) SaveContent(ctx context.Context, set kb.ContentSet, hash string) error {
	return s.inTx(ctx, "store content", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO content_sets (base, hash, archive, stored_at) VALUES ($1, $2, $3, $4)`,
			set.Base, hash, set.Archive, millis(set.StoredAt)); err != nil {
			return err
		}
		return raiseRevision(ctx, tx)
	})
}

// Content implements kb.Source.
func (s *Store) Content(ctx context.Context) (*kb.ContentSet, error) {
	var set kb.ContentSet
	var at int64
	err := s.db.QueryRowContext(ctx, `SELECT base, archive, stored_at FROM content_sets ORDER BY id DESC LIMIT 1`).Scan(&set.Base, &set.Archive, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("read stored content", err)
	}
	set.StoredAt = fromMillis(at)
	return &set, nil
}
