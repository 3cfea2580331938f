package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"treem/channels"
)

// Transcript returns a person's latest messages and the replies to them, oldest first, at most limit of each. An
// unknown address has none. waiting says that an answer is still being worked out.
func (s *Store) Transcript(ctx context.Context, a channels.Address, limit int) (lines []channels.Line, waiting bool, err error) {
	conversation, err := s.lookUp(ctx, a)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, wrap("read transcript", err)
	}
	type keyed struct {
		inbox, reply int64
		line         channels.Line
	}
	var all []keyed
	rows, err := s.db.QueryContext(ctx, `SELECT id, body_sealed, received_at, handled_at IS NULL FROM inbox
		WHERE conversation_id = $1 AND body_sealed IS NOT NULL ORDER BY id DESC LIMIT $2`, conversation, limit)
	if err != nil {
		return nil, false, wrap("read transcript", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k keyed
		var sealed []byte
		var at int64
		var open bool
		if err := rows.Scan(&k.inbox, &sealed, &at, &open); err != nil {
			return nil, false, wrap("read transcript", err)
		}
		var b inboxBody
		if err := s.keys.open("inbox", sealed, &b); err != nil {
			return nil, false, wrap("read transcript", err)
		}
		waiting = waiting || open
		k.line = channels.Line{FromPerson: true, Text: b.Text, At: fromMillis(at)}
		if b.Kind != channels.KindChoice && b.Kind != channels.KindJoined {
			all = append(all, k)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, false, wrap("read transcript", err)
	}
	replies, err := s.db.QueryContext(ctx, `SELECT inbox_id, id, body_sealed, created_at FROM outbox
		WHERE conversation_id = $1 AND body_sealed IS NOT NULL ORDER BY id DESC LIMIT $2`, conversation, 2*limit)
	if err != nil {
		return nil, false, wrap("read transcript", err)
	}
	defer replies.Close()
	for replies.Next() {
		var k keyed
		var sealed []byte
		var at int64
		if err := replies.Scan(&k.inbox, &k.reply, &sealed, &at); err != nil {
			return nil, false, wrap("read transcript", err)
		}
		var b outboxBody
		if err := s.keys.open("outbox", sealed, &b); err != nil {
			return nil, false, wrap("read transcript", err)
		}
		k.line = channels.Line{Text: b.Text, Buttons: b.Buttons, At: fromMillis(at)}
		all = append(all, k)
	}
	if err := replies.Err(); err != nil {
		return nil, false, wrap("read transcript", err)
	}
	slices.SortFunc(all, func(x, y keyed) int {
		if x.inbox != y.inbox {
			return int(x.inbox - y.inbox)
		}
		return int(x.reply - y.reply)
	})
	for _, k := range all {
		lines = append(lines, k.line)
	}
	return lines, waiting, nil
}

// lookUp finds a person's conversation; sql.ErrNoRows if there is none.
func (s *Store) lookUp(ctx context.Context, a channels.Address) (int64, error) {
	hashes := s.keys.hashes(a)
	args := []any{a.Channel}
	var in []string
	for _, h := range hashes {
		args = append(args, h)
		in = append(in, "?")
	}
	var id int64
	err := s.db.QueryRowContext(ctx, `SELECT id FROM conversations WHERE channel = ? AND address_hash IN (`+strings.Join(in, ",")+`)`, args...).Scan(&id)
	return id, err
}
