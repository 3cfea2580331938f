// Package telegramserver is a local HTTP server that behaves like Telegram's Bot API towards one bot, for tests: of the
// Telegram channel, and of the whole program started as another process with TREEM_TELEGRAM_API_URL set to its URL.
//
// It keeps to the published rules (https://core.telegram.org/bots/api), and is stricter where the real service forgives:
// an unknown parameter or a button with two actions is rejected, so that mistakes show. Updates are forgotten only when
// a greater offset or a 2xx of the web hook confirms them. Failures are injected one by one (Fail) or by a seeded
// schedule (SetSchedule).
//
// All methods are safe for concurrent use.
package telegramserver

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Token and Username are the bot's. BotID is the number Telegram puts before the colon.
const (
	Token    = "123456789:AAlocal-test_token-not-a-secret0000"
	Username = "treem_test_bot"
	BotID    = 123456789
)

// Server is the stand-in for api.telegram.org. Make it with New, then Listen.
type Server struct {
	// HookRetry is the first wait before a web hook request is sent again; it doubles up to a second. Set it before
	// Listen; zero is 20 ms.
	HookRetry time.Duration

	http   *http.Server
	url    string
	stop   context.CancelFunc // ends web hook pushing
	alive  context.Context
	pusher sync.WaitGroup

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever anything below changes
	updates  queue
	hook     hook
	poll     chan struct{} // closed when a newer getUpdates takes over; nil when none waits
	sent     []Sent
	lastID   int              // of messages
	chats    map[string]state // what is special about a chat
	moved    map[string]int64
	answered []string
	calls    map[string]int
	rejected []string
	plans    map[string][]Failure
	schedule *Schedule
	dice     *rand.Rand
}

// Sent is one message the server took.
type Sent struct {
	ID      int    // as answered; rising in the order taken
	Chat    string // as given in chat_id
	Text    string
	Buttons [][]Button
	Lost    bool // taken, but the answer was dropped on purpose
}

// Button is one button of a message's inline keyboard.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
	URL  string `json:"url"`
}

// New makes a server with no updates and no failures.
func New() *Server {
	s := &Server{
		changed: make(chan struct{}), chats: map[string]state{}, moved: map[string]int64{},
		calls: map[string]int{}, plans: map[string][]Failure{},
		updates: queue{next: 700_000_001, known: map[int64]update{}},
	}
	s.alive, s.stop = context.WithCancel(context.Background())
	return s
}

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}

// Start makes a server that listens on a free local port until the test ends.
func Start(t TB) *Server {
	t.Helper()
	s := New()
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Listen begins to serve at addr, for instance "127.0.0.1:0".
func (s *Server) Listen(addr string) error {
	if s.HookRetry <= 0 {
		s.HookRetry = 20 * time.Millisecond
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("telegramserver: %w", err)
	}
	s.url = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(l) }()
	return nil
}

// URL is what telegram.api_url must be set to.
func (s *Server) URL() string { return s.url }

// Close ends everything at once, connections in use included.
func (s *Server) Close() {
	s.mu.Lock()
	s.stop() // under the lock, so that no pusher starts after it
	s.mu.Unlock()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.pusher.Wait()
}

// ServeHTTP answers /bot<token>/<method>.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, name, named := strings.Cut(rest, "/")
	if !ok || !named {
		refuse(http.StatusNotFound, "Not Found").write(w)
		return
	}
	if token != Token {
		refuse(http.StatusUnauthorized, "Unauthorized").write(w)
		return
	}
	m, known := methods[strings.ToLower(name)]
	if !known {
		s.reject(name, "unknown method")
		refuse(http.StatusNotFound, "Not Found: method not found").write(w)
		return
	}
	p, err := readParams(r)
	if err == nil {
		err = m.check(p)
	}
	s.mu.Lock()
	s.calls[m.name]++
	failure := s.nextFailure(m.name)
	s.notify()
	s.mu.Unlock()
	if err != nil {
		s.reject(m.name, err.Error())
		refuse(http.StatusBadRequest, "Bad Request: "+err.Error()).write(w)
		return
	}
	s.serve(w, r, m, p, failure)
}

// serve runs the method, with the failure due.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, m method, p params, f Failure) {
	switch f.Kind {
	case DropBefore:
		panic(http.ErrAbortHandler) // closes the connection without an answer
	case Hang:
		select {
		case <-r.Context().Done():
		case <-s.alive.Done():
		}
		panic(http.ErrAbortHandler)
	case Delay:
		t := time.NewTimer(f.After)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
		}
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html><head><title>502 Bad Gateway</title></head></html>")
		return
	case None, DropAfter:
	default:
		f.answer().write(w)
		return
	}
	a := m.run(s, r.Context(), p, f.Kind == DropAfter)
	if f.Kind == DropAfter {
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}

// answer is what one call returns.
type answer struct {
	status int
	body   map[string]any
}

func result(v any) answer { return answer{200, map[string]any{"ok": true, "result": v}} }

func refuse(code int, description string) answer {
	return answer{code, map[string]any{"ok": false, "error_code": code, "description": description}}
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// notify wakes everybody who waits for a change; s.mu must be held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) reject(method, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected = append(s.rejected, method+": "+why)
	s.notify()
}

// wait returns nil once done does, called with s.mu held, or ctx's error.
func (s *Server) wait(ctx context.Context, done func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := done(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
