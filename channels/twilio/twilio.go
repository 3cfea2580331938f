// Package twilio is the channel to Twilio's Programmable Messaging: SMS in by web hook, SMS out by the REST API, and
// delivery receipts by status callback.
//
// Twilio hears 200 only after Sink.Accept returned nil. Every request is believed only if it carries Twilio's
// signature over public_url and the fields of the form; what the request says about its own host does not matter, so
// any proxy may stand in between. The calls of github.com/twilio/twilio-go know no context and their errors quote
// numbers, so they go through a client of our own (api.go).
//
// Twilio cannot receive SMS in Viet Nam (see Note). There this channel only sends.
//
// What a person wrote, their number and the auth token never reach a log or an error.
package twilio

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twilio/twilio-go/client"

	"treem/channels"
	"treem/channels/lifecycle"
)

// Name is what Channel.Name returns.
const Name = "twilio"

// Config is all the channel needs. AccountSID, AuthToken, PublicURL and one of From and MessagingServiceSID are
// required; the zero value of the rest is usable.
type Config struct {
	AccountSID          string
	AuthToken           string // signs what comes in, and is the password for what goes out
	From                string // a number as +15005550006, a short code, or a registered sender name
	MessagingServiceSID string // if set, the service picks the sender and From is not used
	APIURL              string // empty: https://api.twilio.com
	PublicURL           string // our address as Twilio sees it, a path before ours included

	PerSecond   float64       // ordinary messages a second; zero: 1
	Validity    time.Duration // how long Twilio may queue a message before it drops it; zero: 4 h, at most 10 h
	CallTimeout time.Duration // longest wait for an answer of the API; zero: 20 s
}

// String hides the secrets.
func (c Config) String() string { return "twilio" }

// LogValue hides the secrets.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Channel is the Twilio channel. Make it with New.
type Channel struct {
	cfg       Config
	log       *slog.Logger
	now       func() time.Time
	api       *api
	pace      *pace
	validator client.RequestValidator
	warned    atomic.Int64 // when a wrong signature was last logged, in nanoseconds

	life lifecycle.Cycle // web hook requests
}

// Interfaces the channel offers beyond the needed ones.
var (
	_ channels.Channel = (*Channel)(nil)
	_ channels.Router  = (*Channel)(nil)
	_ channels.Texter  = (*Channel)(nil)
	_ channels.Checker = (*Channel)(nil)
	_ channels.Noter   = (*Channel)(nil)
)

var (
	accountForm = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	serviceForm = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	numberForm  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) // E.164
	codeForm    = regexp.MustCompile(`^[0-9]{3,8}$`)
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9 &_+-]{1,11}$`)
	letter      = regexp.MustCompile(`[A-Za-z]`)
)

const maxValidity = 10 * time.Hour // Twilio's limit, 36000 seconds

// New checks the settings and makes the channel. It does not use the network.
func New(cfg Config, log *slog.Logger, now func() time.Time) (*Channel, error) {
	cfg.AccountSID, cfg.AuthToken = strings.TrimSpace(cfg.AccountSID), strings.TrimSpace(cfg.AuthToken)
	cfg.APIURL, cfg.PublicURL = strings.TrimRight(cfg.APIURL, "/"), strings.TrimRight(cfg.PublicURL, "/")
	if cfg.APIURL == "" {
		cfg.APIURL = "https://api.twilio.com"
	}
	if cfg.PerSecond <= 0 {
		cfg.PerSecond = 1
	}
	if cfg.Validity <= 0 {
		cfg.Validity = 4 * time.Hour
	}
	cfg.Validity = min(cfg.Validity, maxValidity)
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = 20 * time.Second
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Channel{
		cfg: cfg, log: log.With("channel", Name), now: now, api: newAPI(cfg), pace: newPace(cfg.PerSecond),
		validator: client.NewRequestValidator(cfg.AuthToken), life: lifecycle.Cycle{Channel: Name},
	}, nil
}

// check names the first setting that cannot be right. The secrets' values are not shown.
func (c Config) check() error {
	switch {
	case !accountForm.MatchString(c.AccountSID):
		return errors.New("twilio.account_sid: copy it whole from Twilio's console, AC and 32 characters")
	case c.AuthToken == "":
		return errors.New("twilio.auth_token is not set; without it nothing that comes in can be believed")
	case c.MessagingServiceSID == "" && c.From == "":
		return errors.New("twilio.from or twilio.messaging_service_sid is needed")
	case c.MessagingServiceSID != "" && !serviceForm.MatchString(c.MessagingServiceSID):
		return errors.New("twilio.messaging_service_sid: copy it whole from Twilio's console, MG and 32 characters")
	case c.From != "" && !validSender(c.From):
		return errors.New("twilio.from: a number as +15005550006, a short code, or a sender name of at most 11 " +
			"letters and digits")
	case !plainURL(c.APIURL):
		return errors.New("twilio.api_url is not a plain http or https address")
	case !plainURL(c.PublicURL):
		return errors.New("public_url is not a plain http or https address; Twilio's signatures cover it")
	}
	return nil
}

// validSender reports whether s has the form of something Twilio sends from.
func validSender(s string) bool {
	return numberForm.MatchString(s) || codeForm.MatchString(s) || nameForm.MatchString(s) && letter.MatchString(s)
}

// plainURL reports whether a path can be put behind s.
func plainURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == ""
}

// Name returns "twilio".
func (c *Channel) Name() string { return Name }

// SMS says that messages are short and paid for.
func (c *Channel) SMS() bool { return true }

// Note says what everybody who sets this channel up in Viet Nam must know and no check can find out.
func (c *Channel) Note() string {
	return "Twilio has no two-way SMS in Viet Nam: messages go out there, from a registered sender name and by " +
		"registered templates, but nobody there can write back"
}

// Start begins to take requests into the sink, and in the background what came while nobody took them. The end of ctx begins a stop, but Stop must still be called to wait for
// it.
func (c *Channel) Start(ctx context.Context, sink channels.Sink) error {
	if !c.receives() {
		c.log.Info("twilio.from is a sender name: people cannot answer it")
		return c.life.Start(ctx, sink)
	}
	return c.life.Start(ctx, sink, c.catchUp)
}

// Stop ends receiving. Requests in hand are finished; later ones are answered 503, so that Twilio tries again or
// elsewhere. If ctx ends first, what is in hand is given up and answered 503 as well.
func (c *Channel) Stop(ctx context.Context) error { return c.life.Stop(ctx) }
