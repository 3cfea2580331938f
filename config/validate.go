package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Validate checks every setting by itself and against the others. Its error has a line for each fault, naming the
// setting and what it should be.
func (c Config) Validate() error {
	v := validation{}
	v.address("listen", c.Listen, true)
	v.address("metrics_listen", c.MetricsListen, false)
	v.address("console.listen", c.Console.Listen, false)
	v.url("console.url", c.Console.URL)
	v.url("console.oidc_issuer", c.Console.OIDCIssuer)
	if c.Console.OIDCIssuer != "" {
		v.when(c.Console.OIDCClientID == "" || c.Console.OIDCClientSecret == "", "console.oidc_client_id", "and console.oidc_client_secret are needed with console.oidc_issuer")
		v.when(c.Console.OIDCClaim == "", "console.oidc_claim", "is needed with console.oidc_issuer")
	}
	v.positive("console.idle", c.Console.Idle)
	v.positive("console.longest", c.Console.Longest)
	for _, role := range c.Console.SecondFactor {
		v.oneOf("console.second_factor", role, "author", "reviewer", "officer", "supervisor", "administrator")
	}
	v.url("public_url", c.PublicURL)
	v.url("telegram.api_url", c.Telegram.APIURL)
	v.url("twilio.api_url", c.Twilio.APIURL)
	v.url("web.quick_exit", c.Web.QuickExit)
	v.oneOf("log_level", c.LogLevel, "debug", "info", "warn", "error")
	v.oneOf("log_format", c.LogFormat, "text", "json")
	v.oneOf("telegram.mode", c.Telegram.Mode, "polling", "webhook")
	v.positive("stop_limit", c.StopLimit)
	v.positive("web.answer_wait", c.Web.AnswerWait)
	v.positive("retention.messages", c.Retention.Messages)
	v.positive("retention.idle", c.Retention.Idle)
	v.positive("retention.unanswered", c.Retention.Unanswered)
	v.when(c.Retention.Cases < 0, "retention.cases", "must be a time such as 43800h, or 0 for no end")
	if from, to := c.Bulletin.Minutes(); from < 0 || to <= from {
		v.when(true, "bulletin.from", "and bulletin.to must be times of day such as 07:30, the first before the second")
	}
	v.when(c.SMS.Price < 0, "sms.price", "must not be negative")
	v.when(c.SMS.PerHour < 0, "sms.per_hour", "must not be negative; 0 is no bound")
	v.when(c.Twilio.PerSecond <= 0, "twilio.per_second", "must be more than 0")
	v.when(c.Web.PerMinute < 1, "web.per_minute", "must be at least 1")
	v.when(c.Database != "" && !strings.HasPrefix(string(c.Database), "postgres://") && !strings.HasPrefix(string(c.Database), "postgresql://"),
		"database", "leave it empty for the file in data_dir, or give postgres://user:password@host:5432/name")
	v.networks("trusted_proxy", c.TrustedProxy)
	v.url("tracing.url", c.Tracing.URL)
	v.tls(c)
	v.telegram(c)
	v.twilio(c)
	v.kannel(c)
	v.hotline(c)
	return errors.Join(v.errs...)
}

func (v *validation) tls(c Config) {
	t := c.TLS
	v.address("tls.redirect", t.Redirect, false)
	v.url("tls.acme_url", t.ACMEURL)
	v.when((t.Cert == "") != (t.Key == ""), "tls.cert", "and tls.key belong together")
	v.when(t.Cert != "" && len(t.ACME) > 0, "tls.acme", "is in place of tls.cert; set one of them")
	if !t.On() {
		v.when(t.Redirect != "", "tls.redirect", "leads to https, so tls.cert or tls.acme is needed")
		return
	}
	v.when(!strings.HasPrefix(c.PublicURL, "https://"), "public_url", "is needed with tls, and begins with https://")
	v.when(c.Console.Listen != "" && c.Console.URL == "", "console.url", "is needed with tls and console.listen")
	v.when(c.Kannel.SendURL != "" && c.Kannel.CallbackURL == "", "kannel.callback_url", "is needed with tls: Kannel must call the listener by a name in the certificate")
}

func (v *validation) telegram(c Config) {
	if c.Telegram.Mode != "webhook" || c.Telegram.Token == "" {
		return
	}
	v.when(c.Telegram.WebhookSecret == "", "telegram.webhook_secret", "is needed in webhook mode; make one with: head -c24 /dev/urandom | base64 | tr -d '/+='")
	v.when(strings.ContainsFunc(c.Telegram.WebhookSecret.Reveal(), func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", r)
	}), "telegram.webhook_secret", "may hold only letters, digits, _ and -")
	v.when(c.PublicURL == "", "public_url", "is needed for telegram.mode webhook")
}

func (v *validation) twilio(c Config) {
	t := c.Twilio
	if t.AccountSID == "" {
		v.when(t.AuthToken != "" || t.From != "" || t.MessagingServiceSID != "", "twilio.account_sid", "is needed when another twilio setting is given")
		return
	}
	v.when(t.AuthToken == "", "twilio.auth_token", "is needed with twilio.account_sid")
	v.when(t.From == "" && t.MessagingServiceSID == "", "twilio.from", "is needed, or twilio.messaging_service_sid")
	v.when(c.PublicURL == "", "public_url", "is needed for Twilio: its signatures cover the address as Twilio sees it")
}

// chatForm is a group's number, or the name of a public one; a topic of it may stand behind a stroke.
var chatForm = regexp.MustCompile(`^(-?[0-9]+|@[A-Za-z0-9_]+)(/[1-9][0-9]*)?$`)

func (v *validation) hotline(c Config) {
	h := c.Hotline
	v.positive("hotline.ack_emergency", h.AckEmergency)
	v.positive("hotline.ack_urgent", h.AckUrgent)
	v.url("hotline.webhook_url", h.WebhookURL)
	v.url("hotline.primero_url", h.PrimeroURL)
	if h.TelegramChat != "" {
		v.when(c.Telegram.Token == "", "telegram.token", "is needed for hotline.telegram_chat: the duty group talks with the same bot")
		v.when(!chatForm.MatchString(h.TelegramChat), "hotline.telegram_chat", "is not the number of a group such as -1001234567890")
	}
	v.when(h.WebhookURL != "" && h.WebhookSecret == "", "hotline.webhook_secret", "is needed with hotline.webhook_url")
	v.when(h.SMTPURL != "" && len(h.EmailTo) == 0 && h.Roster == "", "hotline.email_to", "is needed with hotline.smtp_url, or a roster with e-mail addresses")
	v.when(len(h.EmailTo) > 0 && h.SMTPURL == "", "hotline.smtp_url", "is needed with hotline.email_to")
	v.when(h.SMSTo != "" && c.Twilio.AccountSID == "" && c.Kannel.SendURL == "", "twilio.account_sid", "or kannel.send_url is needed for hotline.sms_to, which is sent over the SMS channel")
	v.when(h.SMSTo != "" && !phoneForm.MatchString(h.SMSTo), "hotline.sms_to", "is not a telephone number such as +84901234567")
	v.when(h.PrimeroURL != "" && (h.PrimeroUsername == "" || h.PrimeroPassword == ""), "hotline.primero_username", "and hotline.primero_password are needed with hotline.primero_url")
}

var phoneForm = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func (v *validation) kannel(c Config) {
	k := c.Kannel
	v.url("kannel.send_url", k.SendURL)
	v.url("kannel.callback_url", k.CallbackURL)
	v.url("kannel.status_url", k.StatusURL)
	v.oneOf("kannel.split", k.Split, "kannel", "own")
	v.networks("kannel.allow", k.Allow)
	if k.SendURL == "" {
		v.when(k.Username != "" || k.Password != "" || k.Secret != "" || k.From != "", "kannel.send_url",
			"is needed when another kannel setting is given")
		return
	}
	v.when(k.Username == "", "kannel.username", "is needed with kannel.send_url")
	v.when(k.Password == "", "kannel.password", "is needed with kannel.send_url")
	v.when(k.From == "", "kannel.from", "is needed with kannel.send_url")
	v.when(k.Secret == "", "kannel.secret", "is needed with kannel.send_url: without it nothing that comes in can be believed; "+
		"make one with: head -c24 /dev/urandom | base64 | tr -d '/+='")
	v.when(len(k.Allow) == 0, "kannel.allow", "names nobody, so nothing could come in")
}

type validation struct{ errs []error }

func (v *validation) when(wrong bool, key, what string) {
	if wrong {
		v.errs = append(v.errs, fmt.Errorf("setting %s %s", key, what))
	}
}

func (v *validation) address(key, value string, needed bool) {
	if value == "" && !needed {
		return
	}
	_, _, err := net.SplitHostPort(value)
	v.when(err != nil, key, fmt.Sprintf("is %q: want host:port, e.g. 127.0.0.1:8080", value))
}

func (v *validation) url(key, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	v.when(err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "", key, "is not an http or https address")
}

func (v *validation) networks(key string, list []string) {
	for _, p := range list {
		if _, err := netip.ParsePrefix(p); err != nil {
			_, err = netip.ParseAddr(p)
			v.when(err != nil, key, fmt.Sprintf("%q is neither an address nor a CIDR", p))
		}
	}
}

func (v *validation) oneOf(key, value string, allowed ...string) {
	v.when(!slices.Contains(allowed, value), key, fmt.Sprintf("is %q: want one of %s", value, strings.Join(allowed, ", ")))
}

func (v *validation) positive(key string, d time.Duration) {
	v.when(d <= 0, key, "must be a positive time such as 20s or 720h")
}
