// Package telegram is the channel to Telegram's Bot API.
//
// It receives by long polling (no public address needed) or by web hook. In both ways an update is acknowledged only
// after Sink.Accept returned nil: the polling offset moves, or the web hook answers 200, after that and never before.
// The receiving loops of github.com/go-telegram/bot acknowledge first, so intake goes round them; its types and its
// methods are used for everything else.
//
// What a person wrote, who they are and the bot's token never reach a log or an error.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot/models"

	"treem/channels"
	"treem/channels/lifecycle"
)

// Name is what Channel.Name returns.
const Name = "telegram"

// The ways of receiving.
const (
	ModePolling = "polling" // we ask Telegram; works behind any router
	ModeWebhook = "webhook" // Telegram calls PublicURL/telegram, over HTTPS
)

// Config is all the channel needs. The zero value of every field but Token is usable.
type Config struct {
	Token         string // from @BotFather
	APIURL        string // empty: https://api.telegram.org
	Mode          string // empty: ModePolling
	WebhookSecret string // required to receive by web hook: A-Z a-z 0-9 _ -, at most 256
	PublicURL     string // our address as Telegram sees it; empty: the web hook is registered by hand
	DutyChat      string // the group on duty, all of which is passed on: a number, "number/topic" or @name; empty: none

	Profile                      // as everybody sees it who does not use one of the other languages
	Languages map[string]Profile // by Telegram's language code, "en" for instance
	CallLabel string             // on a button that leads to our page to call from, with {number}; empty: no such buttons

	// Lead runs what only one of several programs may do, here to poll, for as long as its context lasts; nil: there is one.
	Lead func(ctx context.Context, what string, f func(context.Context))

	PollTimeout time.Duration           // how long one poll waits for news; zero: 30 s
	CallTimeout time.Duration           // longest wait for any other answer; zero: 30 s
	Backoff     func(int) time.Duration // wait after the nth failure in a row, n from 0; nil: up to a minute, with jitter
}

// Profile is how the bot presents itself.
type Profile struct {
	Commands         []Command // shown in the menu of the app
	Description      string    // shown in the empty chat before the first message, at most 512 characters
	ShortDescription string    // shown on the bot's profile, at most 120 characters
}

// Command is one line of the app's menu, e.g. {"help", "Cách dùng"}.
type Command struct{ Name, Description string }

// String hides the secrets.
func (c Config) String() string { return fmt.Sprintf("telegram(mode %s)", c.Mode) }

// LogValue hides the secrets.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Channel is the Telegram channel. Make it with New.
type Channel struct {
	cfg    Config
	log    *slog.Logger
	now    func() time.Time
	api    *api
	limits *limits

	moves   moves
	files   files
	me      atomic.Pointer[models.User] // who the bot is, once Telegram said so
	trouble atomic.Pointer[trouble]     // why nothing is received at the moment
	answers chan struct{}               // one slot for each button answer under way

	life lifecycle.Cycle // receiving loops, web hook requests and button answers
}

// Interfaces the channel offers beyond the needed ones.
var (
	_ channels.Channel  = (*Channel)(nil)
	_ channels.Router   = (*Channel)(nil)
	_ channels.Typer    = (*Channel)(nil)
	_ channels.Buttoner = (*Channel)(nil)
	_ channels.Checker  = (*Channel)(nil)
	_ channels.Hider    = (*Channel)(nil)

	_ channels.Illustrator = (*Channel)(nil)
	_ channels.Passer      = (*Channel)(nil)
)

// trouble is a lasting reason why the channel does not receive.
type trouble struct {
	text  string
	since time.Time
}

var (
	tokenForm  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

// New checks the settings and makes the channel. It does not use the network.
func New(cfg Config, log *slog.Logger, now func() time.Time) (*Channel, error) {
	cfg.Token = strings.TrimSpace(cfg.Token)
	if !tokenForm.MatchString(cfg.Token) {
		return nil, errors.New("telegram.token is not a bot token: copy it whole from @BotFather, as 123456789:ABC…")
	}
	if cfg.Mode == "" {
		cfg.Mode = ModePolling
	}
	if cfg.Mode != ModePolling && cfg.Mode != ModeWebhook {
		return nil, fmt.Errorf("telegram.mode is %q: use %q or %q", cfg.Mode, ModePolling, ModeWebhook)
	}
	if cfg.WebhookSecret != "" && !secretForm.MatchString(cfg.WebhookSecret) {
		return nil, errors.New("telegram.webhook_secret: use 1 to 256 of the characters A-Z a-z 0-9 _ -")
	}
	if cfg.APIURL == "" {
		cfg.APIURL = "https://api.telegram.org"
	}
	cfg.APIURL = strings.TrimRight(cfg.APIURL, "/")
	if u, err := url.Parse(cfg.APIURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("telegram.api_url is not an http or https address")
	}
	if cfg.PollTimeout <= 0 {
		cfg.PollTimeout = 30 * time.Second
	}
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = 30 * time.Second
	}
	if cfg.Backoff == nil {
		cfg.Backoff = defaultBackoff
	}
	log = log.With("channel", Name)
	api, err := newAPI(cfg, log)
	if err != nil {
		return nil, err
	}
	return &Channel{
		cfg: cfg, log: log, now: now, api: api, limits: newLimits(), answers: make(chan struct{}, 16),
		life: lifecycle.Cycle{Channel: Name},
	}, nil
}

// defaultBackoff doubles from half a second to a minute; the upper half of each wait is random, so that many programs
// cut off together do not come back together.
func defaultBackoff(n int) time.Duration {
	d := min(500*time.Millisecond<<min(n, 7), time.Minute)
	return d/2 + rand.N(d/2)
}

// Name returns "telegram".
func (c *Channel) Name() string { return Name }

// Buttons says that buttons are shown.
func (c *Channel) Buttons() bool { return true }

// Start begins to receive. It returns at once: Telegram may be unreachable for hours and the rest of the program must
// work meanwhile, so reaching it is tried in the background, for ever. Check tells how that stands. The end of ctx
// begins a stop, but Stop must still be called to wait for it.
func (c *Channel) Start(ctx context.Context, sink channels.Sink) error {
	return c.life.Start(ctx, sink, func(w lifecycle.Work) {
		if c.cfg.Mode == ModeWebhook {
			c.register(w.Soft)
			return
		}
		if c.cfg.Lead == nil {
			c.poll(w)
			return
		}
		c.cfg.Lead(w.Soft, "telegram", func(soft context.Context) {
			w := w
			w.Soft = soft
			c.poll(w)
		})
	})
}

// Stop ends receiving. The update in hand is finished and confirmed to Telegram; what Telegram still holds stays there.
// If ctx ends first, what is in hand is given up, so that Telegram sends it again.
func (c *Channel) Stop(ctx context.Context) error { return c.life.Stop(ctx) }

// Trouble says since when and why nothing is received; empty: all is well.
func (c *Channel) Trouble() string {
	t := c.trouble.Load()
	if t == nil {
		return ""
	}
	return "nothing received since " + t.since.Format(time.RFC3339) + ": " + t.text
}

// fail notes why nothing is received; succeed takes that back.
func (c *Channel) fail(text string) {
	if old := c.trouble.Load(); old == nil || old.text != text {
		c.trouble.Store(&trouble{text: text, since: c.now()})
	}
}

func (c *Channel) succeed() { c.trouble.Store(nil) }
