package store

import (
	"context"
	"database/sql"
	"errors"

	"treem/bot"
)

// saveSubscription stores what a turn changes about bulletins.
func saveSubscription(ctx context.Context, tx *sql.Tx, t bot.Turn) error {
	b := t.Bulletin
	if b == nil {
		return nil
	}
	if b.On {
		_, err := tx.ExecContext(ctx, `INSERT INTO subscriptions (conversation_id, series, since) VALUES ($1, $2, $3)
			ON CONFLICT (conversation_id, series) DO NOTHING`, t.Conversation.ID, b.Series, millis(t.At))
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM subscriptions WHERE conversation_id = $1 AND ($2 = '' OR series = $2)`, t.Conversation.ID, b.Series)
	return err
}

// Subscribers implements bot.BulletinStore.
func (s *Store) Subscribers(ctx context.Context, series, issue string) ([]bot.Subscriber, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT c.id, c.channel, c.address_sealed, c.state_sealed, c.opted_out FROM subscriptions s
		JOIN conversations c ON c.id = s.conversation_id
		WHERE s.series = $1 AND c.address_hash IS NOT NULL AND NOT c.erasing
			AND NOT EXISTS (SELECT 1 FROM bulletins_sent b WHERE b.series = $1 AND b.issue = $2 AND b.conversation_id = c.id)
		ORDER BY c.id`, series, issue)
	if err != nil {
		return nil, wrap("list subscribers", err)
	}
	defer rows.Close()
	var all []bot.Subscriber
	for rows.Next() {
		var one bot.Subscriber
		var address, state []byte
		if err := rows.Scan(&one.Conversation, &one.To.Channel, &address, &state, &one.OptedOut); err != nil {
			return nil, wrap("list subscribers", err)
		}
		err := s.keys.open("address", address, &one.To.ID)
		if state != nil {
			err = errors.Join(err, s.keys.open("state", state, &one.State))
		}
		if err != nil {
			return nil, wrap("list subscribers", err)
		}
		all = append(all, one)
	}
	return all, wrap("list subscribers", rows.Err())
}

// SaveBulletin implements bot.BulletinStore.
func (s *Store) SaveBulletin(ctx context.Context, d bot.BulletinDelivery) (stored bool, err error) {
	err = s.inTx(ctx, "store bulletin", func(tx *sql.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `INSERT INTO bulletins_sent (series, issue, conversation_id, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, d.Series, d.Issue, d.Conversation, millis(d.At)))
		if err != nil || n == 0 {
			return err
		}
		body, err := s.keys.seal("outbox", outboxBody{Text: d.Out.Text, Buttons: d.Out.Buttons})
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO outbox
				(conversation_id, inbox_id, public_id, channel, body_sealed, urgent, bulk, delivery, due_at, created_at, updated_at)
			SELECT $1, MAX(id), $2, $3, $4, FALSE, TRUE, 'queued', $5, $5, $5 FROM inbox WHERE conversation_id = $1`,
			d.Conversation, d.Out.ID, d.Out.To.Channel, body, millis(d.Due)); err != nil {
			return err
		}
		stored = true
		return s.queue.Enqueue(ctx, tx, bot.Job{Kind: bot.JobDeliver, Conversation: d.Conversation, Channel: d.Out.To.Channel, Bulk: true, RunAt: d.Due})
	})
	return stored && err == nil, err
}

// CountSubscribers says how many people get each series.
func (s *Store) CountSubscribers(ctx context.Context) (map[string]int, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT series, COUNT(*) FROM subscriptions GROUP BY series`)
	if err != nil {
		return nil, wrap("count subscribers", err)
	}
	defer rows.Close()
	count := map[string]int{}
	for rows.Next() {
		var series string
		var n int
		if err := rows.Scan(&series, &n); err != nil {
			return nil, wrap("count subscribers", err)
		}
		count[series] = n
	}
	return count, wrap("count subscribers", rows.Err())
}
