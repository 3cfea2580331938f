package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/triage"
	"treem/channels"
)

// eventBody is what a case event holds, sealed.
type eventBody struct {
	Actor   string   `json:"actor,omitempty"` // empty in events from before officers could act: the person
	Detail  string   `json:"detail,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
}

// saveCase stores a new or changed case with what it causes. message is the inbox id of the message that did it, 0 if
// none did.
func (s *Store) saveCase(ctx context.Context, tx *sql.Tx, u bot.CaseUpdate, message int64) error {
	if err := s.saveRecord(ctx, tx, u); err != nil {
		return err
	}
	if u.Person != nil {
		if err := s.savePerson(ctx, tx, u, message); err != nil {
			return err
		}
	}
	for i, e := range u.Events {
		detail, err := s.keys.seal("case", eventBody{e.Actor, e.Detail, e.Reasons})
		if err != nil {
			return err
		}
		act := sql.NullString{String: u.ActID, Valid: u.ActID != "" && i == 0}
		if _, err := tx.ExecContext(ctx, `INSERT INTO case_events (case_id, inbox_id, action, detail_sealed, act_id, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			u.Case.ID, e.Message, string(e.Action), detail, act, millis(e.At)); err != nil {
			return err
		}
	}
	if err := s.correct(ctx, tx, &u.Case, u.Events); err != nil {
		return err
	}
	if err := s.saveNotices(ctx, tx, u.Notices, u.At); err != nil {
		return err
	}
	if u.Due && !u.Case.AckDue.IsZero() {
		return s.queue.Enqueue(ctx, tx, bot.Job{Kind: bot.JobEscalate, Case: u.Case.ID, RunAt: u.Case.AckDue})
	}
	return nil
}

// saveRecord stores the case itself unless it was changed meanwhile.
func (s *Store) saveRecord(ctx context.Context, tx *sql.Tx, u bot.CaseUpdate) error {
	c := u.Case
	c.Events = nil
	body, err := s.keys.seal("case", c)
	if err != nil {
		return err
	}
	due := sql.NullInt64{Int64: millis(c.AckDue), Valid: !c.AckDue.IsZero()}
	if c.Version == 1 {
		n, err := changed(tx.ExecContext(ctx, `INSERT INTO cases (id, conversation_id, status, level, category, subject, ongoing, rules,
				opened_at, updated_at, ref, version, channel, tier, ack_due, unheard, body_sealed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15, $16) ON CONFLICT (ref) DO NOTHING`,
			c.ID, c.Conversation, string(c.Status), string(c.Level()), c.Machine.Category, string(c.Machine.Subject), c.Machine.Ongoing,
			c.Machine.Rules, millis(c.OpenedAt), millis(c.UpdatedAt), c.Ref, c.Channel, c.Tier, due, u.Unheard, body))
		if err != nil {
			return err
		}
		if n == 0 {
			return conflict("the reference is taken")
		}
		return nil
	}
	n, err := changed(tx.ExecContext(ctx, `UPDATE cases SET status = $1, level = $2, category = $3, subject = $4, ongoing = $5, rules = $6,
			updated_at = $7, version = $8, tier = $9, ack_due = $10, unheard = $11, body_sealed = $12
		WHERE id = $13 AND version = $14`,
		string(c.Status), string(c.Level()), c.Machine.Category, string(c.Machine.Subject), c.Machine.Ongoing, c.Machine.Rules,
		millis(c.UpdatedAt), c.Version, c.Tier, due, u.Unheard, body, c.ID, c.Version-1))
	if err != nil {
		return err
	}
	if n == 0 {
		return conflict("the case changed")
	}
	return nil
}

// savePerson stores what an officer's act does to the person's conversation: whether the bot is silent, and what is said.
func (s *Store) savePerson(ctx context.Context, tx *sql.Tx, u bot.CaseUpdate, message int64) error {
	state, err := s.keys.seal("state", u.Person.State)
	if err != nil {
		return err
	}
	n, err := changed(tx.ExecContext(ctx, `UPDATE conversations SET state_sealed = $1, version = version + 1, updated_at = $2 WHERE id = $3 AND version = $4`,
		state, millis(u.At), u.Person.ID, u.Person.Version))
	if err != nil {
		return err
	}
	if n == 0 {
		return conflict("the person's conversation changed")
	}
	if len(u.Say) > 0 && message == 0 { // done on no message: it stands behind the person's last one
		if err := tx.QueryRowContext(ctx, `SELECT MAX(id) FROM inbox WHERE conversation_id = $1`, u.Person.ID).Scan(&message); err != nil {
			return err
		}
	}
	return s.saveReplies(ctx, tx, u.Person.ID, message, u.Say, u.At)
}

// SaveCase implements bot.Store.
func (s *Store) SaveCase(ctx context.Context, u bot.CaseUpdate) error {
	return s.inTx(ctx, "save case", func(tx *sql.Tx) error {
		if err := s.lockConversation(ctx, tx, u.Case.Conversation); err != nil {
			return err
		}
		if u.ActID != "" {
			var done int
			if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM case_events WHERE act_id = $1`, u.ActID).Scan(&done); err != nil || done > 0 {
				return err
			}
		}
		return s.saveCase(ctx, tx, u, 0)
	})
}

// Case implements bot.Store.
func (s *Store) Case(ctx context.Context, id string) (handover.Case, error) {
	return s.readCase(ctx, `id = $1`, id)
}

// CaseByRef implements bot.Store.
func (s *Store) CaseByRef(ctx context.Context, ref string) (handover.Case, error) {
	return s.readCase(ctx, `ref = $1`, strings.ToUpper(ref))
}

// CaseByNotice implements bot.Store.
func (s *Store) CaseByNotice(ctx context.Context, target, providerID string) (handover.Case, error) {
	for _, h := range s.keys.hashes(channels.Address{Channel: target, ID: providerID}) {
		c, err := s.readCase(ctx, `id = (SELECT case_id FROM notices WHERE provider_hash = $1 ORDER BY id DESC LIMIT 1)`, h)
		if bot.ErrorCode(err) != bot.NotFound {
			return c, err
		}
	}
	return handover.Case{}, &bot.Error{Code: bot.NotFound, Op: "read case of a notice"}
}

// readCase reads the case a condition names, with its history.
func (s *Store) readCase(ctx context.Context, where string, arg any) (handover.Case, error) {
	const op = "read case"
	var c handover.Case
	var old handover.Case
	var body []byte
	var opened, updated int64
	var due sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT id, ref, conversation_id, channel, status, level, category, subject, ongoing, rules, opened_at, updated_at,
			version, tier, ack_due, body_sealed FROM cases WHERE `+where, arg).
		Scan(&old.ID, &old.Ref, &old.Conversation, &old.Channel, &old.Status, &old.Machine.Level, &old.Machine.Category, &old.Machine.Subject,
			&old.Machine.Ongoing, &old.Machine.Rules, &opened, &updated, &old.Version, &old.Tier, &due, &body)
	switch {
	case err != nil:
		return c, wrap(op, err)
	case body != nil:
		if err := s.keys.open("case", body, &c); err != nil {
			return c, wrap(op, err)
		}
	default: // from before cases were sealed
		c = old
		c.OpenedAt, c.UpdatedAt, c.Machine.At = fromMillis(opened), fromMillis(updated), fromMillis(opened)
		if due.Valid {
			c.AckDue = fromMillis(due.Int64)
		}
	}
	c.Events, err = s.history(ctx, c.ID)
	return c, wrap(op, err)
}

func (s *Store) history(ctx context.Context, id string) ([]handover.Event, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT inbox_id, action, detail_sealed, at FROM case_events WHERE case_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []handover.Event
	for rows.Next() {
		var e handover.Event
		var sealed []byte
		var at int64
		if err := rows.Scan(&e.Message, &e.Action, &sealed, &at); err != nil {
			return nil, err
		}
		var b eventBody
		if err := s.keys.open("case", sealed, &b); err != nil {
			return nil, err
		}
		e.Actor, e.Detail, e.Reasons, e.At = b.Actor, b.Detail, b.Reasons, fromMillis(at)
		if e.Actor == "" {
			e.Actor = handover.Person
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// Conversation implements bot.Store.
func (s *Store) Conversation(ctx context.Context, id int64) (bot.Conversation, channels.Address, error) {
	c := bot.Conversation{ID: id}
	var a channels.Address
	var address, state []byte
	err := s.db.QueryRowContext(ctx, `SELECT channel, address_sealed, state_sealed, version FROM conversations WHERE id = $1 AND address_sealed IS NOT NULL`, id).
		Scan(&a.Channel, &address, &state, &c.Version)
	if err != nil {
		return c, a, wrap("read conversation", err)
	}
	err = s.keys.open("address", address, &a.ID)
	if state != nil {
		err = errors.Join(err, s.keys.open("state", state, &c.State))
	}
	return c, a, wrap("read conversation", err)
}

// Words implements bot.Store.
func (s *Store) Words(ctx context.Context, c handover.Case) ([]channels.Line, error) {
	if len(c.Events) == 0 {
		return nil, nil
	}
	rows, err := s.db.QueryContext(ctx, `SELECT body_sealed, received_at FROM inbox
		WHERE conversation_id = $1 AND id >= $2 AND body_sealed IS NOT NULL ORDER BY id`, c.Conversation, c.Events[0].Message)
	if err != nil {
		return nil, wrap("read words", err)
	}
	defer rows.Close()
	var all []channels.Line
	for rows.Next() {
		var sealed []byte
		var at int64
		var b inboxBody
		if err := rows.Scan(&sealed, &at); err != nil {
			return nil, wrap("read words", err)
		}
		if err := s.keys.open("inbox", sealed, &b); err != nil {
			return nil, wrap("read words", err)
		}
		if b.Text != "" {
			all = append(all, channels.Line{FromPerson: true, Text: b.Text, At: fromMillis(at)})
		}
	}
	return all, wrap("read words", rows.Err())
}

// CaseList is a line of the list of cases.
type CaseList struct {
	ID, Ref  string
	Status   handover.Status
	Level    triage.Level
	Category string
	Tier     int
	OpenedAt time.Time
	AckDue   time.Time
}

// Cases lists the newest cases, at most limit; live leaves out those that are over.
func (s *Store) Cases(ctx context.Context, live bool, limit int) ([]CaseList, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, ref, status, level, category, tier, opened_at, COALESCE(ack_due, 0) FROM cases
		WHERE NOT $1 OR status IN ('open', 'claimed', 'referred') ORDER BY opened_at DESC, id LIMIT $2`, live, limit)
	if err != nil {
		return nil, wrap("list cases", err)
	}
	defer rows.Close()
	var all []CaseList
	for rows.Next() {
		var c CaseList
		var opened, due int64
		if err := rows.Scan(&c.ID, &c.Ref, &c.Status, &c.Level, &c.Category, &c.Tier, &opened, &due); err != nil {
			return nil, wrap("list cases", err)
		}
		c.OpenedAt = fromMillis(opened)
		if due > 0 {
			c.AckDue = fromMillis(due)
		}
		all = append(all, c)
	}
	return all, wrap("list cases", rows.Err())
}
