package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"treem/bot/dialogue"
	"treem/bot/handover"
	"treem/channels"
	"treem/channels/sms"
	"treem/kb"
)

// Subscriber is one person who asked for a series and has not got an issue of it.
type Subscriber struct {
	Conversation int64
	To           channels.Address
	State        dialogue.State
	OptedOut     bool
}

// BulletinDelivery is one issue for one person.
type BulletinDelivery struct {
	Series, Issue string
	Conversation  int64
	Out           channels.Outbound
	Due           time.Time
	At            time.Time
}

// BulletinStore keeps who asked for what and what went out.
type BulletinStore interface {
	// Subscribers lists those who asked for a series and did not get the issue.
	Subscribers(ctx context.Context, series, issue string) ([]Subscriber, error)
	// SaveBulletin stores one delivery and the job for it. false: that person has this issue already.
	SaveBulletin(ctx context.Context, d BulletinDelivery) (stored bool, err error)
	// Case returns a case. NotFound: there is none of that id.
	Case(ctx context.Context, id string) (handover.Case, error)
}

// Broadcaster sends staff-made series to those who asked for them.
type Broadcaster struct {
	Store  BulletinStore
	Book   *dialogue.Book
	Medium func(channel string) (m dialogue.Medium, ok bool) // false: the channel is not configured
	Hours  Hours
	NewID  func() string
	Now    func() time.Time
}

// Hours is when bulletins may reach people, minutes of the day in Viet Nam; outside of it they wait. The zero value
// is always.
type Hours struct{ From, To int }

// Next is the first moment from at on that lies within the hours.
func (h Hours) Next(at time.Time) time.Time {
	if h == (Hours{}) {
		return at
	}
	local := at.In(vietnam)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, vietnam)
	switch minute := local.Hour()*60 + local.Minute(); {
	case minute < h.From:
		return day.Add(time.Duration(h.From) * time.Minute)
	case minute >= h.To:
		return day.AddDate(0, 0, 1).Add(time.Duration(h.From) * time.Minute)
	default:
		return at
	}
}

// BulletinPlan is what sending an issue would do.
type BulletinPlan struct {
	Deliveries []BulletinDelivery
	Segments   int            // of SMS
	ByChannel  map[string]int // deliveries
	Skipped    map[string]int // why: stopped, opted-out, open-case, no-channel
}

// between is how far apart bulletins on one channel are, so that replies find room.
const between = 200 * time.Millisecond

// Plan works out who gets an issue, in which words and when. It stores nothing.
func (b *Broadcaster) Plan(ctx context.Context, series, issue string) (BulletinPlan, error) {
	plan := BulletinPlan{ByChannel: map[string]int{}, Skipped: map[string]int{}}
	entry, err := b.Book.BulletinEntry(series, issue)
	if err != nil {
		return plan, &Error{Code: Invalid, Op: "plan bulletin", Err: err}
	}
	all, err := b.Store.Subscribers(ctx, series, issue)
	if err != nil {
		return plan, err
	}
	now := b.Now()
	next := map[string]time.Time{}
	for _, one := range all {
		medium, why, err := b.wants(ctx, one)
		if err != nil {
			return plan, err
		}
		if why != "" {
			plan.Skipped[why]++
			continue
		}
		channel := one.To.Channel
		due := now
		if at, ok := next[channel]; ok {
			due = at
		}
		due = b.Hours.Next(due)
		next[channel] = due.Add(between)
		out := b.write(series, entry, one, medium, now)
		if medium == dialogue.SMS {
			_, n := sms.Measure(out.Text)
			plan.Segments += n
		}
		plan.ByChannel[channel]++
		plan.Deliveries = append(plan.Deliveries, BulletinDelivery{series, issue, one.Conversation, out, due, now})
	}
	return plan, nil
}

// wants says how the person reads, or why nothing is sent. Somebody with an open case gets nothing unless they said that
// nobody else reads their telephone.
func (b *Broadcaster) wants(ctx context.Context, one Subscriber) (m dialogue.Medium, why string, err error) {
	m, ok := b.Medium(one.To.Channel)
	switch {
	case !ok:
		return m, "no-channel", nil
	case one.OptedOut:
		return m, "opted-out", nil
	case one.State.Stopped:
		return m, "stopped", nil
	case one.State.Case.ID == "":
		return m, "", nil
	}
	c, err := b.Store.Case(ctx, one.State.Case.ID)
	if ErrorCode(err) == NotFound {
		return m, "", nil
	}
	if err != nil {
		return m, "", err
	}
	if c.Status != handover.Closed && c.Consent.Shared != handover.No {
		return m, "open-case", nil
	}
	return m, "", nil
}

func (b *Broadcaster) write(series string, e *kb.Entry, one Subscriber, m dialogue.Medium, now time.Time) channels.Outbound {
	text := b.Book.BulletinText(series, e, one.State, m, now)
	out := Render(dialogue.Utterance{Text: text, Marks: one.State.Marks}, m)
	out.ID, out.To = b.NewID(), one.To
	return out
}

// Send stores every delivery of a plan; whoever got the issue meanwhile is left out. It may be called again after a
// failure: nobody gets an issue twice.
func (b *Broadcaster) Send(ctx context.Context, plan BulletinPlan) (stored int, err error) {
	for _, d := range plan.Deliveries {
		ok, err := b.Store.SaveBulletin(ctx, d)
		if err != nil {
			return stored, fmt.Errorf("after %d of %d: %w; run it again, nobody gets an issue twice", stored, len(plan.Deliveries), err)
		}
		if ok {
			stored++
		}
	}
	return stored, nil
}

// String tells the plan in one paragraph; price is đồng a segment, 0: not known.
func (p BulletinPlan) String(price float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "recipients  %d", len(p.Deliveries))
	for channel, n := range p.ByChannel {
		fmt.Fprintf(&b, "  %s %d", channel, n)
	}
	fmt.Fprintf(&b, "\nSMS         %d segments", p.Segments)
	if price > 0 {
		fmt.Fprintf(&b, ", about %.0f đồng at %.0f đồng a segment", float64(p.Segments)*price, price)
	} else if p.Segments > 0 {
		b.WriteString("; set sms.price for an estimate of the cost")
	}
	for why, n := range p.Skipped {
		fmt.Fprintf(&b, "\nleft out    %d  %s", n, why)
	}
	if n := len(p.Deliveries); n > 0 {
		fmt.Fprintf(&b, "\nfrom        %s\nuntil       %s", p.Deliveries[0].Due.In(vietnam).Format("15:04 02/01/2006"), p.Deliveries[n-1].Due.In(vietnam).Format("15:04 02/01/2006"))
	}
	return b.String()
}
