package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"treem/channels"
	"treem/channels/hotline"
)

// resealBatch is how many values are read at once.
const resealBatch = 500

// Reseal encrypts everything that was written under a further key with the first, works out its pseudonyms anew, and
// rewrites the file so that nothing under the old key is left in it. It returns how many values it changed. Nobody else
// may use the database meanwhile; on failure nothing is changed. Only the pseudonyms of notices that were sent stay as
// they are: what the target calls them is not stored.
func Reseal(ctx context.Context, db *DB, keys *Keys) (int, error) {
	n := 0
	s := &Store{db: db, keys: keys}
	err := s.inTx(ctx, "change the key", func(tx *sql.Tx) error {
		restore, err := s.dropTriggers(ctx, tx) // histories are only added to, except here, where no meaning changes
		if err != nil {
			return err
		}
		for _, c := range sealedColumns {
			changed, err := s.resealColumn(ctx, tx, c)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", c.column, c.table, err)
			}
			n += changed
		}
		if err := s.rehashAddresses(ctx, tx); err != nil {
			return err
		}
		if err := s.rehashLanes(ctx, tx); err != nil {
			return err
		}
		return restore()
	})
	if err != nil {
		return 0, err
	}
	return n, wrap("rewrite the database", rewrite(ctx, db))
}

// rewrite writes the data anew, so that nothing that was replaced is left in it.
func rewrite(ctx context.Context, db *DB) error {
	if db.Shared() {
		_, err := db.ExecContext(ctx, `VACUUM FULL`)
		return err
	}
	_, err := db.ExecContext(ctx, `VACUUM`)
	_, cerr := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return errors.Join(err, cerr)
}

// onlyAdded are the tables whose rows triggers keep from being changed.
var onlyAdded = []string{"case_events", "audit", "content_revisions"}

// dropTriggers takes the triggers away and returns what puts them back.
func (s *Store) dropTriggers(ctx context.Context, tx *sql.Tx) (restore func() error, err error) {
	if s.db.Shared() {
		return switchTriggers(ctx, tx)
	}
	names, err := column[string](ctx, tx, `SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	texts, err := column[string](ctx, tx, `SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := tx.ExecContext(ctx, `DROP TRIGGER "`+name+`"`); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, text := range texts {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// switchTriggers turns PostgreSQL's triggers off and returns what turns them on.
func switchTriggers(ctx context.Context, tx *sql.Tx) (restore func() error, err error) {
	set := func(what string) error {
		for _, table := range onlyAdded {
			if _, err := tx.ExecContext(ctx, `ALTER TABLE `+table+` `+what+` TRIGGER USER`); err != nil {
				return err
			}
		}
		return nil
	}
	return func() error { return set("ENABLE") }, set("DISABLE")
}

// sealedRow is a sealed value with what tells its row apart.
type sealedRow struct {
	key    any
	sealed []byte
	more   string // another column, if asked for
}

// batches calls f for the sealed values of a column, with another column beside them, in batches.
func batches(ctx context.Context, tx *sql.Tx, table, key, sealed, more string, f func([]sealedRow) error) error {
	query := fmt.Sprintf(`SELECT %s, %s, %s FROM %s WHERE %[2]s IS NOT NULL`, key, sealed, more, table)
	after, args := "", []any{resealBatch}
	for {
		rows, err := tx.QueryContext(ctx, query+after+` ORDER BY `+key+` LIMIT $1`, args...)
		if err != nil {
			return err
		}
		var batch []sealedRow
		for rows.Next() {
			var r sealedRow
			if err := rows.Scan(&r.key, &r.sealed, &r.more); err != nil {
				return errors.Join(err, rows.Close())
			}
			batch = append(batch, r)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(batch) == 0 {
			return err
		}
		if err := f(batch); err != nil {
			return err
		}
		after, args = ` AND `+key+` > $2`, []any{resealBatch, batch[len(batch)-1].key}
	}
}

func (s *Store) resealColumn(ctx context.Context, tx *sql.Tx, c sealedColumn) (n int, err error) {
	first := s.keys.all[0].id
	err = batches(ctx, tx, c.table, c.key, c.column, `''`, func(batch []sealedRow) error {
		for _, r := range batch {
			if len(r.sealed) >= len(first) && [4]byte(r.sealed[:4]) == first {
				continue
			}
			var value json.RawMessage
			if err := s.keys.open(c.use, r.sealed, &value); err != nil {
				return fmt.Errorf("%s %v: %w", c.key, r.key, err)
			}
			sealed, err := s.keys.seal(c.use, value)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2`, c.table, c.column, c.key), sealed, r.key); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

func (s *Store) rehashAddresses(ctx context.Context, tx *sql.Tx) error {
	return batches(ctx, tx, "conversations", "id", "address_sealed", "channel", func(batch []sealedRow) error {
		for _, r := range batch {
			a := channels.Address{Channel: r.more}
			if err := s.keys.open("address", r.sealed, &a.ID); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE conversations SET address_hash = $1 WHERE id = $2`, s.keys.hashes(a)[0], r.key); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) rehashLanes(ctx context.Context, tx *sql.Tx) error {
	return batches(ctx, tx, "notices", "id", "body_sealed", "target", func(batch []sealedRow) error {
		for _, r := range batch {
			var n hotline.Notice
			if err := s.keys.open("notice", r.sealed, &n); err != nil {
				return err
			}
			lane := s.keys.hashes(channels.Address{Channel: r.more, ID: n.To})[0]
			if _, err := tx.ExecContext(ctx, `UPDATE notices SET lane = $1 WHERE id = $2`, lane, r.key); err != nil {
				return err
			}
		}
		return nil
	})
}

// First returns the keys without those that only read.
func (k *Keys) First() *Keys { return &Keys{all: k.all[:1]} }

// ID is what stands before every value sealed under the first key.
func (k *Keys) ID() [4]byte { return k.all[0].id }
