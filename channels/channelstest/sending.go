package channelstest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"treem/channels"
)

// to is the address of the nth person, kept out of logs.
func (b *bench) to(n int) channels.Address {
	b.guard.Forbid("address", b.Person(n))
	return channels.Address{Channel: b.name, ID: b.Person(n)}
}

// send sends with a time limit and checks the form of the error.
func (b *bench) send(t *testing.T, ctx context.Context, out channels.Outbound) (string, *channels.SendError) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	b.guard.ForbidText(out.Text)
	id, err := b.Channel.Send(ctx, out)
	if err == nil {
		return id, nil
	}
	b.guard.Error(t, err)
	var se *channels.SendError
	if !errors.As(err, &se) {
		t.Fatalf("the error is a %T, want a *channels.SendError", err)
	}
	if se.Err == nil {
		t.Error("SendError.Err is nil: it says nothing")
	}
	if id != "" {
		t.Errorf("an id %q besides an error", id)
	}
	return id, se
}

func (b *bench) needsSent(t *testing.T) {
	t.Helper()
	if b.Sent == nil {
		t.Skip("Send leads nowhere")
	}
}

func testSend(t *testing.T, b *bench) {
	b.needsSent(t)
	b.start(t)
	words := []string{"Gọi 111, miễn phí, cả ngày đêm.", "Tre\u0309 em: 😊 <b>&\"'\nhai dòng"}
	var ids []string
	for i, text := range words {
		id, se := b.send(t, t.Context(), channels.Outbound{ID: "out-" + strconv.Itoa(i), To: b.to(i), Text: text})
		if se != nil {
			t.Fatalf("Send: %v", se)
		}
		if id == "" || slices.Contains(ids, id) {
			t.Errorf("id %q is empty or was given before", id)
		}
		ids = append(ids, id)
	}
	sent := b.Sent()
	if len(sent) != len(words) {
		t.Fatalf("%d messages arrived, want %d", len(sent), len(words))
	}
	for i, s := range sent {
		if s.Text != words[i] || s.To != b.Person(i) {
			t.Errorf("arrived %q for %q, want %q for %q", s.Text, s.To, words[i], b.Person(i))
		}
	}
}

// testSendAnswer answers to the address a message came from.
func testSendAnswer(t *testing.T, b *bench) {
	b.needsSent(t)
	b.start(t)
	b.deliver(t, Message{From: b.Person(3), Text: "cho em hỏi với ạ"})
	in := b.sink.WaitStored(t, 1)[0]
	if _, se := b.send(t, t.Context(), channels.Outbound{ID: "a", To: in.From, Text: "Em hỏi đi"}); se != nil {
		t.Fatalf("Send: %v", se)
	}
	if sent := b.Sent(); len(sent) != 1 || sent[0].To != b.Person(3) {
		t.Errorf("the answer did not reach the person: %d messages", len(sent))
	}
}

func testSendMany(t *testing.T, b *bench) {
	b.needsSent(t)
	b.start(t)
	const n = 12
	var wg sync.WaitGroup
	for i := range n {
		to := b.to(i)
		wg.Go(func() {
			if _, se := b.send(t, t.Context(), channels.Outbound{
				ID: "many-" + strconv.Itoa(i), To: to, Text: "số " + strconv.Itoa(i),
			}); se != nil {
				t.Errorf("Send: %v", se)
			}
		})
	}
	wg.Wait()
	var got []string
	for _, s := range b.Sent() {
		got = append(got, s.Text)
	}
	slices.Sort(got)
	if len(got) != n || len(slices.Compact(got)) != n {
		t.Errorf("%d messages arrived, want %d different ones", len(got), n)
	}
}

func testSendFailures(t *testing.T, b *bench) {
	if b.Fail == nil {
		t.Skip("nothing can fail")
	}
	for _, f := range b.Failures {
		t.Run(string(f), func(t *testing.T) {
			b := b.new(t) // some failures last
			b.start(t)
			b.Fail(t, f)
			ctx := t.Context()
			if f == FailSilent {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
				defer cancel()
			}
			_, se := b.send(t, ctx, channels.Outbound{ID: "f", To: b.to(5), Text: "tin nhắn thử nghiệm"})
			if f == FailRefused && se != nil && se.Verdict == channels.Unknown {
				// It went out on a connection that was open before and is reset: nobody knows. The next needs a new one.
				_, se = b.send(t, ctx, channels.Outbound{ID: "f", To: b.to(5), Text: "tin nhắn thử nghiệm"})
			}
			if se == nil {
				t.Fatal("no error")
			}
			if se.Verdict != verdicts[f] {
				t.Errorf("verdict %q, want %q (%v)", se.Verdict, verdicts[f], se)
			}
			if f == FailBusy && b.After != 0 && se.After != b.After {
				t.Errorf("After is %v, want %v", se.After, b.After)
			}
			if se.Verdict != channels.Retry && se.After != 0 {
				t.Errorf("After is %v without Retry", se.After)
			}
		})
	}
}

func testSendCancelled(t *testing.T, b *bench) {
	b.needsSent(t)
	b.start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, se := b.send(t, ctx, channels.Outbound{ID: "c", To: b.to(0), Text: "không kịp gửi"})
	if se == nil {
		t.Fatal("sent although the context had ended")
	}
	if se.Verdict != channels.Retry && se.Verdict != channels.Unknown {
		t.Errorf("verdict %q, want retry, for nothing was sent", se.Verdict)
	}
	if n := len(b.Sent()); n != 0 {
		t.Errorf("%d messages arrived", n)
	}
}

func testSendNowhere(t *testing.T, b *bench) {
	b.needsSent(t)
	b.start(t)
	for _, to := range []channels.Address{
		{Channel: b.name, ID: "khong-phai-dia-chi-nao"},
		{Channel: b.name, ID: ""},
		{Channel: "another", ID: b.Person(0)},
	} {
		b.guard.Forbid("address", to.ID)
		_, se := b.send(t, t.Context(), channels.Outbound{ID: "n", To: to, Text: "gửi đi đâu"})
		if se == nil {
			t.Errorf("sent to channel %q, id %q", to.Channel, to.ID)
		} else if se.Verdict != channels.Fault && se.Verdict != channels.Stop {
			t.Errorf("verdict %q, want fault or stop", se.Verdict)
		}
	}
}
