package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"treem/bot/editorial"
	"treem/bot/handover"
	"treem/bot/staff"
	"treem/kb"
)

// SaveUpload keeps a file of somebody's between being shown and being stored, for a day.
func (s *Store) SaveUpload(ctx context.Context, id, login, name string, data []byte, at time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO uploads (id, login, name, data, at) VALUES ($1, $2, $3, $4, $5)`, id, login, name, data, millis(at))
	return wrap("keep upload", err)
}

// Upload returns a file that the login kept. NotFound: there is none, or its day is over.
func (s *Store) Upload(ctx context.Context, id, login string) (name string, data []byte, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT name, data FROM uploads WHERE id = $1 AND login = $2`, id, login).Scan(&name, &data)
	return name, data, wrap("read upload", err)
}

// StatuteVersions returns every imported version of a document, the oldest first.
func (s *Store) StatuteVersions(ctx context.Context, law string) ([]*kb.Statute, error) {
	return s.statutes(ctx, `SELECT id, law, version, title, issuer, issued, effective, whole, file, hash, imported_at FROM statutes WHERE law = $1 ORDER BY version`, law)
}

// SaveCorrection keeps a message that triage should have judged otherwise, masked.
func (s *Store) SaveCorrection(ctx context.Context, c handover.Correction, r staff.Record) error {
	return s.inTx(ctx, "save correction", func(tx *sql.Tx) error {
		if err := s.addCorrection(ctx, tx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, r)
	})
}

func (s *Store) addCorrection(ctx context.Context, tx *sql.Tx, c handover.Correction) error {
	for i := range c.Words {
		c.Words[i] = editorial.Mask(c.Words[i])
	}
	body, err := s.keys.seal("correction", c)
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO corrections (body_sealed, at) VALUES ($1, $2)`, body, millis(c.At))
	}
	return err
}

// correct keeps what an officer's act says of triage, with the words of the case, in the act's own transaction.
func (s *Store) correct(ctx context.Context, tx *sql.Tx, c *handover.Case, events []handover.Event) error {
	found, ok := handover.Corrected(c, events)
	if !ok {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT body_sealed FROM inbox WHERE conversation_id = $1 AND body_sealed IS NOT NULL
		AND id >= (SELECT MIN(inbox_id) FROM case_events WHERE case_id = $2 AND inbox_id > 0) ORDER BY id`, c.Conversation, c.ID)
	if err != nil {
		return err
	}
	sealed, err := collect[[]byte](rows)
	if err != nil {
		return err
	}
	for _, one := range sealed {
		var b inboxBody
		if err := s.keys.open("inbox", one, &b); err != nil {
			return err
		}
		if b.Text != "" {
			found.Words = append(found.Words, b.Text)
		}
	}
	return s.addCorrection(ctx, tx, found)
}

// Corrections lists the newest corrections, at most limit.
func (s *Store) Corrections(ctx context.Context, limit int) ([]handover.Correction, error) {
	var all []handover.Correction
	err := each(ctx, s.db, func(scan func(...any) error) error {
		var sealed []byte
		var c handover.Correction
		if err := scan(&sealed); err != nil {
			return err
		}
		err := s.keys.open("correction", sealed, &c)
		all = append(all, c)
		return err
	}, `SELECT body_sealed FROM corrections ORDER BY id DESC LIMIT $1`, limit)
	return all, wrap("list corrections", err)
}

// Roster returns the newest roster that was written in the console, and its version; 0: there is none.
func (s *Store) Roster(ctx context.Context) (text string, version int64, err error) {
	var sealed []byte
	err = s.db.QueryRowContext(ctx, `SELECT version, text_sealed FROM rosters ORDER BY version DESC LIMIT 1`).Scan(&version, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	if err == nil {
		err = s.keys.open("roster", sealed, &text)
	}
	return text, version, wrap("read roster", err)
}

// SaveRoster stores a roster over the version that was edited. Conflict: another was stored meanwhile.
func (s *Store) SaveRoster(ctx context.Context, text string, over int64, r staff.Record) error {
	return s.inTx(ctx, "save roster", func(tx *sql.Tx) error {
		if err := s.lockName(ctx, tx, "roster"); err != nil {
			return err
		}
		var newest int64
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM rosters`).Scan(&newest); err != nil {
			return err
		}
		if newest != over {
			return conflict("the roster changed")
		}
		sealed, err := s.keys.seal("roster", text)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO rosters (text_sealed, author, at) VALUES ($1, $2, $3)`, sealed, r.Who, millis(r.At)); err != nil {
			return err
		}
		return s.record(ctx, tx, r)
	})
}
