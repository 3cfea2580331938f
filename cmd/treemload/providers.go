package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"treem/channels/channelstest/telegramserver"
	"treem/channels/channelstest/twilioserver"
)

// provider is the stand-in of Twilio or Telegram at one address, and notes when each person was sent the first reply.
type provider struct {
	server   standIn
	receiver string // the field of a request that says to whom a message goes
	http     *http.Server
	url      string

	mu    sync.Mutex
	asked map[string]question // by telephone or chat
	got   map[string]time.Duration
}

type question struct {
	at     time.Time
	urgent bool
}

// standIn checks every request and answers it.
type standIn interface {
	http.Handler
	Rejected() []string
	Close()
}

func startTwilio() (*provider, error) {
	s := twilioserver.New()
	s.SetCallbacks() // receipts are another load
	return startProvider(s, "To")
}

func startTelegram() (*provider, error) { return startProvider(telegramserver.New(), "chat_id") }

func startProvider(s standIn, receiver string) (*provider, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &provider{server: s, receiver: receiver, url: "http://" + l.Addr().String(), asked: map[string]question{}, got: map[string]time.Duration{}}
	p.http = &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	go func() { _ = p.http.Serve(l) }()
	return p, nil
}

func (p *provider) close() {
	_ = p.http.Close()
	p.server.Close()
}

// ServeHTTP lets the stand-in check and answer the request, and notes the time at which one came that it took.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cut off", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := &taken{ResponseWriter: w, status: http.StatusOK}
	p.server.ServeHTTP(answer, r)
	read := r.Clone(r.Context())
	read.Body = io.NopCloser(bytes.NewReader(body))
	to := read.FormValue(p.receiver)
	if answer.status >= 300 || to == "" || strings.HasSuffix(r.URL.Path, "/sendChatAction") { // "is typing" is no answer
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if q, known := p.asked[to]; known {
		if _, again := p.got[to]; !again {
			p.got[to] = at.Sub(q.at)
		}
	}
}

// taken remembers how a request was answered.
type taken struct {
	http.ResponseWriter
	status int
}

func (t *taken) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

// ask notes that somebody writes now.
func (p *provider) ask(person string, urgent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[person] = question{time.Now(), urgent}
}

// forget begins a new phase.
func (p *provider) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.got = map[string]question{}, map[string]time.Duration{}
}

// answers returns how long the answers took so far, and how many people still wait.
func (p *provider) answers() (calm, urgent []time.Duration, waiting, urgentWaiting int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for telephone, q := range p.asked {
		took, ok := p.got[telephone]
		switch {
		case ok && q.urgent:
			urgent = append(urgent, took)
		case ok:
			calm = append(calm, took)
		case q.urgent:
			urgentWaiting++
			waiting++
		default:
			waiting++
		}
	}
	return calm, urgent, waiting, urgentWaiting
}
