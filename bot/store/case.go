package store

import (
	"context"
	"database/sql"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/triage"
)

// caseDetail is what a case event holds, sealed.
type caseDetail struct {
	Level    triage.Level   `json:"level,omitempty"`
	Category string         `json:"category,omitempty"`
	Subject  triage.Subject `json:"subject,omitempty"`
	Reasons  []string       `json:"reasons,omitempty"`
	Rules    string         `json:"rules,omitempty"`
}

// saveCase opens or changes a case and adds to its history.
func (s *Store) saveCase(ctx context.Context, tx *sql.Tx, t bot.Turn) error {
	a := t.Case.Assessment
	var err error
	switch t.Case.Action {
	case dialogue.CaseOpen:
		_, err = tx.ExecContext(ctx, `INSERT INTO cases (id, conversation_id, status, level, category, subject, ongoing, rules, opened_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`, t.Case.ID, t.Conversation.ID, string(bot.CaseOpen), string(a.Level), a.Category,
			string(a.Subject), a.Ongoing, a.Rules, millis(t.At))
	case dialogue.CaseEscalate:
		_, err = tx.ExecContext(ctx, `UPDATE cases SET level = $1, category = $2, updated_at = $3 WHERE id = $4`,
			string(a.Level), a.Category, millis(t.At), t.Case.ID)
	case dialogue.CaseAdd:
		_, err = tx.ExecContext(ctx, `UPDATE cases SET updated_at = $1 WHERE id = $2`, millis(t.At), t.Case.ID)
	case dialogue.CaseWithdraw:
		_, err = tx.ExecContext(ctx, `UPDATE cases SET status = $1, updated_at = $2 WHERE id = $3`, string(bot.CaseWithdrawn), millis(t.At), t.Case.ID)
	}
	if err != nil {
		return err
	}
	detail, err := s.keys.seal("case", caseDetail{a.Level, a.Category, a.Subject, a.Reasons, a.Rules})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO case_events (case_id, inbox_id, action, detail_sealed, at) VALUES ($1, $2, $3, $4, $5)`,
		t.Case.ID, t.Message.ID, string(t.Case.Action), detail, millis(t.At))
	return err
}

// Case returns a case with its history. NotFound: there is none of that id.
func (s *Store) Case(ctx context.Context, id string) (bot.Case, error) {
	c := bot.Case{ID: id}
	var opened, updated int64
	err := s.db.QueryRowContext(ctx, `SELECT conversation_id, status, level, category, subject, ongoing, rules, opened_at, updated_at
		FROM cases WHERE id = $1`, id).Scan(&c.Conversation, &c.Status, &c.Level, &c.Category, &c.Subject, &c.Ongoing, &c.Rules, &opened, &updated)
	if err != nil {
		return c, wrap("read case", err)
	}
	c.OpenedAt, c.UpdatedAt = fromMillis(opened), fromMillis(updated)
	rows, err := s.db.QueryContext(ctx, `SELECT inbox_id, action, detail_sealed, at FROM case_events WHERE case_id = $1 ORDER BY id`, id)
	if err != nil {
		return c, wrap("read case", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e bot.CaseEvent
		var sealed []byte
		var at int64
		if err := rows.Scan(&e.Message, &e.Action, &sealed, &at); err != nil {
			return c, wrap("read case", err)
		}
		var d caseDetail
		if err := s.keys.open("case", sealed, &d); err != nil {
			return c, wrap("read case", err)
		}
		e.Reasons, e.At = d.Reasons, fromMillis(at)
		c.Events = append(c.Events, e)
	}
	return c, wrap("read case", rows.Err())
}
