package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"treem/bot"
	"treem/channels"
)

// outboxBody is what a reply holds, sealed.
type outboxBody struct {
	Text    string              `json:"text"`
	Buttons [][]channels.Button `json:"buttons,omitempty"`
	Hide    bool                `json:"hide,omitempty"`
	Media   channels.MediaKind  `json:"media,omitempty"`
	File    string              `json:"file,omitempty"`
}

func bodyOf(out channels.Outbound) outboxBody {
	b := outboxBody{Text: out.Text, Buttons: out.Buttons, Hide: out.Hide}
	if out.Media != nil {
		b.Media, b.File = out.Media.Kind, out.Media.File
	}
	return b
}

// fill puts what was stored into out.
func (b outboxBody) fill(out *channels.Outbound) {
	out.Text, out.Buttons, out.Hide = b.Text, b.Buttons, b.Hide
	if b.File != "" {
		out.Media = &channels.Media{Kind: b.Media, File: b.File}
	}
}

// saveReplies puts replies into the outbox, behind the message that caused them, with the job to deliver them.
func (s *Store) saveReplies(ctx context.Context, tx *sql.Tx, conversation, message int64, say []channels.Outbound, at time.Time) error {
	urgent := false
	for _, out := range say {
		body, err := s.keys.seal("outbox", bodyOf(out))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO outbox
				(conversation_id, inbox_id, public_id, channel, body_sealed, urgent, delivery, due_at, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $7, $7)`,
			conversation, message, out.ID, out.To.Channel, body, out.Urgent, millis(at)); err != nil {
			return err
		}
		urgent = urgent || out.Urgent
	}
	if len(say) == 0 {
		return nil
	}
	return s.queue.Enqueue(ctx, tx, bot.Job{Kind: bot.JobDeliver, Conversation: conversation, Channel: say[0].To.Channel, Urgent: urgent})
}

// ClaimReply implements bot.Store. While one reply of a conversation is being sent no other is claimed, so that a
// person reads replies in order; a claim whose lease has ended counts as never answered.
func (s *Store) ClaimReply(ctx context.Context, conversation int64, at time.Time, lease time.Duration) (bot.Reply, error) {
	r := bot.Reply{Conversation: conversation}
	err := s.inTx(ctx, "claim reply", func(tx *sql.Tx) error {
		if err := s.lockConversation(ctx, tx, conversation); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE outbox SET delivery = 'queued', uncertain = TRUE
			WHERE conversation_id = $1 AND delivery = 'sending' AND lease_until <= $2`, conversation, millis(at)); err != nil {
			return err
		}
		var body, address []byte
		var created, due int64
		err := tx.QueryRowContext(ctx, `SELECT o.id, o.public_id, o.channel, o.body_sealed, o.urgent, o.bulk, o.uncertain, o.tries, o.created_at, o.due_at,
				c.address_sealed
			FROM outbox o JOIN conversations c ON c.id = o.conversation_id
			WHERE o.conversation_id = $1 AND o.delivery = 'queued'
				AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.conversation_id = $1 AND b.delivery = 'sending')
			ORDER BY o.urgent DESC, o.bulk, o.id LIMIT 1`, conversation).
			Scan(&r.ID, &r.Out.ID, &r.Out.To.Channel, &body, &r.Out.Urgent, &r.Bulk, &r.Uncertain, &r.Tries, &created, &due, &address)
		if err != nil {
			return err
		}
		if due > millis(at) {
			return sql.ErrNoRows
		}
		r.CreatedAt = fromMillis(created)
		var b outboxBody
		if err := errors.Join(s.keys.open("outbox", body, &b), s.keys.open("address", address, &r.Out.To.ID)); err != nil {
			return err
		}
		b.fill(&r.Out)
		_, err = tx.ExecContext(ctx, `UPDATE outbox SET delivery = 'sending', tries = tries + 1, lease_until = $1, updated_at = $2, claimed_by = $3 WHERE id = $4`,
			millis(at.Add(lease)), millis(at), s.db.claimant(), r.ID)
		return err
	})
	return r, err
}

// SaveOutcome implements bot.Store.
func (s *Store) SaveOutcome(ctx context.Context, r bot.Reply, o bot.Outcome, at time.Time) error {
	return s.inTx(ctx, "save outcome", func(tx *sql.Tx) error {
		if o.ProviderID != "" {
			if err := s.lockReceipt(ctx, tx, r.Out.To.Channel, o.ProviderID); err != nil {
				return err
			}
		}
		if err := s.lockConversation(ctx, tx, r.Conversation); err != nil {
			return err
		}
		due := at
		if o.Delivery == channels.DeliveryQueued {
			due = o.RetryAt
		}
		_, err := tx.ExecContext(ctx, `UPDATE outbox SET delivery = $1, provider_id = COALESCE(NULLIF($2, ''), provider_id), code = $3,
				uncertain = CASE WHEN $4 THEN TRUE ELSE uncertain END, tries = CASE WHEN $8 THEN tries - 1 ELSE tries END, due_at = $5, updated_at = $6
			WHERE id = $7 AND delivery = 'sending'`,
			string(o.Delivery), o.ProviderID, o.Code, o.Uncertain, millis(due), millis(at), r.ID, o.Untried)
		if err != nil {
			return err
		}
		if o.ProviderID != "" {
			if err := s.takeEarly(ctx, tx, r, o.ProviderID, at); err != nil {
				return err
			}
		}
		if err := countSMS(ctx, tx, r.Out.To.Channel, o, at); err != nil {
			return err
		}
		if o.OptedOut {
			if err := optOut(ctx, tx, r.Conversation, at); err != nil {
				return err
			}
		}
		if r.Out.Hide && o.Delivery == channels.DeliverySent {
			if _, err := tx.ExecContext(ctx, `UPDATE outbox SET provider_id = NULL WHERE conversation_id = $1 AND id < $2`,
				r.Conversation, r.ID); err != nil {
				return err
			}
		}
		if o.Delivery == channels.DeliveryQueued {
			return s.queue.Enqueue(ctx, tx, bot.Job{Kind: bot.JobDeliver, Conversation: r.Conversation, Channel: r.Out.To.Channel, Urgent: r.Out.Urgent, Bulk: r.Bulk, RunAt: o.RetryAt})
		}
		return s.forgetIfDone(ctx, tx, r.Conversation)
	})
}

// Shown implements bot.Store.
func (s *Store) Shown(ctx context.Context, r bot.Reply, since time.Time) ([]string, error) {
	ids, err := column[string](ctx, s.db, `SELECT provider_id FROM outbox WHERE conversation_id = $1 AND id < $2
		AND provider_id IS NOT NULL AND updated_at > $3 ORDER BY id`, r.Conversation, r.ID, millis(since))
	return ids, wrap("list messages to hide", err)
}

// optOut stops everything waiting for a person whom the channel no longer reaches.
func optOut(ctx context.Context, tx *sql.Tx, conversation int64, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `UPDATE conversations SET opted_out = TRUE WHERE id = $1`, conversation); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE outbox SET delivery = 'failed', code = 'opted-out', updated_at = $1
		WHERE conversation_id = $2 AND delivery = 'queued'`, millis(at), conversation)
	return err
}

// SaveReceipt implements bot.Store. What is said of a message that is not known is kept for a day: it may be of one whose
// sending is just being recorded.
func (s *Store) SaveReceipt(ctx context.Context, r channels.Receipt, at time.Time) error {
	return s.inTx(ctx, "save receipt", func(tx *sql.Tx) error {
		if err := s.lockReceipt(ctx, tx, r.Channel, r.ProviderID); err != nil {
			return err
		}
		var id, conversation int64
		err := tx.QueryRowContext(ctx, `SELECT id, conversation_id FROM outbox WHERE channel = $1 AND provider_id = $2`,
			r.Channel, r.ProviderID).Scan(&id, &conversation)
		if errors.Is(err, sql.ErrNoRows) {
			return keepEarly(ctx, tx, r, at)
		}
		if err != nil {
			return err
		}
		if err := s.lockConversation(ctx, tx, conversation); err != nil {
			return err
		}
		return applyReceipt(ctx, tx, id, conversation, r, at)
	})
}

// lockReceipt has a message's outcome and its receipts wait for each other.
func (s *Store) lockReceipt(ctx context.Context, tx *sql.Tx, channel, providerID string) error {
	return s.lockName(ctx, tx, "receipt "+channel+" "+providerID)
}

// applyReceipt moves a reply's delivery forward, never back.
func applyReceipt(ctx context.Context, tx *sql.Tx, id, conversation int64, r channels.Receipt, at time.Time) error {
	if r.OptedOut {
		if err := optOut(ctx, tx, conversation, at); err != nil {
			return err
		}
	}
	var now channels.Delivery
	if err := tx.QueryRowContext(ctx, `SELECT delivery FROM outbox WHERE id = $1`, id).Scan(&now); err != nil {
		return err
	}
	if rank(r.Delivery) <= rank(now) {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE outbox SET delivery = $1, code = COALESCE(NULLIF($2, ''), code), updated_at = $3 WHERE id = $4`,
		string(r.Delivery), r.Code, millis(at), id)
	return err
}

// keepEarly keeps the furthest that was said of a message that is not known yet.
func keepEarly(ctx context.Context, tx *sql.Tx, r channels.Receipt, at time.Time) error {
	before, err := early(ctx, tx, r.Channel, r.ProviderID)
	if err != nil {
		return err
	}
	if rank(before.Delivery) >= rank(r.Delivery) {
		r.Delivery, r.Code = before.Delivery, before.Code
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO early_receipts (channel, provider_id, delivery, code, opted_out, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (channel, provider_id) DO UPDATE SET delivery = excluded.delivery, code = excluded.code, opted_out = excluded.opted_out`,
		r.Channel, r.ProviderID, string(r.Delivery), r.Code, r.OptedOut || before.OptedOut, millis(at))
	return err
}

// early returns what was kept of a message; its zero value: nothing.
func early(ctx context.Context, tx *sql.Tx, channel, providerID string) (channels.Receipt, error) {
	r := channels.Receipt{Channel: channel, ProviderID: providerID}
	err := tx.QueryRowContext(ctx, `SELECT delivery, code, opted_out FROM early_receipts WHERE channel = $1 AND provider_id = $2`, channel, providerID).
		Scan(&r.Delivery, &r.Code, &r.OptedOut)
	if errors.Is(err, sql.ErrNoRows) {
		return channels.Receipt{}, nil
	}
	return r, err
}

// takeEarly applies what was said of a message before its sending was recorded.
func (s *Store) takeEarly(ctx context.Context, tx *sql.Tx, r bot.Reply, providerID string, at time.Time) error {
	said, err := early(ctx, tx, r.Out.To.Channel, providerID)
	if err != nil || said.Delivery == "" {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM early_receipts WHERE channel = $1 AND provider_id = $2`, said.Channel, said.ProviderID); err != nil {
		return err
	}
	return applyReceipt(ctx, tx, r.ID, r.Conversation, said, at)
}

// rank orders deliveries; the two final ones share a rank, so that the first of them stands.
func rank(d channels.Delivery) int {
	switch d {
	case channels.DeliverySending:
		return 1
	case channels.DeliverySent:
		return 2
	case channels.DeliveryDelivered, channels.DeliveryFailed:
		return 3
	default:
		return 0
	}
}

// Delivery tells how far the reply of that public id has come.
func (s *Store) Delivery(ctx context.Context, publicID string) (channels.Delivery, error) {
	var d channels.Delivery
	err := s.db.QueryRowContext(ctx, `SELECT delivery FROM outbox WHERE public_id = $1`, publicID).Scan(&d)
	return d, wrap("read delivery", err)
}
