package channelstest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"treem/channels"
)

// Patience is how long the waiting helpers wait before they fail the test.
const Patience = 15 * time.Second

// ErrRefused is what a Sink returns that was told to refuse.
var ErrRefused = errors.New("the store is out of order")

// Sink is a channels.Sink for tests. Like the real one it stores each provider's number once and takes repeats as
// success. Safe for concurrent use.
type Sink struct {
	mu       sync.Mutex
	changed  chan struct{}
	tried    []channels.Inbound
	stored   []channels.Inbound
	receipts []channels.Receipt
	refuse   int
	hold     chan struct{}
}

// NewSink returns a sink that stores everything.
func NewSink() *Sink { return &Sink{changed: make(chan struct{})} }

// Refuse makes the next n calls of Accept fail.
func (s *Sink) Refuse(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = n
}

// Hold makes Accept wait until release is called, or fail when its context ends.
func (s *Sink) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hold := make(chan struct{})
	s.hold = hold
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hold = nil
		close(hold)
	})
}

// Accept implements channels.Sink.
func (s *Sink) Accept(ctx context.Context, in channels.Inbound) error {
	s.mu.Lock()
	s.tried = append(s.tried, in)
	s.notify()
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return ErrRefused
	}
	if !slices.ContainsFunc(s.stored, func(o channels.Inbound) bool { return o.ProviderID == in.ProviderID }) {
		s.stored = append(s.stored, in)
	}
	s.notify()
	return nil
}

// Receipt implements channels.Sink.
func (s *Sink) Receipt(_ context.Context, r channels.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 {
		s.refuse--
		return ErrRefused
	}
	s.receipts = append(s.receipts, r)
	s.notify()
	return nil
}

func (s *Sink) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Tried returns every call of Accept so far.
func (s *Sink) Tried() []channels.Inbound {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tried)
}

// Stored returns the messages stored so far, each once.
func (s *Sink) Stored() []channels.Inbound {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stored)
}

// Receipts returns the receipts taken so far.
func (s *Sink) Receipts() []channels.Receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.receipts)
}

// WaitTried waits for the nth call of Accept.
func (s *Sink) WaitTried(t testing.TB, n int) []channels.Inbound {
	t.Helper()
	s.wait(t, "calls of Accept", n, func() int { return len(s.tried) })
	return s.Tried()
}

// WaitStored waits for n messages stored.
func (s *Sink) WaitStored(t testing.TB, n int) []channels.Inbound {
	t.Helper()
	s.wait(t, "messages stored", n, func() int { return len(s.stored) })
	return s.Stored()
}

// WaitReceipts waits for n receipts.
func (s *Sink) WaitReceipts(t testing.TB, n int) []channels.Receipt {
	t.Helper()
	s.wait(t, "receipts", n, func() int { return len(s.receipts) })
	return s.Receipts()
}

func (s *Sink) wait(t testing.TB, what string, n int, count func() int) {
	t.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	for {
		s.mu.Lock()
		have, changed := count(), s.changed
		s.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			t.Fatalf("%s: %d after %v, want %d", what, have, Patience, n)
		}
	}
}

// WaitClosed waits until ch is closed.
func WaitClosed(t testing.TB, ch <-chan struct{}, what string) {
	t.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	select {
	case <-ch:
	case <-late.C:
		t.Fatalf("not within %v: %s", Patience, what)
	}
}
