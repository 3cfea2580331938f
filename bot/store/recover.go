package store

import (
	"context"
	"database/sql"
	"errors"
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
	Notices   int // stored and not yet sent
	Doubtful  int // notices being sent when the program died: these may arrive twice
	Overdue   int // cases past their time
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
		var err error
		if r.Uncertain, r.Doubtful, err = s.takeBack(ctx, tx, before, now); err != nil {
			return err
		}
		if r.Messages, err = s.enqueueWaiting(ctx, tx, bot.JobHandle, `SELECT conversation_id, channel, urgent FROM inbox WHERE handled_at IS NULL ORDER BY urgent DESC, received_at LIMIT $1`, atStart); err != nil {
			return err
		}
		if r.Replies, err = s.enqueueWaiting(ctx, tx, bot.JobDeliver, `SELECT conversation_id, channel, urgent FROM outbox WHERE delivery = 'queued' ORDER BY urgent DESC, due_at LIMIT $1`, atStart); err != nil {
			return err
		}
		if r.Notices, err = s.enqueueNotices(ctx, tx, `SELECT target FROM notices WHERE delivery = 'queued'`); err != nil {
			return err
		}
		r.Overdue, err = s.enqueueCases(ctx, tx, `SELECT id FROM cases WHERE ack_due <= $1`, millis(now))
		return err
	})
	return r, err
}

// takeBack queues again what was being sent under a lease that ended before a time, or by a program that is dead.
func (s *Store) takeBack(ctx context.Context, tx *sql.Tx, before int64, now time.Time) (replies, notices int, err error) {
	dead := ""
	args := []any{millis(now), before}
	if s.db.Shared() {
		dead = ` OR updated_at <= $3 AND claimed_by NOT IN (SELECT (classid::BIGINT << 32) | objid::BIGINT FROM pg_locks
			WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`
		args = append(args, millis(now.Add(-deadAfter)))
	}
	for table, n := range map[string]*int{"outbox": &replies, "notices": &notices} {
		rows, err := changed(tx.ExecContext(ctx, `UPDATE `+table+` SET delivery = 'queued', uncertain = TRUE, due_at = $1
			WHERE delivery = 'sending' AND (lease_until <= $2`+dead+`)`, args...))
		if err != nil {
			return 0, 0, err
		}
		*n = int(rows)
	}
	return replies, notices, nil
}

// deadAfter is how long a program may be out of sight before what it was sending is sent by another: it may have lost its
// connection only, and taken up another since.
const deadAfter = 3 * lockLook

// TakeBack queues again what programs that died were sending, and says how much that is. On SQLite the next start does so.
func (s *Store) TakeBack(ctx context.Context, now time.Time) (n int, err error) {
	if !s.db.Shared() {
		return 0, nil
	}
	err = s.inTx(ctx, "take back what dead programs were sending", func(tx *sql.Tx) error {
		replies, notices, err := s.takeBack(ctx, tx, millis(now), now)
		if n = replies + notices; err != nil || n == 0 {
			return err
		}
		if _, err = s.enqueueWaiting(ctx, tx, bot.JobDeliver, `SELECT conversation_id, channel, urgent FROM outbox WHERE delivery = 'queued' AND uncertain AND due_at = $1`, millis(now)); err != nil {
			return err
		}
		_, err = s.enqueueNotices(ctx, tx, `SELECT target FROM notices WHERE delivery = 'queued' AND uncertain AND due_at = $1`, millis(now))
		return err
	})
	return n, err
}

const (
	// atStart is how much of what waits gets new jobs at a start. Its own jobs are stored beside it, and survive too.
	atStart = 10_000
	// atOnce is how much of what has waited too long is looked at in one go, the urgent and then the oldest first: of a
	// long line most have jobs, and only wait for their turn.
	atOnce = 500
)

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

// enqueueNotices makes one job for each target a query names and returns how many rows it named.
func (s *Store) enqueueNotices(ctx context.Context, tx *sql.Tx, query string, args ...any) (int, error) {
	targets, err := column[string](ctx, tx, query, args...)
	if err != nil {
		return 0, err
	}
	n := len(targets)
	slices.Sort(targets)
	for _, t := range slices.Compact(targets) {
		if err := s.queue.Enqueue(ctx, tx, bot.Job{Kind: bot.JobNotify, Target: t}); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// enqueueCases makes a job for each case a query names and returns how many those are.
func (s *Store) enqueueCases(ctx context.Context, tx *sql.Tx, query string, args ...any) (int, error) {
	ids, err := column[string](ctx, tx, query, args...)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := s.queue.Enqueue(ctx, tx, bot.Job{Kind: bot.JobEscalate, Case: id}); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// Overdue enqueues again what has waited longer than it should: a safety net below the queue's own retries.
func (s *Store) Overdue(ctx context.Context, age time.Duration, now time.Time) (int, error) {
	var messages, replies, notices, cases int
	before := millis(now.Add(-age))
	err := s.inTx(ctx, "find overdue work", func(tx *sql.Tx) (err error) {
		if messages, err = s.enqueueWaiting(ctx, tx, bot.JobHandle,
			`SELECT conversation_id, channel, urgent FROM inbox WHERE handled_at IS NULL AND received_at <= $1 ORDER BY urgent DESC, received_at LIMIT $2`, before, atOnce); err != nil {
			return err
		}
		if replies, err = s.enqueueWaiting(ctx, tx, bot.JobDeliver, `SELECT conversation_id, channel, urgent FROM outbox
			WHERE (delivery = 'queued' AND due_at <= $1) OR (delivery = 'sending' AND lease_until <= $1) ORDER BY urgent DESC, due_at LIMIT $2`, before, atOnce); err != nil {
			return err
		}
		if notices, err = s.enqueueNotices(ctx, tx, `SELECT target FROM notices
			WHERE (delivery = 'queued' AND due_at <= $1) OR (delivery = 'sending' AND lease_until <= $1)`, before); err != nil {
			return err
		}
		cases, err = s.enqueueCases(ctx, tx, `SELECT id FROM cases WHERE ack_due <= $1`, before)
		return err
	})
	return messages + replies + notices + cases, err
}

// Waiting counts the messages not yet handled and the replies not yet sent.
func (s *Store) Waiting(ctx context.Context) (int, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM inbox WHERE handled_at IS NULL)
		+ (SELECT COUNT(*) FROM outbox WHERE delivery IN ('queued', 'sending'))`).Scan(&n)
	return n, wrap("count waiting work", err)
}

// Stalled implements bot.Store.
func (s *Store) Stalled(ctx context.Context, age, longest time.Duration, now time.Time) (bot.Stalled, error) {
	var out bot.Stalled
	before := millis(now.Add(-age))
	var errs [4]error
	out.Handle, errs[0] = column[int64](ctx, s.db, `SELECT DISTINCT conversation_id FROM (SELECT conversation_id FROM inbox
		WHERE handled_at IS NULL AND received_at <= $1 ORDER BY urgent DESC, received_at LIMIT $2) AS oldest`, before, atOnce)
	out.Deliver, errs[1] = column[int64](ctx, s.db, `SELECT DISTINCT conversation_id FROM (SELECT conversation_id FROM outbox
		WHERE (delivery = 'queued' AND due_at <= $1) OR (delivery = 'sending' AND lease_until <= $1) ORDER BY urgent DESC, due_at LIMIT $2) AS oldest`, before, atOnce)
	out.Targets, errs[2] = column[string](ctx, s.db, `SELECT DISTINCT target FROM notices n
		WHERE (delivery = 'queued' AND due_at <= $1 AND NOT EXISTS (SELECT 1 FROM notices b WHERE b.case_id = n.case_id AND b.lane = n.lane
			AND b.id < n.id AND b.delivery IN ('queued', 'sending'))) OR (delivery = 'sending' AND lease_until <= $1)`, before)
	out.Cases, errs[3] = column[string](ctx, s.db, `SELECT id FROM cases WHERE ack_due <= $1 OR ack_due > $2`, before, millis(now.Add(longest)))
	return out, wrap("find stalled work", errors.Join(errs[:]...))
}

// column reads a query of one column.
func column[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect[T](rows)
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}
