package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"treem/bot"
	"treem/channels"
)

// Person is what is stored about one person, as far as it is theirs to know.
type Person struct {
	Since     time.Time       // when the conversation began
	Lines     []channels.Line // what was said, oldest first
	Questions []string        // those kept apart for who writes answers
	Cases     []PersonCase
}

// PersonCase is a case of a person as they may see it. What officers wrote in its history is theirs, and may be about others.
type PersonCase struct {
	Ref      string
	OpenedAt time.Time
	Over     bool
}

// maxLines bounds a transcript that is handed out whole.
const maxLines = 100_000

// Person returns what is stored about a person, without anything older than hidden, which they took off their screen.
// NotFound: nothing is.
func (s *Store) Person(ctx context.Context, a channels.Address, hidden time.Time) (Person, error) {
	const op = "read a person's data"
	var p Person
	id, err := s.lookUp(ctx, a)
	if errors.Is(err, sql.ErrNoRows) {
		return p, &bot.Error{Code: bot.NotFound, Op: op}
	}
	if err != nil {
		return p, wrap(op, err)
	}
	var created int64
	if err := s.db.QueryRowContext(ctx, `SELECT created_at FROM conversations WHERE id = $1`, id).Scan(&created); err != nil {
		return p, wrap(op, err)
	}
	p.Since = fromMillis(created)
	if hidden.After(p.Since) {
		p.Since = hidden
	}
	all, _, err := s.Transcript(ctx, a, maxLines)
	if err != nil {
		return p, err
	}
	for _, l := range all {
		if l.At.After(hidden) {
			p.Lines = append(p.Lines, l)
		}
	}
	after := millis(hidden)
	if hidden.IsZero() {
		after = 0
	}
	err = errors.Join(
		each(ctx, s.db, func(scan func(...any) error) error {
			var sealed []byte
			var text string
			if err := scan(&sealed); err != nil {
				return err
			}
			err := s.keys.open("unanswered", sealed, &text)
			p.Questions = append(p.Questions, text)
			return err
		}, `SELECT text_sealed FROM unanswered WHERE conversation_id = $1 AND asked_at > $2 ORDER BY id`, id, after),
		each(ctx, s.db, func(scan func(...any) error) error {
			var c PersonCase
			var at int64
			err := scan(&c.Ref, &at, &c.Over)
			c.OpenedAt = fromMillis(at)
			p.Cases = append(p.Cases, c)
			return err
		}, `SELECT ref, opened_at, status NOT IN ('open', 'claimed', 'referred') FROM cases WHERE conversation_id = $1 AND opened_at > $2 ORDER BY opened_at`, id, after))
	return p, wrap(op, err)
}
