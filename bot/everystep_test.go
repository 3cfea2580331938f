package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/channels"
)

// cutStore ends the program's life at one step: just before a commit, or just after it, before anybody learns of it. A
// cut after a claim falls before the send, one before a record behind it.
type cutStore struct {
	bot.Store
	steps int // commits so far
	at    int // the step to cut at, from 1
	after bool
	where string // the step that was cut
}

var errCut = errors.New("killed here")

func (s *cutStore) step(name string, commit func() error) error {
	s.steps++
	if s.steps != s.at {
		return commit()
	}
	s.where = name
	if s.after {
		if err := commit(); err != nil {
			return err
		}
	}
	return errCut
}

func (s *cutStore) Accept(ctx context.Context, in channels.Inbound, urgent bool, at time.Time) error {
	return s.step("accept", func() error { return s.Store.Accept(ctx, in, urgent, at) })
}

func (s *cutStore) SaveTurn(ctx context.Context, t bot.Turn) error {
	return s.step("save turn", func() error { return s.Store.SaveTurn(ctx, t) })
}

func (s *cutStore) SaveCase(ctx context.Context, u bot.CaseUpdate) error {
	return s.step("save case", func() error { return s.Store.SaveCase(ctx, u) })
}

func (s *cutStore) ClaimReply(ctx context.Context, c int64, at time.Time, lease time.Duration) (r bot.Reply, err error) {
	err = s.step("claim reply", func() (err error) { r, err = s.Store.ClaimReply(ctx, c, at, lease); return err })
	return r, err
}

func (s *cutStore) SaveOutcome(ctx context.Context, r bot.Reply, o bot.Outcome, at time.Time) error {
	return s.step("save outcome", func() error { return s.Store.SaveOutcome(ctx, r, o, at) })
}

func (s *cutStore) ClaimNotice(ctx context.Context, target string, at time.Time, lease time.Duration) (n bot.Notice, err error) {
	err = s.step("claim notice", func() (err error) { n, err = s.Store.ClaimNotice(ctx, target, at, lease); return err })
	return n, err
}

func (s *cutStore) SaveNotice(ctx context.Context, n bot.Notice, o bot.Outcome, more []bot.Notice, at time.Time) error {
	return s.step("save notice", func() error { return s.Store.SaveNotice(ctx, n, o, more, at) })
}

// TestCutAtEveryStep takes a case from its first message over an escalation to its closing, once for each commit on the
// way and each side of it, and ends the program's life there. Afterwards everything has happened: each notice and each
// reply arrived, the history holds each step once, and at most what was being sent arrived twice.
func TestCutAtEveryStep(t *testing.T) {
	if testing.Short() {
		t.Skip("goes the same way many times; not with -short")
	}
	whole := &cutStore{} // is not cut, and tells how many steps there are
	runCut(t, whole)
	var mu sync.Mutex
	cut := map[string]int{}
	t.Run("at", func(t *testing.T) {
		for _, after := range []bool{false, true} {
			for at := 1; at <= whole.steps; at++ {
				t.Run(fmt.Sprintf("%d, after %t", at, after), func(t *testing.T) {
					t.Parallel() // they wait for the disk most of the time
					s := &cutStore{at: at, after: after}
					runCut(t, s)
					mu.Lock()
					defer mu.Unlock()
					cut[fmt.Sprintf("%s, after %t", s.where, after)]++
				})
			}
		}
	})
	for _, where := range []string{"accept", "save turn", "save case", "claim reply", "save outcome", "claim notice", "save notice"} {
		for _, after := range []bool{false, true} {
			if cut[fmt.Sprintf("%s, after %t", where, after)] == 0 {
				t.Errorf("nothing was cut at %s, after %t", where, after)
			}
		}
	}
	t.Logf("cut at %v", cut)
}

func runCut(t *testing.T, s *cutStore) {
	d := newDesk(t)
	s.Store = d.store
	d.Store = s
	d.lives(channels.Inbound{From: channels.Address{ID: person}, Kind: channels.KindText, Text: emergency})
	d.wait(3 * time.Minute)
	d.live()
	ref := d.onlyCase().Ref
	d.lives(channels.Inbound{From: channels.Address{ID: group}, Author: officA, Kind: channels.KindChoice, Payload: "case:claim:" + ref})
	d.lives(channels.Inbound{From: channels.Address{ID: group}, Author: officA, Kind: channels.KindText, Text: "TRA LOI " + ref + " Chào chị"})
	d.lives(channels.Inbound{From: channels.Address{ID: group}, Author: officA, Kind: channels.KindText, Text: "DONG " + ref + " helped"})
	name := fmt.Sprintf("cut at step %d (%s), after %t", s.at, s.where, s.after)
	var history []string
	for _, e := range d.onlyCase().Events {
		history = append(history, string(e.Action))
	}
	if got := strings.Join(history, " "); got != "open overdue claim reply close" {
		t.Errorf("%s: history %q", name, got)
	}
	if got := d.kinds(); got != "opened overdue claimed closed" || d.hook.Repeats() > 1 {
		t.Errorf("%s: the web hook was told %q, %d repeats", name, got, d.hook.Repeats())
	}
	repeats, seen := 0, map[string]bool{}
	for _, m := range d.api.Sent() {
		if key := m.Chat + m.Text; seen[key] {
			repeats++
		} else {
			seen[key] = true
		}
	}
	if repeats > 1 {
		t.Errorf("%s: %d messages arrived twice", name, repeats)
	}
	for chat, wants := range map[string][]string{person: {"114", "cán bộ trực đã nhận", "Cán bộ trực: Chào chị", "đã khép việc này"},
		group: {"Ca mới", "quá hạn nhận", "đã có người nhận", "đã chuyển lời", "đã đóng"}, officA: {"rơi xuống ao"}} {
		got := d.got(chat)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: chat %s lacks %q:\n%s", name, chat, want, got)
			}
		}
	}
}

// lives sends a message as its provider does, again until it is stored, and then does what there is to do, in as many
// lives of the program as it takes.
func (d *desk) lives(in channels.Inbound) {
	d.t.Helper()
	d.next++
	in.ProviderID = fmt.Sprint(d.next)
	in.From.Channel = "telegram"
	in.Group = strings.HasPrefix(in.From.ID, "-")
	for err := errCut; err != nil; {
		if err = d.Accept(d.t.Context(), in); err != nil && !errors.Is(err, errCut) {
			d.t.Fatal(err)
		}
	}
	d.live()
}

func (d *desk) live() {
	d.t.Helper()
	for range 5 {
		if !d.cut() {
			return
		}
		if _, err := d.store.Recover(d.t.Context(), true, d.clock()); err != nil {
			d.t.Fatal(err)
		}
	}
	d.t.Fatal("it was cut again and again")
}

// cut does what there is to do and says whether the program's life ended meanwhile.
func (d *desk) cut() bool {
	d.t.Helper()
	for range 50 {
		s, err := d.store.Stalled(d.t.Context(), 0, d.Desk.Longest(), d.clock())
		if err != nil {
			d.t.Fatal(err)
		}
		var errs []error
		for _, c := range s.Cases {
			errs = append(errs, d.Escalate(d.t.Context(), c))
		}
		for _, c := range s.Handle {
			errs = append(errs, d.Handle(d.t.Context(), c))
		}
		for _, c := range s.Deliver {
			errs = append(errs, d.Deliver(d.t.Context(), c))
		}
		for _, target := range s.Targets {
			errs = append(errs, d.Notify(d.t.Context(), target))
		}
		if len(errs) == 0 {
			return false
		}
		switch err := errors.Join(errs...); {
		case errors.Is(err, errCut):
			return true
		case err != nil:
			d.t.Fatal(err)
		}
	}
	d.t.Fatal("there is always more to do")
	return false
}
