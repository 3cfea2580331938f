// Package twilioserver is a local HTTP server that behaves like Twilio's REST API towards one account, for tests: of the
// Twilio channel, and of the whole program started as another process with TREEM_TWILIO_API_URL set to its URL.
//
// It keeps to the published rules (https://www.twilio.com/docs/messaging/api/message-resource), and is stricter where
// the real service forgives: an unknown or repeated parameter, or two senders, are rejected, so that mistakes show. It
// reports on every message it took by signed status callbacks, and delivers messages from people by signed web hook
// requests (Deliver). Failures are injected one by one (Fail) or by a seeded schedule (SetSchedule).
//
// All methods are safe for concurrent use.
package twilioserver

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The account, and what it can send from. AuthToken is also the key of every signature.
const (
	AccountSID = "AC00000000000000000000000000000111"
	AuthToken  = "0localtesttokennotasecret0000000"
	ServiceSID = "MG00000000000000000000000000000111"
	Number     = "+15005550006"
	SenderName = "TREEM111"
)

// The endpoints, as Fail and Calls name them.
const (
	Messages = "Messages"
	Account  = "Account"
)

// Server is the stand-in for api.twilio.com. Make it with New, then Listen.
type Server struct {
	// RetryWait is the first wait before a web hook request is sent again; it doubles each time. Set it before use; zero
	// is 20 ms.
	RetryWait time.Duration

	http   *http.Server
	url    string
	hooks  *http.Client
	alive  context.Context
	stop   context.CancelFunc // ends callbacks and deliveries
	pusher sync.WaitGroup

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced whenever anything below changes
	sent      []Sent
	statuses  []string // the callbacks each message leads to, in order
	callbacks []Callback
	people    map[string]state
	account   string // its status
	calls     map[string]int
	rejected  []string
	plans     map[string][]Failure
	schedule  *Schedule
	dice      *rand.Rand
}

// Sent is one message the server took.
type Sent struct {
	SID            string // as answered
	To             string
	From           string // or ServiceSID
	Body           string
	StatusCallback string
	ValidityPeriod int  // seconds; 0 if none was given
	Lost           bool // taken, but the answer was dropped on purpose
}

// New makes a server without messages and failures. Each message it takes leads to the callbacks "sent" and "delivered".
func New() *Server {
	s := &Server{
		changed: make(chan struct{}), people: map[string]state{}, calls: map[string]int{},
		plans: map[string][]Failure{}, account: "active", statuses: []string{"sent", "delivered"},
		hooks: &http.Client{
			Timeout:       15 * time.Second, // as Twilio waits
			Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
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
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("twilioserver: %w", err)
	}
	s.url = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(l) }()
	return nil
}

// URL is what twilio.api_url must be set to.
func (s *Server) URL() string { return s.url }

// Close ends everything at once, connections in use included.
func (s *Server) Close() {
	s.mu.Lock()
	s.stop() // under the lock, so that no callback starts after it
	s.mu.Unlock()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.pusher.Wait()
	s.hooks.CloseIdleConnections()
}

// ServeHTTP answers the two addresses that are used: one account, and its messages.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint := ""
	switch r.Method + " " + r.URL.Path {
	case "POST /2010-04-01/Accounts/" + AccountSID + "/Messages.json":
		endpoint = Messages
	case "GET /2010-04-01/Accounts/" + AccountSID + ".json":
		endpoint = Account
	}
	s.mu.Lock()
	s.calls[endpoint]++
	var failure Failure
	if endpoint != "" {
		failure = s.nextFailure(endpoint)
	}
	s.notify()
	s.mu.Unlock()
	if !authentic(r) {
		s.reject("wrong account SID or auth token")
		refuse(http.StatusUnauthorized, 20003, "Authenticate").write(w)
		return
	}
	if endpoint == "" {
		s.reject("unknown address or method")
		refuse(http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found").write(w)
		return
	}
	s.serve(w, r, endpoint, failure)
}

// authentic checks the user name and the password.
func authentic(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	return subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(AccountSID+":"+AuthToken)) == 1
}

// serve checks the request and answers it, with the failure due.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, endpoint string, f Failure) {
	var p params
	if endpoint == Messages {
		var bad *problem
		if p, bad = readMessage(r); bad != nil {
			s.reject(bad.note)
			refuse(http.StatusBadRequest, bad.code, bad.message).write(w)
			return
		}
	}
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
		f.answer(p["To"]).write(w)
		return
	}
	a := s.answerAccount()
	if endpoint == Messages {
		a = s.take(p, f.Kind == DropAfter)
	}
	if f.Kind == DropAfter {
		panic(http.ErrAbortHandler)
	}
	a.write(w)
}

// answer is what one call returns.
type answer struct {
	status int
	after  time.Duration // for Retry-After
	body   map[string]any
}

// refuse makes an error in Twilio's form.
func refuse(status, code int, message string) answer {
	return answer{status: status, body: map[string]any{
		"code": code, "message": message, "status": status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	}}
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	if a.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((a.after+time.Second-1)/time.Second)))
	}
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// notify wakes everybody who waits for a change; s.mu must be held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) reject(why ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejected = append(s.rejected, strings.Join(why, ": "))
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
