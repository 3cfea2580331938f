package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/channels"
)

// inboxBody is what a message holds, sealed.
type inboxBody struct {
	Kind      channels.Kind `json:"kind"`
	Text      string        `json:"text,omitempty"`
	Payload   string        `json:"payload,omitempty"`
	Group     bool          `json:"group,omitempty"`
	Forwarded bool          `json:"forwarded,omitempty"`
	Overheard bool          `json:"overheard,omitempty"`
	Author    string        `json:"author,omitempty"`
	ReplyTo   string        `json:"reply_to,omitempty"`
	MediaID   string        `json:"media_id,omitempty"`
	Quoted    string        `json:"quoted,omitempty"`
	SentAt    time.Time     `json:"sent_at,omitzero"`
}

// Accept implements bot.Store. A message from somebody in danger has a transaction of its own; ordinary ones that come while
// others are being written are written together with the next.
func (s *Store) Accept(ctx context.Context, in channels.Inbound, urgent bool, at time.Time) error {
	if urgent {
		return s.accept(ctx, []received{{in, true, at}})
	}
	return s.crowd.keep(ctx, received{in, false, at}, s.crowds(), s.accept)
}

// crowds is how many groups of ordinary messages may be written at once: few enough that who is in danger finds the database
// free.
func (s *Store) crowds() int {
	if s.db.Shared() {
		return 4
	}
	return 1
}

// received is one message to keep.
type received struct {
	in     channels.Inbound
	urgent bool
	at     time.Time
}

// accept keeps messages, all or none.
func (s *Store) accept(ctx context.Context, all []received) error {
	return s.inTx(ctx, "accept message", func(tx *sql.Tx) error {
		var jobs []bot.Job
		for _, r := range all {
			conversation, urgent, err := s.acceptOne(ctx, tx, r)
			if err != nil {
				return err
			}
			if conversation != 0 {
				jobs = append(jobs, bot.Job{Kind: bot.JobHandle, Conversation: conversation, Urgent: urgent})
			}
		}
		return s.queue.Enqueue(ctx, tx, jobs...)
	})
}

// acceptOne keeps one message and returns its conversation, 0 if it was known already, and whether it goes before others.
func (s *Store) acceptOne(ctx context.Context, tx *sql.Tx, r received) (conversation int64, urgent bool, err error) {
	in, urgent := r.in, r.urgent
	// A repeat must not begin a conversation with somebody who asked to be forgotten since.
	var known int
	err = tx.QueryRowContext(ctx, `SELECT 1 FROM inbox WHERE channel = $1 AND provider_id = $2`, in.From.Channel, in.ProviderID).Scan(&known)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return 0, false, err
	}
	conversation, err = s.conversationFor(ctx, tx, in.From, r.at)
	if err != nil {
		return 0, false, err
	}
	body, err := s.keys.seal("inbox", inboxBody{in.Kind, in.Text, in.Payload, in.Group, in.Forwarded, in.Overheard, in.Author, in.ReplyTo, in.MediaID, in.Quoted, in.SentAt})
	if err != nil {
		return 0, false, err
	}
	if !urgent {
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM cases WHERE conversation_id = $1 AND status IN ('open', 'claimed', 'referred'))`,
			conversation).Scan(&urgent); err != nil {
			return 0, false, err
		}
	}
	n, err := changed(tx.ExecContext(ctx, `INSERT INTO inbox (conversation_id, channel, provider_id, body_sealed, urgent, received_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (channel, provider_id) DO NOTHING`,
		conversation, in.From.Channel, in.ProviderID, body, urgent, millis(r.at)))
	if err != nil || n == 0 {
		return 0, false, err
	}
	return conversation, urgent, nil
}

// conversationFor finds the person's conversation or begins one.
func (s *Store) conversationFor(ctx context.Context, tx *sql.Tx, a channels.Address, at time.Time) (int64, error) {
	hashes := s.keys.hashes(a)
	var id int64
	for _, h := range hashes {
		err := tx.QueryRowContext(ctx, `SELECT id FROM conversations WHERE channel = $1 AND address_hash = $2`+s.forUpdate(), a.Channel, h).Scan(&id)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return id, err
		}
	}
	sealed, err := s.keys.seal("address", a.ID)
	if err != nil {
		return 0, err
	}
	// Another program may begin the same one now: then both get that one, held for this transaction.
	err = tx.QueryRowContext(ctx, `INSERT INTO conversations (channel, address_hash, address_sealed, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $4) ON CONFLICT (channel, address_hash) DO UPDATE SET channel = excluded.channel RETURNING id`,
		a.Channel, hashes[0], sealed, millis(at)).Scan(&id)
	return id, err
}

// NextMessage implements bot.Store.
func (s *Store) NextMessage(ctx context.Context, conversation int64) (bot.Message, bot.Conversation, error) {
	m := bot.Message{Conversation: conversation}
	c := bot.Conversation{ID: conversation}
	var received int64
	var body, address, state []byte
	err := s.db.QueryRowContext(ctx, `SELECT i.id, i.provider_id, i.body_sealed, i.received_at,
			c.channel, c.address_sealed, c.state_sealed, c.version
		FROM inbox i JOIN conversations c ON c.id = i.conversation_id
		WHERE i.conversation_id = $1 AND i.handled_at IS NULL ORDER BY i.id LIMIT 1`, conversation).
		Scan(&m.ID, &m.In.ProviderID, &body, &received, &m.In.From.Channel, &address, &state, &c.Version)
	if err != nil {
		return m, c, wrap("next message", err)
	}
	m.ReceivedAt = fromMillis(received)
	var b inboxBody
	if err := errors.Join(s.keys.open("inbox", body, &b), s.keys.open("address", address, &m.In.From.ID)); err != nil {
		return m, c, wrap("next message", err)
	}
	m.In.Kind, m.In.Text, m.In.Payload, m.In.Group, m.In.Forwarded, m.In.SentAt = b.Kind, b.Text, b.Payload, b.Group, b.Forwarded, b.SentAt
	m.In.Author, m.In.ReplyTo, m.In.Overheard, m.In.MediaID, m.In.Quoted = b.Author, b.ReplyTo, b.Overheard, b.MediaID, b.Quoted
	if state != nil {
		if err := s.keys.open("state", state, &c.State); err != nil {
			return m, c, wrap("next message", err)
		}
	}
	return m, c, nil
}

// SaveTurn implements bot.Store.
func (s *Store) SaveTurn(ctx context.Context, t bot.Turn) error {
	return s.inTx(ctx, "save turn", func(tx *sql.Tx) error {
		if err := s.lockConversation(ctx, tx, t.Conversation.ID); err != nil {
			return err
		}
		if err := s.saveState(ctx, tx, t); err != nil {
			return err
		}
		if t.Erase {
			if err := eraseWords(ctx, tx, t.Conversation.ID); err != nil {
				return err
			}
		}
		if err := s.saveReplies(ctx, tx, t.Conversation.ID, t.Message.ID, t.Say, t.At); err != nil {
			return err
		}
		if t.Case != nil {
			if err := s.saveCase(ctx, tx, *t.Case, t.Message.ID); err != nil {
				return err
			}
		}
		if err := saveSubscription(ctx, tx, t); err != nil {
			return err
		}
		if err := count(ctx, tx, t.Message.In.From.Channel, t.Tally, t.At); err != nil {
			return err
		}
		return s.saveNotes(ctx, tx, t)
	})
}

// saveState marks the message handled and stores the conversation, unless either was changed meanwhile.
func (s *Store) saveState(ctx context.Context, tx *sql.Tx, t bot.Turn) error {
	n, err := changed(tx.ExecContext(ctx, `UPDATE inbox SET handled_at = $1 WHERE id = $2 AND handled_at IS NULL`, millis(t.At), t.Message.ID))
	if err != nil {
		return err
	}
	if n == 0 {
		return conflict("the message is already handled")
	}
	state, err := s.keys.seal("state", t.Conversation.State)
	if err != nil {
		return err
	}
	n, err = changed(tx.ExecContext(ctx, `UPDATE conversations SET state_sealed = $1, version = version + 1, updated_at = $2, opted_out = FALSE,
			erasing = $3 WHERE id = $4 AND version = $5`,
		state, millis(t.At), t.Erase, t.Conversation.ID, t.Conversation.Version))
	if err != nil {
		return err
	}
	if n == 0 {
		return conflict("the conversation changed")
	}
	return nil
}

// saveNotes stores what staff learn from the turn.
func (s *Store) saveNotes(ctx context.Context, tx *sql.Tx, t bot.Turn) error {
	if u := t.Unanswered; u != nil {
		text, err := s.keys.seal("unanswered", u.Text)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO unanswered (conversation_id, text_sealed, medium, best, asked_at) VALUES ($1, $2, $3, $4, $5)`,
			t.Conversation.ID, text, string(u.Medium), u.Best, millis(t.At)); err != nil {
			return err
		}
	}
	if f := t.Feedback; f != nil {
		if _, err := tx.ExecContext(ctx, `INSERT INTO feedback (entry, revision, helpful, given_at) VALUES ($1, $2, $3, $4)`,
			f.Entry, f.Revision, f.Helpful, millis(t.At)); err != nil {
			return err
		}
	}
	return nil
}

// UnansweredQuestion is one question staff should write an entry for.
type UnansweredQuestion struct {
	bot.Unanswered
	AskedAt time.Time
}

// Unanswered lists the newest questions without a sure answer.
func (s *Store) Unanswered(ctx context.Context, limit int) ([]UnansweredQuestion, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT text_sealed, medium, best, asked_at FROM unanswered ORDER BY id DESC LIMIT $1`, limit)
	if err != nil {
		return nil, wrap("list unanswered", err)
	}
	defer rows.Close()
	var out []UnansweredQuestion
	for rows.Next() {
		var u UnansweredQuestion
		var sealed []byte
		var medium string
		var at int64
		if err := rows.Scan(&sealed, &medium, &u.Best, &at); err != nil {
			return nil, wrap("list unanswered", err)
		}
		if err := s.keys.open("unanswered", sealed, &u.Text); err != nil {
			return nil, wrap("list unanswered", err)
		}
		u.Medium, u.AskedAt = dialogue.Medium(medium), fromMillis(at)
		out = append(out, u)
	}
	return out, wrap("list unanswered", rows.Err())
}
