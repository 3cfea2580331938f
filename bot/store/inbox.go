package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
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
		return 2
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
		// A repeat must not begin a conversation with somebody who asked to be forgotten since.
		fresh, err := unknown(ctx, tx, all)
		if err != nil || len(fresh) == 0 {
			return err
		}
		conversations, err := s.conversationsFor(ctx, tx, fresh)
		if err != nil {
			return err
		}
		live, err := withLiveCase(ctx, tx, conversations)
		if err != nil {
			return err
		}
		jobs := map[providedID]bot.Job{}
		rows := values{each: 6}
		for i, r := range fresh {
			in, conversation := r.in, conversations[i]
			body, err := s.keys.seal("inbox", inboxBody{in.Kind, in.Text, in.Payload, in.Group, in.Forwarded, in.Overheard, in.Author, in.ReplyTo, in.MediaID, in.Quoted, in.SentAt})
			if err != nil {
				return err
			}
			urgent := r.urgent || live[conversation]
			rows.add(conversation, in.From.Channel, in.ProviderID, body, urgent, millis(r.at))
			jobs[providedID{in.From.Channel, in.ProviderID}] = bot.Job{Kind: bot.JobHandle, Conversation: conversation, Urgent: urgent}
		}
		var stored []bot.Job
		err = each(ctx, tx, func(scan func(...any) error) error {
			var id providedID
			err := scan(&id.channel, &id.id)
			stored = append(stored, jobs[id])
			return err
		}, `INSERT INTO inbox (conversation_id, channel, provider_id, body_sealed, urgent, received_at) VALUES `+rows.String()+`
			ON CONFLICT (channel, provider_id) DO NOTHING RETURNING channel, provider_id`, rows.args...)
		if err != nil {
			return err
		}
		return s.queue.Enqueue(ctx, tx, stored...)
	})
}

// providedID is what a channel's provider calls a message.
type providedID struct{ channel, id string }

// unknown leaves out the messages that are stored already, and all but the first of the same among these.
func unknown(ctx context.Context, tx *sql.Tx, all []received) ([]received, error) {
	rows := values{each: 2}
	for _, r := range all {
		rows.add(r.in.From.Channel, r.in.ProviderID)
	}
	known := map[providedID]bool{}
	err := each(ctx, tx, func(scan func(...any) error) error {
		var id providedID
		err := scan(&id.channel, &id.id)
		known[id] = true
		return err
	}, `SELECT channel, provider_id FROM inbox WHERE `+rows.anyOf("channel", "provider_id"), rows.args...)
	if err != nil {
		return nil, err
	}
	var fresh []received
	for _, r := range all {
		if id := (providedID{r.in.From.Channel, r.in.ProviderID}); !known[id] {
			known[id] = true
			fresh = append(fresh, r)
		}
	}
	return fresh, nil
}

// conversationsFor finds the conversation of each message's person or begins one.
func (s *Store) conversationsFor(ctx context.Context, tx *sql.Tx, all []received) ([]int64, error) {
	type key struct{ channel, hash string }
	found := map[key]int64{}
	note := func(scan func(...any) error) error {
		var id int64
		var channel string
		var hash []byte
		err := scan(&id, &channel, &hash)
		found[key{channel, string(hash)}] = id
		return err
	}
	asked := values{each: 2}
	hashes := make([][][]byte, len(all))
	for i, r := range all {
		hashes[i] = s.keys.hashes(r.in.From)
		for _, h := range hashes[i] {
			asked.add(r.in.From.Channel, h)
		}
	}
	if err := each(ctx, tx, note, `SELECT id, channel, address_hash FROM conversations WHERE `+asked.anyOf("channel", "address_hash")+` ORDER BY id`+s.forUpdate(), asked.args...); err != nil {
		return nil, err
	}
	ids := make([]int64, len(all))
	begun := values{each: 5}
	beginning := map[key]bool{}
	for i, r := range all {
		for _, h := range hashes[i] {
			if id, known := found[key{r.in.From.Channel, string(h)}]; known && ids[i] == 0 {
				ids[i] = id
			}
		}
		if k := (key{r.in.From.Channel, string(hashes[i][0])}); ids[i] == 0 && !beginning[k] {
			beginning[k] = true
			sealed, err := s.keys.seal("address", r.in.From.ID)
			if err != nil {
				return nil, err
			}
			begun.add(r.in.From.Channel, hashes[i][0], sealed, millis(r.at), millis(r.at))
		}
	}
	if len(begun.args) > 0 {
		// Another program may begin the same ones now: then both get those, held for this transaction.
		if err := each(ctx, tx, note, `INSERT INTO conversations (channel, address_hash, address_sealed, created_at, updated_at) VALUES `+begun.String()+`
			ON CONFLICT (channel, address_hash) DO UPDATE SET channel = excluded.channel RETURNING id, channel, address_hash`, begun.args...); err != nil {
			return nil, err
		}
	}
	for i, r := range all {
		if ids[i] == 0 {
			ids[i] = found[key{r.in.From.Channel, string(hashes[i][0])}]
		}
	}
	return ids, nil
}

// withLiveCase are those of the conversations with a case that is not closed.
func withLiveCase(ctx context.Context, tx *sql.Tx, conversations []int64) (map[int64]bool, error) {
	asked := values{each: 1}
	for _, id := range conversations {
		asked.add(id)
	}
	live := map[int64]bool{}
	err := each(ctx, tx, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		live[id] = true
		return err
	}, `SELECT conversation_id FROM cases WHERE status IN ('open', 'claimed', 'referred') AND (`+asked.anyOf("conversation_id")+`)`, asked.args...)
	return live, err
}

// values collects rows of arguments for one statement.
type values struct {
	each int // columns
	args []any
}

func (v *values) add(row ...any) { v.args = append(v.args, row...) }

// String is the rows as behind VALUES: "($1, $2), ($3, $4)".
func (v *values) String() string {
	var b strings.Builder
	for i := range v.args {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%v.each == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	return b.String() + ")"
}

// anyOf is the condition that the columns hold one of the rows: "a = $1 AND b = $2 OR a = $3 AND b = $4". Both engines look
// each up in an index.
func (v *values) anyOf(columns ...string) string {
	var b strings.Builder
	for i := range v.args {
		switch {
		case i == 0:
		case i%v.each == 0:
			b.WriteString(" OR ")
		default:
			b.WriteString(" AND ")
		}
		b.WriteString(columns[i%v.each] + " = $" + strconv.Itoa(i+1))
	}
	return b.String()
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
