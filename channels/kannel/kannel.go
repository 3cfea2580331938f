// Package kannel is the channel to a Vietnamese operator's SMPP account or a GSM modem through Kannel, the open-source
// SMS gateway: SMS in by its post-url or get-url, SMS out by the sendsms interface of its smsbox, delivery reports by
// dlr-url. It follows Kannel's user guide and is tested against Kannel 1.4.5 itself.
//
// Kannel hears 200 only after Sink.Accept returned nil, and asks again after anything else as often as its
// http-request-retry says. Every request is believed only if it comes from an address in Config.Allow and carries
// Config.Secret.
//
// What a person wrote, their number and the secrets never reach a log, an error or, with post-url, an address.
package kannel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"treem/channels"
	"treem/channels/httpcall"
	"treem/channels/lifecycle"
)

// Name is what Channel.Name returns.
const Name = "kannel"

// provider names Kannel in errors.
const provider = httpcall.Provider(Name)

// Who cuts a long text into parts.
const (
	SplitKannel = "kannel" // Kannel, by max-messages and concatenation of its sendsms-user
	SplitOwn    = "own"    // this channel, with a user data header of its own in each part
)

// Config is all the channel needs. SendURL, Username, Password, Secret, From and CallbackURL are required; the zero
// value of the rest is usable.
type Config struct {
	SendURL  string // of smsbox, as http://127.0.0.1:13013/cgi-bin/sendsms
	Username string // of the sendsms-user group
	Password string
	From     string   // the number or name people see: a short code, a number as +84901234567, a brand name
	SMSC     string   // smsc-id to send through; empty: Kannel decides
	Split    string   // SplitKannel or SplitOwn; empty: SplitKannel
	Secret   string   // what requests of Kannel carry: the password of HTTP Basic or the parameter "secret"
	Allow    []string // addresses and networks Kannel calls from; empty: this machine

	TrustedProxy []string // addresses and networks of proxies whose X-Forwarded-For counts
	CallbackURL  string   // our address as Kannel sees it, for delivery reports
	Country      string   // country code for numbers written without; empty: 84

	StatusURL      string // bearerbox's status.xml, as http://127.0.0.1:13000/status.xml; empty: not looked at
	StatusPassword string

	Validity    time.Duration // how long Kannel and the operator may keep a message; zero: 4 h
	CallTimeout time.Duration // longest wait for an answer of Kannel; zero: 20 s
}

// String hides the secrets.
func (c Config) String() string { return Name }

// LogValue hides the secrets.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Channel is the Kannel channel. Make it with New.
type Channel struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	client  *httpcall.Client
	allow   []netip.Prefix
	proxies []netip.Prefix
	warned  [warnings]atomic.Int64 // when each warning was last logged, in nanoseconds

	life lifecycle.Cycle // Kannel's requests
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
	numberForm  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) // E.164
	senderForm  = regexp.MustCompile(`^(\+?[0-9]{3,15}|[A-Za-z0-9 ._-]{1,11})$`)
	secretForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{16,}$`)
	plainForm   = regexp.MustCompile(`^[\x21-\x7e]+$`)
	smscForm    = regexp.MustCompile(`^[A-Za-z0-9_.-]*$`)
	countryForm = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)
)

// maxAnswer is the longest answer read; that of status.xml grows with the number of connections.
const maxAnswer = 1 << 20

// New checks the settings and makes the channel. It does not use the network.
func New(cfg Config, log *slog.Logger, now func() time.Time) (*Channel, error) {
	cfg.CallbackURL = strings.TrimRight(cfg.CallbackURL, "/")
	if cfg.Split == "" {
		cfg.Split = SplitKannel
	}
	if cfg.Country == "" {
		cfg.Country = "84"
	}
	if len(cfg.Allow) == 0 {
		cfg.Allow = []string{"127.0.0.0/8", "::1"}
	}
	if cfg.Validity <= 0 {
		cfg.Validity = 4 * time.Hour
	}
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = 20 * time.Second
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	allow, err := prefixes("kannel.allow", cfg.Allow)
	if err != nil {
		return nil, err
	}
	proxies, err := prefixes("trusted_proxy", cfg.TrustedProxy)
	if err != nil {
		return nil, err
	}
	return &Channel{
		cfg: cfg, log: log.With("channel", Name), now: now, client: httpcall.New(provider, cfg.Password, 16, maxAnswer),
		allow: allow, proxies: proxies, life: lifecycle.Cycle{Channel: Name},
	}, nil
}

// check names the first setting that cannot be right. The secrets' values are not shown.
func (c Config) check() error {
	switch {
	case !plainURL(c.SendURL):
		return errors.New("kannel.send_url: the address of smsbox, as http://127.0.0.1:13013/cgi-bin/sendsms")
	case !plainForm.MatchString(c.Username) || !plainForm.MatchString(c.Password):
		return errors.New("kannel.username and kannel.password: those of the sendsms-user in kannel.conf, without spaces " +
			"and accents")
	case !senderForm.MatchString(c.From):
		return errors.New("kannel.from: a short code, a number as +84901234567, or a brand name of at most 11 characters")
	case !secretForm.MatchString(c.Secret):
		return errors.New("kannel.secret: at least 16 letters, digits, _ and -; make one with: " +
			"head -c24 /dev/urandom | base64 | tr -d '/+='")
	case !smscForm.MatchString(c.SMSC):
		return errors.New("kannel.smsc: the smsc-id of a connection in kannel.conf: letters, digits, dots, - and _")
	case c.Split != SplitKannel && c.Split != SplitOwn:
		return errors.New("kannel.split: kannel or own")
	case !countryForm.MatchString(c.Country):
		return errors.New("kannel.country: a country code, as 84")
	case !plainURL(c.CallbackURL):
		return errors.New("kannel.callback_url: our address as Kannel sees it, as http://127.0.0.1:8080")
	case c.StatusURL != "" && !plainURL(c.StatusURL):
		return errors.New("kannel.status_url: bearerbox's status page, as http://127.0.0.1:13000/status.xml")
	}
	return nil
}

// plainURL reports whether s is an http or https address without user, query and fragment.
func plainURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == "" && !strings.ContainsAny(s, "% ")
}

// prefixes reads a list of addresses and networks.
func prefixes(setting string, list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %q is neither an address nor a network as 10.0.0.0/8", setting, s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// Name returns "kannel".
func (c *Channel) Name() string { return Name }

// SMS says that messages are short and paid for.
func (c *Channel) SMS() bool { return true }

// Note says what must stand in kannel.conf, which no check can see.
func (c *Channel) Note() string {
	return "kannel.conf must call " + strings.Replace(c.cfg.CallbackURL, "://", "://treem:SECRET@", 1) + smsPath +
		"?id=%I (post-url) with kannel.secret for SECRET; treem's log says so if the secret or the address it comes from " +
		"is wrong"
}

// Start begins to take requests into the sink. The end of ctx begins a stop, but Stop must still be called to wait for
// it.
func (c *Channel) Start(ctx context.Context, sink channels.Sink) error {
	return c.life.Start(ctx, sink)
}

// Stop ends receiving. Requests in hand are finished; later ones are answered 503, so that Kannel tries again. If ctx
// ends first, what is in hand is given up and answered 503 as well.
func (c *Channel) Stop(ctx context.Context) error { return c.life.Stop(ctx) }
