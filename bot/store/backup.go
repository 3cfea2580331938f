package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Backup writes a consistent copy of the database, on either engine, into a new SQLite file, readable by its owner only, while others go on using
// the database. The copy holds everything but the key, is whole on disk when Backup returns, and has no trace of what was
// deleted. On failure no file is left.
func Backup(ctx context.Context, db *DB, file string) (err error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists; name a file that does not", file)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(file))
		}
	}()
	write := func() error { // takes an empty file, and reads as of one moment
		_, err := db.ExecContext(ctx, `VACUUM INTO $1`, file)
		return err
	}
	if db.Shared() {
		write = func() error { return backupShared(ctx, db, file) }
	}
	if err := write(); err != nil {
		return fmt.Errorf("backup to %s: %w; check the free space there", file, err)
	}
	if err := errors.Join(f.Sync(), syncFolder(file)); err != nil {
		return fmt.Errorf("backup to %s: %w", file, err)
	}
	return f.Close()
}

// syncFolder makes the entry of a file in its folder durable.
func syncFolder(file string) error {
	d, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Contents is what a copy of a database holds.
type Contents struct {
	Newest                                     time.Time // when the last message came in; zero: none did
	Conversations, Messages, Cases, Unanswered int
	Statutes, ContentSets                      int
	Waiting                                    int // messages and replies that were in hand
}

// Inspect reads a copy of a database from end to end and changes nothing: whether the file is sound, whether this program
// knows its schema, and whether the keys open every sealed value. Its error says which of these fails.
func Inspect(ctx context.Context, file string, keys *Keys) (Contents, error) {
	var c Contents
	if _, err := os.Stat(file); err != nil {
		return c, err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return c, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := errors.Join(checkSound(ctx, db), checkSchema(ctx, db)); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	if err := CheckSealed(ctx, &DB{DB: db}, keys); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	var newest sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT (SELECT MAX(received_at) FROM inbox), (SELECT COUNT(*) FROM conversations), (SELECT COUNT(*) FROM inbox),
			(SELECT COUNT(*) FROM cases), (SELECT COUNT(*) FROM unanswered), (SELECT COUNT(DISTINCT law) FROM statutes), (SELECT COUNT(*) FROM content_sets),
			(SELECT COUNT(*) FROM inbox WHERE handled_at IS NULL) + (SELECT COUNT(*) FROM outbox WHERE delivery IN ('queued', 'sending'))`).
		Scan(&newest, &c.Conversations, &c.Messages, &c.Cases, &c.Unanswered, &c.Statutes, &c.ContentSets, &c.Waiting)
	if newest.Valid {
		c.Newest = fromMillis(newest.Int64)
	}
	return c, err
}

// checkSound has the engine read every page, index and reference.
func checkSound(ctx context.Context, db *sql.DB) error {
	faults, err := column[string](ctx, db, `PRAGMA integrity_check(1)`)
	if err != nil || len(faults) != 1 || faults[0] != "ok" {
		return errors.Join(errors.New("this is no sound SQLite database; take another copy"), err)
	}
	var broken int
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM pragma_foreign_key_check`).Scan(&broken); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("%d rows refer to others that are missing; take another copy", broken)
	}
	return nil
}

// checkSchema says whether the database is treem's and not of a newer program. An older one is brought up to date when it is
// next opened.
func checkSchema(ctx context.Context, db querier) error {
	applied, err := column[string](ctx, db, `SELECT name FROM migrations`)
	if err != nil {
		return fmt.Errorf("this is no database of treem: %w", err)
	}
	known, err := fs.Glob(migrations, "migrations/*/*.sql")
	if err != nil {
		return err
	}
	for _, name := range applied {
		if name != moving && !slices.Contains(known, name) {
			return fmt.Errorf("it was written by a newer treem (%s); use that program, or restore a backup made before it", filepath.Base(name))
		}
	}
	return nil
}
