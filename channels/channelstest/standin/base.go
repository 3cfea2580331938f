// Package standin is what the providers' stand-ins have in common: a local HTTP server that records the calls it gets,
// lets tests wait for them, and fails on request or by a seeded schedule. Each stand-in adds its provider's own rules.
package standin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Base is the part of a stand-in that does not depend on the provider; M is a message it takes. A stand-in embeds it and
// calls Init. Safe for concurrent use.
type Base[M any] struct {
	Record[M]
	failing failing // Mu guards it

	name   string
	serve  http.Handler
	http   *http.Server
	url    string
	alive  context.Context
	stop   context.CancelFunc
	pusher sync.WaitGroup
}

// Init makes the zero value ready. The name is for errors, serve answers the calls, and the usual calls are those a
// schedule that names none makes fail.
func (b *Base[M]) Init(name string, serve http.Handler, usual ...string) {
	b.name, b.serve, b.failing.usual = name, serve, usual
	b.alive, b.stop = context.WithCancel(context.Background())
}

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}

// Start lets a stand-in listen on a free local port until the test ends.
func Start[S interface {
	Listen(addr string) error
	Close()
}](t TB, s S) S {
	t.Helper()
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Listen begins to serve at addr, for instance "127.0.0.1:0".
func (b *Base[M]) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", b.name, err)
	}
	b.url = "http://" + l.Addr().String()
	b.http = &http.Server{Handler: http.HandlerFunc(b.arrived), ReadHeaderTimeout: time.Minute}
	go func() { _ = b.http.Serve(l) }()
	return nil
}

// arrived hands on what came whole: a call whose sender died on the way is none, so it is not a malformed one either.
func (b *Base[M]) arrived(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	b.serve.ServeHTTP(w, r)
}

// URL is what the setting for the provider's address must be set to.
func (b *Base[M]) URL() string { return b.url }

// Close ends everything at once, connections in use included.
func (b *Base[M]) Close() {
	b.Mu.Lock()
	b.stop() // under the lock, so that nothing starts after it
	b.Mu.Unlock()
	if b.http != nil {
		_ = b.http.Close()
	}
	b.pusher.Wait()
}

// Alive ends with Close.
func (b *Base[M]) Alive() context.Context { return b.alive }

// Go runs what the stand-in does on its own, such as calling a web hook; Close waits for its end, which must come when
// Alive ends. Mu must be held. Nothing is run after Close.
func (b *Base[M]) Go(f func()) {
	if b.alive.Err() == nil {
		b.pusher.Go(f)
	}
}

// HookClient makes the client for calls to web hooks. It follows no redirect.
func HookClient(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Pause waits for d; it returns ctx's error if that ends first.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
