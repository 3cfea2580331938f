package store

import (
	"context"
	"database/sql"
	"time"
)

// eraseWords removes a person's words at their request; what is not yet sent is sent first. A case record stays, without
// the words of the conversation, as long as its own retention says.
func eraseWords(ctx context.Context, tx *sql.Tx, conversation int64) error {
	for _, q := range []string{
		`UPDATE inbox SET body_sealed = NULL WHERE conversation_id = $1 AND handled_at IS NOT NULL`,
		`UPDATE outbox SET body_sealed = NULL WHERE conversation_id = $1 AND delivery NOT IN ('queued', 'sending')`,
		`UPDATE notices SET body_sealed = NULL WHERE delivery NOT IN ('queued', 'sending')
			AND case_id IN (SELECT id FROM cases WHERE conversation_id = $1)`,
		`DELETE FROM unanswered WHERE conversation_id = $1`,
		`DELETE FROM subscriptions WHERE conversation_id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, conversation); err != nil {
			return err
		}
	}
	return nil
}

// forgetIfDone removes the address of a conversation that asked to be forgotten, once nothing waits in it and no case
// needs a way back to the person.
func (s *Store) forgetIfDone(ctx context.Context, tx *sql.Tx, conversation int64) error {
	if err := s.lockConversation(ctx, tx, conversation); err != nil { // a message may be coming in
		return err
	}
	n, err := changed(tx.ExecContext(ctx, `UPDATE conversations SET address_hash = NULL, address_sealed = NULL, state_sealed = NULL
		WHERE id = $1 AND erasing
			AND NOT EXISTS (SELECT 1 FROM inbox WHERE conversation_id = $1 AND handled_at IS NULL)
			AND NOT EXISTS (SELECT 1 FROM outbox WHERE conversation_id = $1 AND delivery IN ('queued', 'sending'))
			AND NOT EXISTS (SELECT 1 FROM cases WHERE conversation_id = $1 AND status IN ('open', 'claimed', 'referred'))`, conversation))
	if err != nil || n == 0 {
		return err
	}
	return eraseWords(ctx, tx, conversation)
}

// Retention is how long things are kept.
type Retention struct {
	Messages   time.Duration // words of handled messages and sent replies
	Idle       time.Duration // a conversation nobody wrote in: address and memory
	Unanswered time.Duration // questions for staff
	Cases      time.Duration // closed cases with their history and notices, after their last change; 0: without end
}

// Forget removes what is older than its time. Identifiers without words stay, so that a repeat is still known as one.
func (s *Store) Forget(ctx context.Context, r Retention, now time.Time) error {
	return s.inTx(ctx, "forget", func(tx *sql.Tx) error {
		for _, step := range []struct {
			query string
			age   time.Duration
		}{
			{`UPDATE inbox SET body_sealed = NULL WHERE body_sealed IS NOT NULL AND handled_at <= $1`, r.Messages},
			{`UPDATE outbox SET body_sealed = NULL WHERE body_sealed IS NOT NULL AND delivery NOT IN ('queued', 'sending') AND updated_at <= $1`, r.Messages},
			{`UPDATE notices SET body_sealed = NULL WHERE body_sealed IS NOT NULL AND delivery NOT IN ('queued', 'sending') AND updated_at <= $1`, r.Messages},
			{`DELETE FROM unanswered WHERE asked_at <= $1`, r.Unanswered},
			{`DELETE FROM corrections WHERE at <= $1`, r.Unanswered},
			{`UPDATE conversations SET erasing = TRUE WHERE NOT erasing AND address_hash IS NOT NULL AND updated_at <= $1`, r.Idle},
		} {
			if _, err := tx.ExecContext(ctx, step.query, millis(now.Add(-step.age))); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM early_receipts WHERE at <= $1`, millis(now.Add(-24*time.Hour))); err != nil {
			return err
		}
		if err := forgetCases(ctx, tx, r.Cases, now); err != nil {
			return err
		}
		if err := forgetStaff(ctx, tx, now); err != nil {
			return err
		}
		return s.forgetAllDone(ctx, tx)
	})
}

// forgetCases removes closed cases whose time is over. Open ones stay, however old.
func forgetCases(ctx context.Context, tx *sql.Tx, age time.Duration, now time.Time) error {
	if age <= 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE cases SET status = 'expired' WHERE status = 'closed' AND updated_at <= $1`, millis(now.Add(-age))); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM notices WHERE case_id IN (SELECT id FROM cases WHERE status = 'expired')`,
		`DELETE FROM case_events WHERE case_id IN (SELECT id FROM cases WHERE status = 'expired')`,
		`DELETE FROM cases WHERE status = 'expired'`,
	} {
		if _, err := tx.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) forgetAllDone(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT id FROM conversations WHERE erasing AND address_hash IS NOT NULL`)
	if err != nil {
		return err
	}
	ids, err := collect[int64](rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.forgetIfDone(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// collect reads a single column.
func collect[T any](rows *sql.Rows) ([]T, error) {
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
