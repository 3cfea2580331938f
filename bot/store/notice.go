package store

import (
	"context"
	"database/sql"
	"time"

	"treem/bot"
	"treem/channels"
	"treem/channels/hotline"
)

// saveNotices puts notices into their outbox, with a job for each target. A reminder takes the place of earlier ones of
// its case that still wait there: after days without a connection one is sent, not hundreds.
func (s *Store) saveNotices(ctx context.Context, tx *sql.Tx, all []bot.Notice, at time.Time) error {
	jobs := map[bot.Job]bool{}
	for _, n := range all {
		body, err := s.keys.seal("notice", n.Notice)
		if err != nil {
			return err
		}
		lane := s.keys.hashes(channels.Address{Channel: n.Target, ID: n.Notice.To})[0]
		if n.Notice.Kind == hotline.Overdue || n.Notice.Kind == hotline.Standing {
			if _, err := tx.ExecContext(ctx, `UPDATE notices SET delivery = 'failed', code = 'superseded', updated_at = $1
				WHERE case_id = $2 AND lane = $3 AND delivery = 'queued' AND kind IN ('overdue', 'standing')`,
				millis(at), n.Notice.Case.ID, lane); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO notices (case_id, public_id, kind, target, lane, urgent, body_sealed, delivery, due_at, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $8, $8)`,
			n.Notice.Case.ID, n.Notice.ID, string(n.Notice.Kind), n.Target, lane, n.Urgent, body, millis(at)); err != nil {
			return err
		}
		job := bot.Job{Kind: bot.JobNotify, Target: n.Target, Urgent: n.Urgent}
		if jobs[job] {
			continue
		}
		jobs[job] = true
		if err := s.queue.Enqueue(ctx, tx, job); err != nil {
			return err
		}
	}
	return nil
}

// ClaimNotice implements bot.Store. A claim whose lease has ended counts as never answered. Reminders of a case that
// somebody has meanwhile taken are dropped.
func (s *Store) ClaimNotice(ctx context.Context, target string, at time.Time, lease time.Duration) (bot.Notice, error) {
	n := bot.Notice{Target: target}
	err := s.inTx(ctx, "claim notice", func(tx *sql.Tx) error {
		if err := s.lockName(ctx, tx, "notices of "+target); err != nil {
			return err
		}
		for _, q := range []string{
			`UPDATE notices SET delivery = 'queued', uncertain = TRUE WHERE target = $1 AND delivery = 'sending' AND lease_until <= $2`,
			`UPDATE notices SET delivery = 'failed', code = 'superseded', updated_at = $2 WHERE target = $1 AND delivery = 'queued'
				AND kind IN ('overdue', 'standing') AND (SELECT status FROM cases c WHERE c.id = case_id) <> 'open'`,
		} {
			if _, err := tx.ExecContext(ctx, q, target, millis(at)); err != nil {
				return err
			}
		}
		var body []byte
		var created int64
		err := tx.QueryRowContext(ctx, `SELECT n.id, n.body_sealed, n.urgent, n.uncertain, n.tries, n.created_at FROM notices n
			WHERE n.target = $1 AND n.delivery = 'queued' AND n.due_at <= $2
				AND NOT EXISTS (SELECT 1 FROM notices b WHERE b.case_id = n.case_id AND b.lane = n.lane AND b.id < n.id
					AND b.delivery IN ('queued', 'sending'))
			ORDER BY n.urgent DESC, n.id LIMIT 1`, target, millis(at)).
			Scan(&n.ID, &body, &n.Urgent, &n.Uncertain, &n.Tries, &created)
		if err != nil {
			return err
		}
		n.CreatedAt = fromMillis(created)
		if err := s.keys.open("notice", body, &n.Notice); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE notices SET delivery = 'sending', tries = tries + 1, lease_until = $1, updated_at = $2, claimed_by = $3 WHERE id = $4`,
			millis(at.Add(lease)), millis(at), s.db.claimant(), n.ID)
		return err
	})
	return n, err
}

// SaveNotice implements bot.Store.
func (s *Store) SaveNotice(ctx context.Context, n bot.Notice, o bot.Outcome, more []bot.Notice, at time.Time) error {
	return s.inTx(ctx, "save outcome of a notice", func(tx *sql.Tx) error {
		due := at
		if o.Delivery == channels.DeliveryQueued {
			due = o.RetryAt
		}
		var provider []byte
		if o.ProviderID != "" {
			provider = s.keys.hashes(channels.Address{Channel: n.Target, ID: o.ProviderID})[0]
		}
		if _, err := tx.ExecContext(ctx, `UPDATE notices SET delivery = $1, provider_hash = COALESCE($2, provider_hash), code = $3,
				uncertain = CASE WHEN $4 THEN TRUE ELSE uncertain END, due_at = $5, updated_at = $6 WHERE id = $7 AND delivery = 'sending'`,
			string(o.Delivery), provider, o.Code, o.Uncertain, millis(due), millis(at), n.ID); err != nil {
			return err
		}
		if o.Delivery == channels.DeliveryQueued {
			if err := s.queue.Enqueue(ctx, tx, bot.Job{Kind: bot.JobNotify, Target: n.Target, Urgent: n.Urgent, RunAt: o.RetryAt}); err != nil {
				return err
			}
		}
		return s.saveNotices(ctx, tx, more, at)
	})
}

// Alarm implements bot.Store.
func (s *Store) Alarm(ctx context.Context, grace time.Duration, now time.Time) (bot.Alarm, error) {
	var a bot.Alarm
	err := s.db.QueryRowContext(ctx, `SELECT COUNT(CASE WHEN unheard THEN 1 END), COUNT(CASE WHEN ack_due <= $1 THEN 1 END)
		FROM cases WHERE status = 'open'`, millis(now.Add(-grace))).Scan(&a.Unheard, &a.Overdue)
	if err != nil {
		return a, wrap("look for alarms", err)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT target, COUNT(*), MIN(created_at) FROM notices
		WHERE delivery IN ('queued', 'sending') AND created_at <= $1 GROUP BY target ORDER BY target`, millis(now.Add(-grace)))
	if err != nil {
		return a, wrap("look for alarms", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f bot.FailingPath
		var since int64
		if err := rows.Scan(&f.Target, &f.Waiting, &since); err != nil {
			return a, wrap("look for alarms", err)
		}
		f.Since = fromMillis(since)
		a.Failing = append(a.Failing, f)
	}
	return a, wrap("look for alarms", rows.Err())
}

// WaitingNotices counts the notices not yet sent, by target.
func (s *Store) WaitingNotices(ctx context.Context) (map[string]int, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT target, COUNT(*) FROM notices WHERE delivery IN ('queued', 'sending') GROUP BY target`)
	if err != nil {
		return nil, wrap("count waiting notices", err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var target string
		var n int
		if err := rows.Scan(&target, &n); err != nil {
			return nil, wrap("count waiting notices", err)
		}
		out[target] = n
	}
	return out, wrap("count waiting notices", rows.Err())
}
