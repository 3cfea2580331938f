package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"treem/bot/handover"
	"treem/bot/triage"
	"treem/channels"
)

// Queued is a line of the case desk: nothing in it tells what a person wrote or who they are.
type Queued struct {
	ID, Ref  string
	Status   handover.Status
	Level    triage.Level
	Category string
	Channel  string
	Commune  string
	Owner    string // officer's id; empty: nobody
	Outcome  string
	Tier     int
	OpenedAt time.Time
	AckDue   time.Time // zero: nothing is due
	Version  int64
}

// Queue lists the cases of the desk: those that somebody must still look at, the withdrawn too, or those that are over,
// newest first. At most limit. Live ones come with the highest level first, then what is due first, then the oldest.
func (s *Store) Queue(ctx context.Context, over bool, limit int) ([]Queued, error) {
	var all []Queued
	err := each(ctx, s.db, func(scan func(...any) error) error {
		var q Queued
		var c handover.Case
		var opened int64
		var due sql.NullInt64
		var body []byte
		if err := scan(&q.ID, &q.Ref, &q.Status, &q.Level, &q.Category, &q.Channel, &q.Tier, &opened, &due, &q.Version, &body); err != nil {
			return err
		}
		q.OpenedAt = fromMillis(opened)
		if due.Valid {
			q.AckDue = fromMillis(due.Int64)
		}
		if body != nil { // nil: from before cases were sealed
			if err := s.keys.open("case", body, &c); err != nil {
				return err
			}
			q.Owner, q.Commune, q.Outcome = c.Owner, c.Consent.Commune, c.Outcome
			if c.Human != nil {
				q.Category = c.Human.Category
			}
		}
		all = append(all, q)
		return nil
	}, `SELECT id, ref, status, level, category, channel, tier, opened_at, ack_due, version, body_sealed FROM cases
		WHERE (status = 'closed') = $1 ORDER BY opened_at DESC, id LIMIT $2`, over, limit)
	if !over {
		slices.SortStableFunc(all, func(a, b Queued) int {
			return cmp.Or(cmp.Compare(state(b), state(a)), cmp.Compare(b.Level.Rank(), a.Level.Rank()), waits(a).Compare(waits(b)), a.OpenedAt.Compare(b.OpenedAt))
		})
	}
	return all, wrap("read the queue of cases", err)
}

// state ranks cases by who must move: first what nobody has, then what an officer has, then what only needs a look.
func state(q Queued) int {
	switch q.Status {
	case handover.Open:
		return 2
	case handover.Withdrawn:
		return 0
	default:
		return 1
	}
}

// waits is when a case should be taken; without a deadline it comes behind those that have one.
func waits(q Queued) time.Time {
	if q.AckDue.IsZero() {
		return q.OpenedAt.AddDate(100, 0, 0)
	}
	return q.AckDue
}

// Talk returns what was said in a case, both sides, oldest first, as far as it is still kept. Whoever shows it records
// that in the case's history first.
func (s *Store) Talk(ctx context.Context, c handover.Case) ([]channels.Line, error) {
	if len(c.Events) == 0 {
		return nil, nil
	}
	messages, _, err := s.saidByPerson(ctx, c.Conversation, talkLimit)
	if err != nil {
		return nil, wrap("read what was said", err)
	}
	replies, err := s.saidToPerson(ctx, c.Conversation, 3*talkLimit)
	if err != nil {
		return nil, wrap("read what was said", err)
	}
	first := c.Events[0].Message
	all := slices.DeleteFunc(append(messages, replies...), func(one said) bool { return one.inbox < first })
	return inOrder(all), nil
}

// talkLimit bounds the messages of a case that are shown at once.
const talkLimit = 500
