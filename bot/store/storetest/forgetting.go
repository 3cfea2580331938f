package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/store"
	"treem/channels"
)

func receipt(t *testing.T, s Subject, id string, d channels.Delivery) {
	t.Helper()
	must(t, s.Store.SaveReceipt(t.Context(), channels.Receipt{Channel: "test", ProviderID: id, Delivery: d}, start))
}

func wantDelivery(t *testing.T, s Subject, r bot.Reply, want channels.Delivery) {
	t.Helper()
	got, err := s.Store.Delivery(t.Context(), r.Out.ID)
	must(t, err)
	if got != want {
		t.Errorf("delivery is %s, want %s", got, want)
	}
}

func receiptsOnlyMoveForward(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một")))
	r := claim(t, s, c.ID, start)
	sent(t, s, r, "SM1")
	for _, step := range []struct{ comes, stands channels.Delivery }{
		{channels.DeliverySent, channels.DeliverySent},
		{channels.DeliveryDelivered, channels.DeliveryDelivered},
		{channels.DeliverySent, channels.DeliveryDelivered},
		{channels.DeliveryFailed, channels.DeliveryDelivered},
	} {
		receipt(t, s, "SM1", step.comes)
		wantDelivery(t, s, r, step.stands)
	}
	receipt(t, s, "unknown", channels.DeliveryFailed)
}

// receiptBeforeOutcome: the provider's word may come before its answer to our request was read, in whatever order.
func receiptBeforeOutcome(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một", "hai", "ba")))
	first := claim(t, s, c.ID, start)
	receipt(t, s, "SM1", channels.DeliveryDelivered)
	receipt(t, s, "SM1", channels.DeliverySent)
	sent(t, s, first, "SM1")
	wantDelivery(t, s, first, channels.DeliveryDelivered)
	second := claim(t, s, c.ID, start)
	must(t, s.Store.SaveReceipt(t.Context(), channels.Receipt{Channel: "test", ProviderID: "SM2", Delivery: channels.DeliveryFailed, Code: "21610", OptedOut: true}, start))
	sent(t, s, second, "SM2")
	wantDelivery(t, s, second, channels.DeliveryFailed)
	_, err := s.Store.ClaimReply(t.Context(), c.ID, start, time.Minute)
	wantCode(t, err, bot.NotFound) // the person has opted out
}

// eraseTurn asks to be forgotten and returns the conversation.
func eraseTurn(t *testing.T, s Subject, id, from string) bot.Conversation {
	t.Helper()
	m, c := accept(t, s, id, from, "XOA")
	tn := turn(m, c, "Đã xóa")
	tn.Erase = true
	must(t, s.Store.SaveTurn(t.Context(), tn))
	return c
}

func eraseForgets(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "điều thầm kín")
	tn := turn(m, c, "trả lời")
	tn.Unanswered = &bot.Unanswered{Text: "điều thầm kín"}
	must(t, s.Store.SaveTurn(t.Context(), tn))
	sent(t, s, claim(t, s, c.ID, start), "")
	eraseTurn(t, s, "2", "an")
	r := claim(t, s, c.ID, start)
	if r.Out.Text != "Đã xóa" || r.Out.To.ID != "an" {
		t.Fatalf("the confirmation was lost: %+v", r)
	}
	sent(t, s, r, "")
	lines, _, err := s.Store.Transcript(t.Context(), m.In.From, 10)
	must(t, err)
	questions, err := s.Store.Unanswered(t.Context(), 10)
	must(t, err)
	if len(lines) != 0 || len(questions) != 0 {
		t.Errorf("still there: %d lines, %d questions", len(lines), len(questions))
	}
	must(t, s.Store.Accept(t.Context(), inbound("1", "an", "điều thầm kín"), false, start))
	// No row may hold an address: the sum fails for one that does.
	if err := s.Exec(`UPDATE conversations SET created_at = created_at / (CASE WHEN address_hash IS NULL THEN 1 ELSE 0 END)`); err != nil {
		t.Errorf("a repeat brought the address back: %v", err)
	}
	if _, next := accept(t, s, "3", "an", "tin mới"); next.ID == c.ID || next.Version != 0 {
		t.Errorf("the person was recognised: %+v", next)
	}
}

func eraseKeepsOpenCaseReachable(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "cứu")
	tn := turn(m, c)
	tn.Case = opening(m, c, "case-1")
	must(t, s.Store.SaveTurn(t.Context(), tn))
	c = eraseTurn(t, s, "2", "an")
	sent(t, s, claim(t, s, c.ID, start), "")
	for i, status := range []handover.Status{handover.Claimed, handover.Referred} {
		change(t, s, "case-1", func(c *handover.Case) { c.Status = status })
		must(t, s.Store.Forget(t.Context(), store.Retention{}, start.Add(-time.Hour)))
		if _, next := accept(t, s, fmt.Sprint(3+i), "an", "tin mới"); next.ID != c.ID {
			t.Errorf("the way back to a person whose case is %s was lost", status)
		}
	}
	m, c, err := s.Store.NextMessage(t.Context(), c.ID)
	must(t, err)
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c)))
	c = eraseTurn(t, s, "9", "an")
	change(t, s, "case-1", func(c *handover.Case) { c.Status = handover.Closed })
	if m, c, err := s.Store.NextMessage(t.Context(), c.ID); err == nil {
		tn := turn(m, c)
		tn.Erase = true
		must(t, s.Store.SaveTurn(t.Context(), tn))
	}
	for range 2 {
		if r, err := s.Store.ClaimReply(t.Context(), c.ID, start, time.Minute); err == nil {
			sent(t, s, r, "")
		}
	}
	if _, next := accept(t, s, "10", "an", "tin mới"); next.ID == c.ID {
		t.Error("the address outlived the case")
	}
	_, err = s.Store.Case(t.Context(), "case-1")
	must(t, err)
}

func recoverFindsWhatWasLeft(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một", "hai")))
	claim(t, s, c.ID, start)
	must(t, s.Store.Accept(t.Context(), inbound("2", "binh", "hỏi"), false, start))
	before := len(s.Jobs())
	got, err := s.Store.Recover(t.Context(), true, start)
	must(t, err)
	if want := (store.Recovered{Messages: 1, Replies: 2, Uncertain: 1}); got != want {
		t.Errorf("recovered %+v, want %+v", got, want)
	}
	if n := len(s.Jobs()) - before; n != 2 {
		t.Errorf("%d jobs, want one to handle and one to deliver", n)
	}
	if r := claim(t, s, c.ID, start); r.Out.Text != "một" || !r.Uncertain {
		t.Errorf("first claimed after the crash: %+v", r)
	}
}

func retentionForgets(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "điều thầm kín")
	tn := turn(m, c, "trả lời")
	tn.Unanswered = &bot.Unanswered{Text: "điều thầm kín"}
	must(t, s.Store.SaveTurn(t.Context(), tn))
	sent(t, s, claim(t, s, c.ID, start), "")
	hour := store.Retention{Messages: time.Hour, Idle: 2 * time.Hour, Unanswered: 3 * time.Hour}
	look := func(at time.Time) (lines, questions int) {
		must(t, s.Store.Forget(t.Context(), hour, at))
		l, _, err := s.Store.Transcript(t.Context(), m.In.From, 10)
		must(t, err)
		q, err := s.Store.Unanswered(t.Context(), 10)
		must(t, err)
		return len(l), len(q)
	}
	for _, step := range []struct {
		after            time.Duration
		lines, questions int
	}{{time.Minute, 2, 1}, {time.Hour, 0, 1}, {3 * time.Hour, 0, 0}} {
		if l, q := look(start.Add(step.after)); l != step.lines || q != step.questions {
			t.Errorf("after %s: %d lines and %d questions, want %d and %d", step.after, l, q, step.lines, step.questions)
		}
	}
	must(t, s.Store.Accept(t.Context(), inbound("1", "an", "điều thầm kín"), false, start))
	// No row may hold an address: the sum fails for one that does.
	if err := s.Exec(`UPDATE conversations SET created_at = created_at / (CASE WHEN address_hash IS NULL THEN 1 ELSE 0 END)`); err != nil {
		t.Errorf("a repeat brought the address back: %v", err)
	}
	if _, next := accept(t, s, "2", "an", "tin mới"); next.ID == c.ID {
		t.Error("the address outlived its time")
	}
}

func nothingReadableOnDisk(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "+84905123456", "chuyện riêng của cháu")
	tn := turn(m, c, "lời khuyên kín đáo")
	tn.Unanswered = &bot.Unanswered{Text: "chuyện riêng của cháu"}
	tn.Case = opening(m, c, "case-1")
	tn.Case.Case.Machine.Reasons, tn.Case.Events[0].Reasons = []string{"lý do thầm kín"}, []string{"lý do thầm kín"}
	tn.Case.Case.Owner, tn.Case.Events[0].Detail = "telegram:55512345", "ghi chú của cán bộ"
	tn.Case.Notices = []bot.Notice{notice("n1", "telegram", "55598765")}
	tn.Case.Notices[0].Notice.Words = "lời trong thông báo"
	tn.Conversation.State.LastEntry = "ghi nhớ kín"
	must(t, s.Store.SaveTurn(t.Context(), tn))
	raw := s.Raw()
	if !bytes.Contains(raw, []byte("case-1")) {
		t.Fatal("the database was not read: what should be readable is not there")
	}
	for _, secret := range []string{"84905123456", "chuyện riêng", "lời khuyên", "lý do thầm", "ghi nhớ kín", "55512345", "ghi chú của", "55598765", "lời trong"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q is readable on disk", secret)
		}
	}
}

func transcriptIsOneConversation(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "một")
	accept(t, s, "2", "binh", "của người khác")
	_, waiting, err := s.Store.Transcript(t.Context(), m.In.From, 10)
	must(t, err)
	if !waiting {
		t.Error("an unanswered message does not count as waiting")
	}
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "trả lời một")))
	m, c = accept(t, s, "3", "an", "hai")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "trả lời hai")))
	lines, waiting, err := s.Store.Transcript(t.Context(), m.In.From, 10)
	must(t, err)
	var got []string
	for _, l := range lines {
		got = append(got, l.Text)
	}
	if want := "một|trả lời một|hai|trả lời hai"; strings.Join(got, "|") != want || waiting {
		t.Errorf("transcript %q (waiting %t), want %q", strings.Join(got, "|"), waiting, want)
	}
}

// forgettingLosesNoMessage: a person writes while what is known of them is being forgotten; there is a way to answer.
func forgettingLosesNoMessage(t *testing.T, s Subject) {
	for i := range 40 {
		m, c := accept(t, s, fmt.Sprint("erase", i), "an", "xóa")
		erase := turn(m, c)
		erase.Erase = true
		must(t, s.Store.SaveTurn(t.Context(), erase))
		var both sync.WaitGroup
		both.Go(func() {
			if err := s.Store.Forget(t.Context(), store.Retention{Messages: time.Hour, Idle: time.Hour, Unanswered: time.Hour}, start); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if err := s.Store.Accept(t.Context(), inbound(fmt.Sprint("again", i), "an", "con sợ"), false, start); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		jobs := s.Jobs()
		m, c, err := s.Store.NextMessage(t.Context(), jobs[len(jobs)-1].Conversation)
		if err != nil || m.In.From.ID != "an" {
			t.Fatalf("round %d: a message came in and nobody can be answered: %v", i, err)
		}
		must(t, s.Store.SaveTurn(t.Context(), turn(m, c)))
	}
}
