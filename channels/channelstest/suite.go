package channelstest

import (
	"context"
	"testing"
	"time"

	"treem/channels"
)

// Suite runs every case that applies to the channel.
func Suite(t *testing.T, h Harness) {
	cases := []struct {
		name string
		run  func(t *testing.T, b *bench)
	}{
		{"Name", testName},
		{"StopWithoutStart", testStopWithoutStart},
		{"StopTwice", testStopTwice},
		{"TextArrivesUnchanged", testTexts},
		{"BytesMadeValid", testInvalid},
		{"LongTextCut", testLong},
		{"Kinds", testKinds},
		{"AcceptBeforeAck", testAcceptBeforeAck},
		{"RepeatSameNumber", testRepeat},
		{"StopFinishesWhatIsInHand", testStopFinishes},
		{"StopInTime", testStopInTime},
		{"Send", testSend},
		{"SendAnswer", testSendAnswer},
		{"SendMany", testSendMany},
		{"SendFailures", testSendFailures},
		{"SendCancelled", testSendCancelled},
		{"SendNowhere", testSendNowhere},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, newBench(t, h)) })
	}
}

// bench is one case's rig with its sink and guard.
type bench struct {
	*Rig
	name  string
	sink  *Sink
	guard *Guard
	new   func(*testing.T) *bench // a fresh one, for cases in parts
}

func newBench(t *testing.T, h Harness) *bench {
	t.Helper()
	g := NewGuard(t)
	b := &bench{Rig: h.New(t, g.Logger()), name: h.Name, sink: NewSink(), guard: g}
	b.new = func(t *testing.T) *bench { return newBench(t, h) }
	g.Forbid("secret", b.Secrets...)
	return b
}

// start starts the channel and stops it when the test ends.
func (b *bench) start(t *testing.T) {
	t.Helper()
	b.startAs(t, b.Channel, b.sink)
}

func (b *bench) startAs(t *testing.T, ch channels.Channel, sink channels.Sink) {
	t.Helper()
	if err := ch.Start(t.Context(), sink); err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() { stop(t, ch) })
}

func stop(t *testing.T, ch channels.Channel) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := ch.Stop(ctx); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

// deliver is Rig.Deliver, with the words forbidden in logs first.
func (b *bench) deliver(t *testing.T, m Message) <-chan struct{} {
	t.Helper()
	if m.From == "" {
		m.From = b.Person(0)
	}
	if m.Kind == "" {
		m.Kind = channels.KindText
	}
	b.guard.Forbid("address", m.From)
	b.guard.ForbidText(m.Text)
	return b.Deliver(t, m)
}

// kept is what should arrive of a text.
func (b *bench) kept(text string) string {
	if b.Keeps != nil {
		return b.Keeps(text)
	}
	return text
}

func testName(t *testing.T, b *bench) {
	if got := b.Channel.Name(); got != b.name {
		t.Errorf("Name() = %q, want %q", got, b.name)
	}
}

func testStopWithoutStart(t *testing.T, b *bench) {
	stop(t, b.Channel)
	stop(t, b.Channel)
}

func testStopTwice(t *testing.T, b *bench) {
	if err := b.Channel.Start(t.Context(), b.sink); err != nil {
		t.Fatalf("Start: %v", err)
	}
	acked := b.deliver(t, Message{Text: "xin chào nhé"})
	b.sink.WaitStored(t, 1)
	WaitClosed(t, acked, "acknowledged")
	stop(t, b.Channel)
	stop(t, b.Channel)
}

// testStopFinishes stops while a message is being stored: that one must be stored and acknowledged, and whatever the
// provider still holds must reach the next start.
func testStopFinishes(t *testing.T, b *bench) {
	if b.Again == nil {
		t.Skip("nothing outlives this channel")
	}
	const n = 8
	release := b.sink.Hold()
	b.start(t)
	for i := range n {
		b.deliver(t, Message{From: b.Person(i), Text: "tin nhắn thứ " + string(rune('a'+i))})
	}
	b.sink.WaitTried(t, 1)
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		stopped <- b.Channel.Stop(ctx)
	}()
	select {
	case err := <-stopped:
		t.Fatalf("Stop returned (%v) with a message in hand and plenty of time left", err)
	case <-time.After(50 * time.Millisecond): // long enough for a Stop that gives up at once
	}
	release()
	if err := <-stopped; err != nil {
		t.Fatalf("Stop: %v", err)
	}
	first := b.sink.Stored()
	if len(first) == 0 {
		t.Error("the message in hand was not stored")
	}
	second := NewSink()
	b.startAs(t, b.Again(t), second)
	b.waitAll(t, n, b.sink, second)
}

// waitAll waits until the sinks together hold n different texts.
func (b *bench) waitAll(t *testing.T, n int, sinks ...*Sink) {
	t.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	last := sinks[len(sinks)-1]
	for {
		last.mu.Lock()
		changed := last.changed
		last.mu.Unlock()
		texts := map[string]bool{}
		for _, s := range sinks {
			for _, in := range s.Stored() {
				texts[in.Text] = true
			}
		}
		if len(texts) == n {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			t.Fatalf("%d of %d messages arrived; the others are lost", len(texts), n)
		}
	}
}

// testStopInTime stops while the store hangs: Stop must keep to its time, the message must not be acknowledged, and it
// must come again after a restart.
func testStopInTime(t *testing.T, b *bench) {
	if b.Again == nil {
		t.Skip("nothing outlives this channel")
	}
	release := b.sink.Hold()
	defer release()
	if err := b.Channel.Start(t.Context(), b.sink); err != nil {
		t.Fatalf("Start: %v", err)
	}
	acked := b.deliver(t, Message{Text: "đừng đánh rơi tin này"})
	b.sink.WaitTried(t, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_ = b.Channel.Stop(ctx) // an error is right, and so is nil if the work was given back in time
	if took := time.Since(begun); took > Patience/2 {
		t.Errorf("Stop took %v although its time was 50ms", took)
	}
	if len(b.sink.Stored()) != 0 {
		t.Fatal("stored in spite of the hanging store")
	}
	select {
	case <-acked:
		t.Fatal("acknowledged but not stored")
	default:
	}
	second := NewSink()
	b.startAs(t, b.Again(t), second)
	second.WaitStored(t, 1)
	WaitClosed(t, acked, "acknowledged after the restart")
}
