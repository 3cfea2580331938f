package store

import (
	"context"
	"errors"

	"treem/bot/handover"
	"treem/bot/report"
)

// Facts reads what a report says of a period. Questions by commune are counted by the month: those of the months that the
// period begins and ends in are whole.
func (s *Store) Facts(ctx context.Context, p report.Period) (report.Facts, error) {
	const op = "read facts for a report"
	f := report.Facts{Communes: map[string]int{}}
	first, last := report.Day(p.From), report.Day(p.Last())
	var since string
	err := s.db.QueryRowContext(ctx, `SELECT COALESCE(MIN(day), '') FROM daily_counts`).Scan(&since)
	if err == nil && since != "" {
		f.Since, err = report.ParseDay(since)
	}
	if err != nil {
		return f, wrap(op, err)
	}
	err = errors.Join(
		each(ctx, s.db, func(scan func(...any) error) error {
			var t report.Turns
			err := scan(&t.Day, &t.Channel, &t.Kind, &t.Topic, &t.N)
			f.Turns = append(f.Turns, t)
			return err
		}, `SELECT day, channel, kind, topic, n FROM daily_counts WHERE day BETWEEN $1 AND $2 ORDER BY day, channel, kind, topic`, first, last),
		each(ctx, s.db, func(scan func(...any) error) error {
			var e report.Entry
			err := scan(&e.ID, &e.N)
			f.Entries = append(f.Entries, e)
			return err
		}, `SELECT entry, SUM(n) FROM entry_counts WHERE day BETWEEN $1 AND $2 GROUP BY entry ORDER BY SUM(n) DESC, entry`, first, last),
		each(ctx, s.db, func(scan func(...any) error) error {
			var commune string
			var n int
			err := scan(&commune, &n)
			f.Communes[commune] = n
			return err
		}, `SELECT commune, SUM(n) FROM commune_counts WHERE month BETWEEN $1 AND $2 GROUP BY commune`, report.Month(p.From), report.Month(p.Last())),
		each(ctx, s.db, func(scan func(...any) error) error {
			var m report.SMS
			err := scan(&m.Channel, &m.Encoding, &m.Messages, &m.Segments)
			f.SMS = append(f.SMS, m)
			return err
		}, `SELECT channel, encoding, SUM(messages), SUM(segments) FROM sms_counts WHERE day BETWEEN $1 AND $2 GROUP BY channel, encoding
			ORDER BY channel, encoding`, first, last),
		each(ctx, s.db, func(scan func(...any) error) error { return scan(&f.Helpful, &f.Unhelpful) },
			`SELECT COUNT(CASE WHEN helpful THEN 1 END), COUNT(CASE WHEN NOT helpful THEN 1 END) FROM feedback WHERE given_at >= $1 AND given_at < $2`, millis(p.From), millis(p.Until)),
	)
	if err == nil {
		f.Cases, err = s.caseFacts(ctx, p)
	}
	return f, wrap(op, err)
}

// caseFacts reads the cases opened in a period.
func (s *Store) caseFacts(ctx context.Context, p report.Period) ([]report.Case, error) {
	ids, err := column[string](ctx, s.db, `SELECT id FROM cases WHERE opened_at >= $1 AND opened_at < $2 ORDER BY opened_at, id`, millis(p.From), millis(p.Until))
	if err != nil {
		return nil, err
	}
	all := make([]report.Case, 0, len(ids))
	for _, id := range ids {
		c, err := s.Case(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, caseFact(c))
	}
	return all, nil
}

func caseFact(c handover.Case) report.Case {
	f := report.Case{Level: string(c.Level()), Category: c.Machine.Category, Channel: c.Channel, Status: string(c.Status), Outcome: c.Outcome,
		Commune: c.Consent.Commune, OpenedAt: c.OpenedAt}
	if c.Human != nil && c.Human.Category != "" {
		f.Category = c.Human.Category
	}
	if at, taken := c.TakenAt(); taken {
		f.TakenAt = at
	}
	for _, e := range c.Events {
		switch {
		case e.Action == handover.ActClose || e.Action == handover.ActWrong || e.Action == handover.ActionWithdraw:
			f.ClosedAt = e.At
		case (e.Action == handover.ActReply || e.Action == handover.ActCall) && f.SpokenAt.IsZero():
			f.SpokenAt = e.At
		case e.Action == handover.ActionOverdue && (f.TakenAt.IsZero() || e.At.Before(f.TakenAt)):
			f.Overdue = true
		}
	}
	return f
}

// each calls f for every row of a query.
func each(ctx context.Context, db querier, f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
