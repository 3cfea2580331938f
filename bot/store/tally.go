package store

import (
	"context"
	"database/sql"
	"time"

	"treem/bot"
	"treem/bot/report"
)

// count adds what is counted of a turn, in the turn's own transaction: a message is counted once, as it is answered once.
func count(ctx context.Context, tx *sql.Tx, channel string, t bot.Tally, at time.Time) error {
	if t.Kind == "" {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO daily_counts (day, channel, kind, topic, n) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (day, channel, kind, topic) DO UPDATE SET n = daily_counts.n + 1`, report.Day(at), channel, string(t.Kind), t.Topic); err != nil {
		return err
	}
	if t.Entry != "" {
		if _, err := tx.ExecContext(ctx, `INSERT INTO entry_counts (day, channel, entry, n) VALUES ($1, $2, $3, 1)
			ON CONFLICT (day, channel, entry) DO UPDATE SET n = entry_counts.n + 1`, report.Day(at), channel, t.Entry); err != nil {
			return err
		}
	}
	if t.Commune == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO commune_counts (month, commune, n) VALUES ($1, $2, 1)
		ON CONFLICT (month, commune) DO UPDATE SET n = commune_counts.n + 1`, report.Month(at), t.Commune)
	return err
}

// countSMS adds an SMS that the provider took. A repeat after a lost answer is paid again, and counted again.
func countSMS(ctx context.Context, tx *sql.Tx, channel string, o bot.Outcome, at time.Time) error {
	if o.Segments == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sms_counts (day, channel, encoding, messages, segments) VALUES ($1, $2, $3, 1, $4)
		ON CONFLICT (day, channel, encoding) DO UPDATE SET messages = sms_counts.messages + 1, segments = sms_counts.segments + excluded.segments`,
		report.Day(at), channel, o.Encoding, o.Segments)
	return err
}
