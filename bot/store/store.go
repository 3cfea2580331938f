// Package store keeps the service's data on a database: conversations, inbox, outbox, cases, unanswered questions and
// feedback. It implements bot.Store. What identifies a person or holds their words is encrypted before it reaches the
// database (seal.go). Inside a transaction only that transaction is used.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"treem/bot"
)

// Enqueuer stores jobs inside a transaction, so that they exist exactly if the change that caused them does.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *sql.Tx, jobs ...bot.Job) error
}

// Store implements bot.Store on either engine.
type Store struct {
	db    *DB
	keys  *Keys
	queue Enqueuer
	crowd crowd
}

// New returns a store on an opened and migrated database.
func New(db *DB, keys *Keys, queue Enqueuer) *Store {
	return &Store{db: db, keys: keys, queue: queue}
}

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema up to date. Each migration runs once, in the order of its file name. A database that a newer
// program has changed is refused, and one that a move has not filled yet.
func Migrate(ctx context.Context, db *DB) error {
	if err := migrate(ctx, db); err != nil {
		return err
	}
	return checkMoved(ctx, db)
}

func migrate(ctx context.Context, db *DB) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)`); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := checkSchema(ctx, db); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	names, err := fs.Glob(migrations, "migrations/"+db.engine()+"/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := migrateOne(ctx, db, name); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

func migrateOne(ctx context.Context, db *DB, name string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	res, err := tx.ExecContext(ctx, `INSERT INTO migrations (name) VALUES ($1) ON CONFLICT DO NOTHING`, name)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	return tx.Commit()
}

// tries is how often a transaction is begun that PostgreSQL gives up because of others.
const tries = 5

// inTx runs f in one transaction: all of it is stored or nothing. f may run more than once.
func (s *Store) inTx(ctx context.Context, op string, f func(tx *sql.Tx) error) error {
	for n := 1; ; n++ {
		err := s.once(ctx, f)
		if n == tries || !again(err) {
			return wrap(op, err)
		}
	}
}

func (s *Store) once(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// wrap gives an error its operation and code; an error that already has a code keeps it.
func wrap(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return &bot.Error{Code: bot.NotFound, Op: op, Err: err}
	case bot.ErrorCode(err) != bot.Internal:
		return fmt.Errorf("%s: %w", op, err)
	default:
		return &bot.Error{Code: bot.Internal, Op: op, Err: err}
	}
}

func conflict(what string) error { return &bot.Error{Code: bot.Conflict, Op: what} }

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// changed tells how many rows a statement changed.
func changed(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return wrap("ping database", s.db.QueryRowContext(ctx, `SELECT 1`).Scan(&one))
}

// CheckWritable says whether the database takes a write and keeps it, changing nothing.
func (s *Store) CheckWritable(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `UPDATE knowledge_revision SET revision = revision`)
	return wrap("write database", err)
}

// Lead runs f while this program is the one, of those that share the database, which does what the name says; see [DB.Lead].
func (s *Store) Lead(ctx context.Context, what string, f func(ctx context.Context)) {
	s.db.Lead(ctx, what, f)
}
