// Package web is the public chat page. It works without JavaScript: a form is posted, the answer is waited for, and the
// page comes back with the conversation. With JavaScript new messages appear by themselves.
//
// What was said lives in the store, not here and not in the browser: the browser keeps one random session cookie until
// it is closed. Sending a message therefore only wakes the pages that wait for it.
package web

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"treem/channels"
)

// Transcripts shows what was said. Lines come oldest first; waiting says that an answer is being worked out.
type Transcripts interface {
	Transcript(ctx context.Context, a channels.Address, limit int) (lines []channels.Line, waiting bool, err error)
}

// Config is what the page needs to know.
type Config struct {
	PublicURL    string                 // decides whether the cookie is for https only
	QuickExit    string                 // where the quick-exit button leads
	PerMinute    int                    // messages a network address may send a minute
	AnswerWait   time.Duration          // how long a page without script waits for its answer
	TrustedProxy []string               // addresses or CIDRs whose X-Forwarded-For counts
	Welcome      channels.Outbound      // shown while nothing was said yet
	Urgent       func(text string) bool // messages that no limit may stop; nil: none
}

// Channel is the web chat.
type Channel struct {
	cfg         Config
	transcripts Transcripts
	log         *slog.Logger
	now         func() time.Time
	pages       *template.Template
	limits      *limits
	secure      bool

	mu      sync.Mutex
	sink    channels.Sink // nil until Start and after Stop
	waiters map[string]map[chan struct{}]bool
	stopped chan struct{}
	once    sync.Once
}

//go:embed assets
var assets embed.FS

// New returns the channel. An error names the setting that is wrong.
func New(cfg Config, t Transcripts, log *slog.Logger, now func() time.Time) (*Channel, error) {
	pages, err := template.New("").Funcs(template.FuncMap{"buttons": withNonce}).ParseFS(assets, "assets/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	l, err := newLimits(cfg.PerMinute, cfg.TrustedProxy)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	public, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("web: public_url: %w", err)
	}
	return &Channel{cfg: cfg, transcripts: t, log: log, now: now, pages: pages, limits: l, secure: public.Scheme == "https",
		waiters: map[string]map[chan struct{}]bool{}, stopped: make(chan struct{})}, nil
}

// Name implements channels.Channel.
func (c *Channel) Name() string { return "web" }

// Buttons implements channels.Buttoner.
func (c *Channel) Buttons() bool { return true }

// Start lets messages in.
func (c *Channel) Start(_ context.Context, sink channels.Sink) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sink = sink
	return nil
}

// Stop lets no more messages in and ends the waiting of open pages.
func (c *Channel) Stop(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sink = nil
	c.once.Do(func() { close(c.stopped) })
	return nil
}

// Send wakes the pages of the person. The message itself is in the store, where they read it.
func (c *Channel) Send(ctx context.Context, out channels.Outbound) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &channels.SendError{Verdict: channels.Retry, Err: err}
	}
	if out.To.Channel != c.Name() || len(out.To.ID) != sessionLength {
		return "", &channels.SendError{Verdict: channels.Fault, Code: "address", Err: errors.New("not the address of a web session")}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.waiters[out.To.ID] {
		select {
		case w <- struct{}{}:
		default: // already awake
		}
	}
	return out.ID, nil
}

// wait registers a page that wants to know of new messages. The returned function ends it.
func (c *Channel) wait(session string) (news <-chan struct{}, done func()) {
	w := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiters[session] == nil {
		c.waiters[session] = map[chan struct{}]bool{}
	}
	c.waiters[session][w] = true
	return w, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiters[session], w)
		if len(c.waiters[session]) == 0 {
			delete(c.waiters, session)
		}
	}
}

func (c *Channel) openSink() channels.Sink {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sink
}

const cookieName = "phien" // "session"

// session returns the browser's session, or "".
func session(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
	if err != nil || len(cookie.Value) != sessionLength {
		return ""
	}
	return cookie.Value
}

// sessionLength is what rand.Text gives: 26 characters, 130 bits.
const sessionLength = 26

// begin gives the browser a new session. The cookie ends with the browser.
func (c *Channel) begin(w http.ResponseWriter) string {
	s := rand.Text()
	c.setSession(w, s, 0)
	return s
}

// end forgets the browser's session.
func (c *Channel) end(w http.ResponseWriter) { c.setSession(w, "", -1) }

func (c *Channel) setSession(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteStrictMode})
}

func address(session string) channels.Address { return channels.Address{Channel: "web", ID: session} }
