// Package web is the public web site: the chat, and the pages on which the same answers can be read without chatting.
// Everything works without JavaScript: a form is posted, the answer is waited for, and the page comes back with the
// conversation. With JavaScript new messages appear by themselves.
//
// What was said lives in the store, not here and not in the browser: the browser keeps one random session cookie until
// it is closed, unless its owner asked to keep it. Sending a message therefore only wakes the pages that wait for it.
//
// No word that a person writes stands in an address, in a log or on another site: questions and searches are posted, and
// pages load nothing from anywhere else.
package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"treem/channels"
)

// Transcripts shows what was said. Lines come oldest first; waiting says that an answer is being worked out.
type Transcripts interface {
	Transcript(ctx context.Context, a channels.Address, limit int) (lines []channels.Line, waiting bool, err error)
}

// Config is what the site needs to know.
type Config struct {
	PublicURL    string                   // the site's own address; decides whether cookies are for https only
	QuickExit    string                   // where the quick-exit button leads
	PerMinute    int                      // messages and searches a network address may send a minute
	AnswerWait   time.Duration            // how long a page without script waits for its answer
	TrustedProxy []string                 // addresses or CIDRs whose X-Forwarded-For counts
	Welcome      func() channels.Outbound // shown while nothing was said yet
	Erase        string                   // the words that make the bot forget a conversation
	Urgent       func(text string) bool   // messages that no limit may stop; nil: none
	Library      Library                  // what can be read without chatting; nil: chat only
	Keeps        Keeps                    // how long things are stored
	// Export reads what is stored about a person, without what is older than hidden; nil: it cannot be taken along.
	Export func(ctx context.Context, a channels.Address, hidden time.Time) (Export, error)
}

// Channel is the web chat with the pages beside it.
type Channel struct {
	cfg         Config
	transcripts Transcripts
	log         *slog.Logger
	now         func() time.Time
	pages       *template.Template
	exported    *texttemplate.Template
	files       files
	limits      *limits
	guard       *http.CrossOriginProtection
	public      string // scheme and host of PublicURL, without a slash at the end; empty: not known
	secure      bool

	mu      sync.Mutex
	sink    channels.Sink // nil until Start and after Stop
	waiters map[string]map[chan struct{}]bool
	open    int // pages that listen for news
	stopped chan struct{}
	once    sync.Once
}

//go:embed pages
var pageFiles embed.FS

// New returns the channel. An error names the setting that is wrong.
func New(cfg Config, t Transcripts, log *slog.Logger, now func() time.Time) (*Channel, error) {
	public, err := url.Parse(strings.TrimSuffix(cfg.PublicURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("web: public_url: %w", err)
	}
	c := &Channel{cfg: cfg, transcripts: t, log: log, now: now, secure: public.Scheme == "https",
		public: public.String(), waiters: map[string]map[chan struct{}]bool{}, stopped: make(chan struct{})}
	if c.files, err = readFiles(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	helpers := template.FuncMap{"buttons": withNonce, "blocks": blocks, "asset": c.files.address, "date": vietnamDate, "days": days}
	if c.pages, err = template.New("").Funcs(helpers).ParseFS(pageFiles, "pages/*.html"); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	moments := texttemplate.FuncMap{"moment": func(t time.Time) string { return t.In(vietnam).Format("15:04 02/01/2006") }}
	if c.exported, err = texttemplate.New("export.txt").Funcs(moments).ParseFS(pageFiles, "pages/export.txt"); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if c.limits, err = newLimits(cfg.PerMinute, cfg.TrustedProxy, now); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if c.guard, err = c.newGuard(public); err != nil {
		return nil, fmt.Errorf("web: public_url: %w", err)
	}
	return c, nil
}

// newGuard refuses forms that another site made the browser send.
func (c *Channel) newGuard(public *url.URL) (*http.CrossOriginProtection, error) {
	guard := http.NewCrossOriginProtection()
	if public.Host != "" {
		if err := guard.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			return nil, err
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.trouble(w, r, http.StatusForbidden, "Tin này đến từ một trang khác nên chưa được nhận. Xin mở trang này rồi gửi lại.")
	}))
	return guard, nil
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
	if out.To.Channel != c.Name() || !isSession(out.To.ID) {
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
