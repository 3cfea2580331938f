package store

import (
	"context"
	"database/sql"
	"time"

	"treem/bot"
)

// Recovered counts what a crash left behind.
type Recovered struct {
	Messages  int // accepted and not yet handled
	Replies   int // stored and not yet sent
	Uncertain int // being sent when the program died: these may reach the person twice
}

// Recover finds work that no job may be left for and enqueues it again. alone says that no other program uses this
// database: then whatever is marked as being sent was cut off. Running it at any time is safe, for a job that finds
// nothing to do ends at once.
func (s *Store) Recover(ctx context.Context, alone bool, now time.Time) (Recovered, error) {
	var r Recovered
	err := s.inTx(ctx, "recover", func(tx *sql.Tx) error {
		before := millis(now)
		if alone {
			before = 1<<63 - 1
		}
		n, err := changed(tx.ExecContext(ctx, `UPDATE outbox SET delivery = 'queued', uncertain = 1, due_at = $1
			WHERE delivery = 'sending' AND lease_until <= $2`, millis(now), before))
		if err != nil {
			return err
		}
		r.Uncertain = int(n)
		if r.Messages, err = s.enqueueWaiting(ctx, tx, bot.JobHandle,
			`SELECT conversation_id FROM inbox WHERE handled_at IS NULL`); err != nil {
			return err
		}
		r.Replies, err = s.enqueueWaiting(ctx, tx, bot.JobDeliver, `SELECT conversation_id FROM outbox WHERE delivery = 'queued'`)
		return err
	})
	return r, err
}

// enqueueWaiting makes one job for each conversation the query names and returns how many rows it named.
func (s *Store) enqueueWaiting(ctx context.Context, tx *sql.Tx, kind bot.JobKind, query string) (int, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	ids, err := collect[int64](rows)
	if err != nil {
		return 0, err
	}
	seen := map[int64]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if err := s.queue.Enqueue(ctx, tx, bot.Job{Kind: kind, Conversation: id}); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// Overdue enqueues again what has waited longer than it should: a safety net below the queue's own retries.
func (s *Store) Overdue(ctx context.Context, age time.Duration, now time.Time) (int, error) {
	total := 0
	err := s.inTx(ctx, "find overdue work", func(tx *sql.Tx) error {
		for _, q := range []struct {
			kind  bot.JobKind
			query string
		}{
			{bot.JobHandle, `SELECT conversation_id FROM inbox WHERE handled_at IS NULL AND received_at <= $1`},
			{bot.JobDeliver, `SELECT conversation_id FROM outbox WHERE (delivery = 'queued' AND due_at <= $1) OR (delivery = 'sending' AND lease_until <= $1)`},
		} {
			rows, err := tx.QueryContext(ctx, q.query, millis(now.Add(-age)))
			if err != nil {
				return err
			}
			ids, err := collect[int64](rows)
			if err != nil {
				return err
			}
			total += len(ids)
			for _, id := range ids {
				if err := s.queue.Enqueue(ctx, tx, bot.Job{Kind: q.kind, Conversation: id}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return total, err
}

// Waiting counts the messages not yet handled and the replies not yet sent.
func (s *Store) Waiting(ctx context.Context) (int, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM inbox WHERE handled_at IS NULL)
		+ (SELECT COUNT(*) FROM outbox WHERE delivery IN ('queued', 'sending'))`).Scan(&n)
	return n, wrap("count waiting work", err)
}
