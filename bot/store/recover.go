package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
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
		if r.Messages, err = s.enqueueWaiting(ctx, tx, bot.JobHandle, `SELECT conversation_id, channel, 0 FROM inbox WHERE handled_at IS NULL`); err != nil {
			return err
		}
		r.Replies, err = s.enqueueWaiting(ctx, tx, bot.JobDeliver, `SELECT conversation_id, channel, urgent FROM outbox WHERE delivery = 'queued'`)
		return err
	})
	return r, err
}

// enqueueWaiting makes the jobs for the conversations, channels and urgencies a query names, one for each, and returns
// how many rows it named.
func (s *Store) enqueueWaiting(ctx context.Context, tx *sql.Tx, kind bot.JobKind, query string, args ...any) (int, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	jobs := map[bot.Job]bool{}
	for rows.Next() {
		j := bot.Job{Kind: kind}
		if err := rows.Scan(&j.Conversation, &j.Channel, &j.Urgent); err != nil {
			return 0, err
		}
		jobs[j] = true
		n++
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return n, s.queue.Enqueue(ctx, tx, slices.Collect(maps.Keys(jobs))...)
}

// Overdue enqueues again what has waited longer than it should: a safety net below the queue's own retries.
func (s *Store) Overdue(ctx context.Context, age time.Duration, now time.Time) (int, error) {
	var messages, replies int
	before := millis(now.Add(-age))
	err := s.inTx(ctx, "find overdue work", func(tx *sql.Tx) (err error) {
		if messages, err = s.enqueueWaiting(ctx, tx, bot.JobHandle,
			`SELECT conversation_id, channel, 0 FROM inbox WHERE handled_at IS NULL AND received_at <= $1`, before); err != nil {
			return err
		}
		replies, err = s.enqueueWaiting(ctx, tx, bot.JobDeliver, `SELECT conversation_id, channel, urgent FROM outbox
			WHERE (delivery = 'queued' AND due_at <= $1) OR (delivery = 'sending' AND lease_until <= $1)`, before)
		return err
	})
	return messages + replies, err
}

// Waiting counts the messages not yet handled and the replies not yet sent.
func (s *Store) Waiting(ctx context.Context) (int, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM inbox WHERE handled_at IS NULL)
		+ (SELECT COUNT(*) FROM outbox WHERE delivery IN ('queued', 'sending'))`).Scan(&n)
	return n, wrap("count waiting work", err)
}
