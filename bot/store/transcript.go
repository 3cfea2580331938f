package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"treem/channels"
)

// said is one line of a transcript with its place: replies stand behind the message they answer.
type said struct {
	inbox, reply int64
	line         channels.Line
}

// Transcript returns a person's latest messages and the replies to them, oldest first, at most limit messages. An unknown
// address has none. waiting says that an answer is still being worked out.
func (s *Store) Transcript(ctx context.Context, a channels.Address, limit int) (lines []channels.Line, waiting bool, err error) {
	conversation, err := s.lookUp(ctx, a)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, wrap("read transcript", err)
	}
	messages, waiting, err := s.saidByPerson(ctx, conversation, limit)
	if err != nil {
		return nil, false, wrap("read transcript", err)
	}
	replies, err := s.saidToPerson(ctx, conversation, 3*limit)
	if err != nil {
		return nil, false, wrap("read transcript", err)
	}
	return inOrder(append(messages, replies...)), waiting, nil
}

// inOrder puts both sides of a conversation into one.
func inOrder(all []said) (lines []channels.Line) {
	slices.SortFunc(all, func(x, y said) int {
		return cmp.Or(cmp.Compare(x.inbox, y.inbox), cmp.Compare(x.reply, y.reply))
	})
	for _, one := range all {
		lines = append(lines, one.line)
	}
	return lines
}

func (s *Store) saidByPerson(ctx context.Context, conversation int64, limit int) (all []said, waiting bool, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, body_sealed, received_at, handled_at IS NULL FROM inbox
		WHERE conversation_id = $1 AND body_sealed IS NOT NULL ORDER BY id DESC LIMIT $2`, conversation, limit)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var one said
		var sealed []byte
		var at int64
		var open bool
		var b inboxBody
		if err := rows.Scan(&one.inbox, &sealed, &at, &open); err != nil {
			return nil, false, err
		}
		if err := s.keys.open("inbox", sealed, &b); err != nil {
			return nil, false, err
		}
		waiting = waiting || open
		one.line = channels.Line{FromPerson: true, Text: b.Text, At: fromMillis(at)}
		if b.Kind != channels.KindChoice && b.Kind != channels.KindJoined {
			all = append(all, one)
		}
	}
	return all, waiting, rows.Err()
}

func (s *Store) saidToPerson(ctx context.Context, conversation int64, limit int) ([]said, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT inbox_id, id, body_sealed, created_at FROM outbox
		WHERE conversation_id = $1 AND body_sealed IS NOT NULL ORDER BY id DESC LIMIT $2`, conversation, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []said
	for rows.Next() {
		var one said
		var sealed []byte
		var at int64
		var b outboxBody
		if err := rows.Scan(&one.inbox, &one.reply, &sealed, &at); err != nil {
			return nil, err
		}
		if err := s.keys.open("outbox", sealed, &b); err != nil {
			return nil, err
		}
		if b.Hide {
			continue
		}
		one.line = channels.Line{Text: b.Text, Buttons: b.Buttons, At: fromMillis(at)}
		all = append(all, one)
	}
	return all, rows.Err()
}

// lookUp finds a person's conversation; sql.ErrNoRows if there is none.
func (s *Store) lookUp(ctx context.Context, a channels.Address) (int64, error) {
	var id int64
	err := sql.ErrNoRows
	for _, h := range s.keys.hashes(a) {
		err = s.db.QueryRowContext(ctx, `SELECT id FROM conversations WHERE channel = $1 AND address_hash = $2`, a.Channel, h).Scan(&id)
		if !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	return id, err
}
