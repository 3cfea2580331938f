package bot_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/handover"
	"treem/bot/queue"
	"treem/bot/store"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/channelstest/telegramserver"
	"treem/channels/sms"
	"treem/channels/telegram"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

// bench is a bot on a real store and queue, with Telegram's stand-in at its edge and a clock that is set by hand. Jobs
// are not run: the tests call Handle and Deliver themselves.
type bench struct {
	*bot.Bot
	t     *testing.T
	api   *telegramserver.Server
	store *store.Store
	db    *sql.DB
	mu    sync.Mutex
	now   time.Time
	next  int
}

type noMetrics struct{}

func (noMetrics) Received(string, bool)                              {}
func (noMetrics) Handled(dialogue.Kind, time.Duration)               {}
func (noMetrics) Delivered(string, channels.Delivery, time.Duration) {}
func (noMetrics) Segments(string, sms.Encoding, int)                 {}
func (noMetrics) Notified(string, channels.Delivery, time.Duration)  {}
func (noMetrics) Opened(triage.Level)                                {}
func (noMetrics) Escalated(bool)                                     {}

func newBench(t *testing.T) *bench {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, api: telegramserver.Start(t), store: newStore(t, db, log), db: db.DB, now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	ch, err := telegram.New(telegram.Config{Token: telegramserver.Token, APIURL: b.api.URL(), Mode: "polling"}, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	text, err := bot.ReadDeskText(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	b.Bot = &bot.Bot{Store: b.store, Responder: newResponder(t), Channels: map[string]channels.Channel{"telegram": ch},
		Desk: &bot.Desk{Text: text, Planner: handover.Planner{Settings: handover.DefaultSettings(), Duty: handover.Always{}}},
		Now:  b.clock, NewID: rand.Text, Log: log, Metrics: noMetrics{}}
	return b
}

// newStore is a store with a key of its own on a fresh database, whose jobs nobody runs. The database is closed at the end.
func newStore(t testing.TB, db *store.DB, log *slog.Logger) *store.Store {
	t.Helper()
	t.Cleanup(func() { db.Close() })
	keys, err := store.ParseKeys(store.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	in := queue.Database{SQL: db.DB, Pool: db.Pool()}
	if err := queue.Migrate(t.Context(), in, log); err != nil {
		t.Fatal(err)
	}
	jobs, err := queue.NewInserter(in, log)
	if err != nil {
		t.Fatal(err)
	}
	return store.New(db, keys, jobs)
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// write stores a message of the first person, whose conversation has number 1.
func (b *bench) write(text string) {
	b.t.Helper()
	b.next++
	err := b.Accept(b.t.Context(), channels.Inbound{ProviderID: fmt.Sprint(b.next), From: channels.Address{Channel: "telegram", ID: "77"},
		Kind: channels.KindText, Text: text})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) run() {
	b.t.Helper()
	if err := b.Handle(b.t.Context(), 1); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Deliver(b.t.Context(), 1); err != nil {
		b.t.Fatal(err)
	}
}

// onlyCase is the one case there is.
func (b *bench) onlyCase() handover.Case {
	b.t.Helper()
	list, err := b.store.Cases(b.t.Context(), false, 10)
	if err != nil || len(list) != 1 {
		b.t.Fatalf("%d cases, want 1: %v", len(list), err)
	}
	c, err := b.store.Case(b.t.Context(), list[0].ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// sent is what the person got, joined.
func (b *bench) sent() string {
	var all []string
	for _, m := range b.api.Sent() {
		all = append(all, m.Text)
	}
	return strings.Join(all, "\n---\n")
}

func TestEveryMessageAnsweredOnceInOrder(t *testing.T) {
	b := newBench(t)
	const messages = 6
	for i := range messages {
		b.write([]string{"xin chào", "cảm ơn", "menu", "trợ giúp", "tạm biệt", "phụ huynh"}[i])
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			if err := b.Handle(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	for range 2 {
		if err := b.Deliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	sent := b.api.Sent()
	if len(sent) != messages {
		t.Fatalf("%d replies, want %d:\n%s", len(sent), messages, b.sent())
	}
	for i, want := range []string{"hệ thống trả lời tự động", "Không có chi", "Anh/chị muốn hỏi về điều gì?", "cứ gõ câu hỏi", "bình an", "trả lời cho người lớn"} {
		if !strings.Contains(sent[i].Text, want) {
			t.Errorf("reply %d is %q, want one with %q", i, sent[i].Text, want)
		}
	}
}

func TestEmergencyOpensCaseAndLeadsWithNumbers(t *testing.T) {
	b := newBench(t)
	b.write("cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên")
	b.run()
	if first := b.api.Sent()[0].Text; !strings.Contains(first[:60], "114") {
		t.Errorf("the first words lack 114: %q", first)
	}
	c := b.onlyCase()
	if c.Level() != triage.Emergency || c.Machine.Category != "drowning" || c.Status != handover.Open || c.Machine.Rules == "" || len(c.Events) != 1 ||
		len(c.Events[0].Reasons) == 0 || len(c.Advice) != 1 || c.AckDue.Sub(b.clock()) != 3*time.Minute {
		t.Errorf("case %+v", c)
	}
	b.write("không phải vậy")
	b.run()
	if c = b.onlyCase(); c.Status != handover.Withdrawn || len(c.Events) != 2 {
		t.Errorf("after the correction: %+v", c)
	}
}

func TestDeliveryFailures(t *testing.T) {
	for name, c := range map[string]struct {
		failure telegramserver.Failure
		waits   time.Duration // until the reply goes out again; 0: never
		taken   int           // messages the provider took in the end
	}{
		"busy":         {telegramserver.Failure{Kind: telegramserver.TooMany, After: 7 * time.Second}, 7 * time.Second, 1},
		"server error": {telegramserver.Failure{Kind: telegramserver.ServerError}, time.Second, 1},
		"cut off":      {telegramserver.Failure{Kind: telegramserver.DropBefore}, 30 * time.Second, 1},
		"answer lost":  {telegramserver.Failure{Kind: telegramserver.DropAfter}, 30 * time.Second, 2},
		"blocked":      {telegramserver.Failure{Kind: telegramserver.Blocked}, 0, 0},
		"malformed":    {telegramserver.Failure{Kind: telegramserver.Malformed}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.api.Fail("sendMessage", c.failure)
			b.write("cảm ơn")
			b.run()
			if c.waits > 0 {
				taken := len(b.api.Sent())
				b.wait(c.waits - time.Millisecond)
				b.run()
				if n := len(b.api.Sent()); n != taken {
					t.Errorf("sent again before %s", c.waits)
				}
				b.wait(time.Millisecond)
			}
			b.run()
			if n := len(b.api.Sent()); n != c.taken {
				t.Errorf("the provider took %d messages, want %d", n, c.taken)
			}
			b.wait(24 * time.Hour)
			b.run()
			if n := len(b.api.Sent()); n != c.taken {
				t.Errorf("a day later the provider has %d messages, want %d", n, c.taken)
			}
		})
	}
}

func TestRepliesStopWhenBlockedAndResumeWhenWrittenTo(t *testing.T) {
	b := newBench(t)
	b.api.Block(77)
	b.write("xin chào")
	b.run()
	b.api.Unblock(77)
	b.run()
	if n := len(b.api.Sent()); n != 0 {
		t.Fatalf("%d replies after the person blocked the bot", n)
	}
	b.write("cảm ơn")
	b.run()
	if n := len(b.api.Sent()); n != 1 {
		t.Errorf("%d replies after the person wrote again, want 1", n)
	}
}

func TestAnswersWithoutIndex(t *testing.T) {
	b := newBench(t)
	closed, err := kb.NewIndex(t.Context(), &kb.Content{}, b.Responder.Text)
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	b.Responder.Search = closed
	b.write("trẻ em là người bao nhiêu tuổi")
	b.write("ba đang cầm dao rượt mẹ con, cứu con với")
	b.run()
	if got := b.sent(); !strings.Contains(got, "tạm gián đoạn") || !strings.Contains(got, "113") {
		t.Errorf("replies without an index:\n%s", got)
	}
}

// brokenTriage panics, as a fault in rules or weights might.
type brokenTriage struct{}

func (brokenTriage) Assess(vitext.Text, triage.Context) triage.Assessment { panic("broken rules") }

func TestBrokenTriageCountsAsDanger(t *testing.T) {
	b := newBench(t)
	b.Responder.Triage = brokenTriage{}
	b.write("trẻ em là người bao nhiêu tuổi")
	b.run()
	if got := b.sent(); !strings.Contains(got, "111") {
		t.Errorf("reply with broken triage: %s", got)
	}
}

func TestUnansweredQuestionIsKeptForStaff(t *testing.T) {
	b := newBench(t)
	b.write("giá vàng hôm nay bao nhiêu")
	b.run()
	got, err := b.store.Unanswered(t.Context(), 10)
	if err != nil || len(got) != 1 || got[0].Text != "giá vàng hôm nay bao nhiêu" || got[0].Medium != dialogue.Chat {
		t.Errorf("unanswered: %+v, %v", got, err)
	}
}
