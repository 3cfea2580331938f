package bot_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"treem/bot"
	"treem/channels"
	"treem/channels/channelstest/twilioserver"
	"treem/channels/twilio"
)

// TestBudget: when the hour's SMS are used up an ordinary answer waits and is not lost, whoever it is for; an urgent one
// goes out at once, also to somebody whose ordinary one waits.
func TestBudget(t *testing.T) {
	b := newBench(t)
	api := twilioserver.Start(t)
	api.SetCallbacks()
	ch, err := twilio.New(twilio.Config{AccountSID: twilioserver.AccountSID, AuthToken: twilioserver.AuthToken, From: twilioserver.Number,
		APIURL: api.URL(), PublicURL: "https://treem.example", PerSecond: 1000}, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b.Channels["twilio"], b.Budget = ch, bot.NewBudget(4)
	said := func(person int64, text string) (replies []string) {
		t.Helper()
		before := len(api.Sent())
		b.next++
		err := b.Accept(t.Context(), channels.Inbound{ProviderID: fmt.Sprint(b.next), Kind: channels.KindText, Text: text,
			From: channels.Address{Channel: "twilio", ID: fmt.Sprintf("+8490500000%d", person)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Handle(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		if err := b.Deliver(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		for _, m := range api.Sent()[before:] {
			replies = append(replies, m.Body)
		}
		return replies
	}
	if got := said(1, "tre em la nguoi bao nhieu tuoi"); len(got) == 0 || b.Budget.HoldsUp(b.clock()) {
		t.Fatalf("the first answer: %q, held up: %v", got, b.Budget.HoldsUp(b.clock()))
	}
	for range 3 { // the answers to these are more than is left
		said(2, "tre em bao nhieu tuoi duoc di lam")
	}
	if !b.Budget.HoldsUp(b.clock()) {
		t.Fatal("nothing waits")
	}
	if got := said(2, "cuu voi be nha toi roi xuong ao"); len(got) == 0 || !strings.Contains(got[0], "114") {
		t.Errorf("the urgent answer: %q", got)
	}
	waiting := func() (n int) {
		t.Helper()
		if err := b.db.QueryRow(`SELECT count(*) FROM outbox WHERE delivery = 'queued'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if waiting() == 0 {
		t.Error("no answer waits")
	}
	for hours := 0; waiting() > 0; hours++ {
		if hours > 10 {
			t.Fatalf("%d answers still wait", waiting())
		}
		b.wait(time.Hour)
		if err := b.Deliver(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
	}
	var failed, twice int
	if err := b.db.QueryRow(`SELECT count(*) FILTER (WHERE delivery = 'failed'), count(*) FILTER (WHERE tries > 1) FROM outbox`).Scan(&failed, &twice); err != nil {
		t.Fatal(err)
	}
	if failed > 0 || twice > 0 {
		t.Errorf("%d answers given up, %d counted as tried while they waited", failed, twice)
	}
	if bad := api.Rejected(); len(bad) > 0 {
		t.Error(bad)
	}
}

func TestNoBudget(t *testing.T) {
	if b := bot.NewBudget(0); b != nil || b.HoldsUp(time.Now()) {
		t.Error("0 bounds something")
	}
}
