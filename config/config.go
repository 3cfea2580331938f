// Package config is the program's settings: one typed struct with defaults, loaded once from a file, the environment
// and secret files, checked, and printable with its secrets hidden. It is the only package that names viper.
package config

import "time"

// Config is every setting. The mapstructure names are the names in the file; in the environment the same in capitals
// with TREEM_ before and _ for the dot.
type Config struct {
	DataDir       string        `mapstructure:"data_dir"`       // where the database and the key live
	Database      Secret        `mapstructure:"database"`       // a postgres:// address with its password; empty: SQLite in DataDir
	Listen        string        `mapstructure:"listen"`         // address of the public listener
	PublicURL     string        `mapstructure:"public_url"`     // the listener's address as providers and people see it
	MetricsListen string        `mapstructure:"metrics_listen"` // empty: /metrics on Listen, for loopback callers only
	TLS           TLS           `mapstructure:"tls"`
	TrustedProxy  []string      `mapstructure:"trusted_proxy"` // addresses or CIDRs whose X-Forwarded-For counts
	SecretKey     Secret        `mapstructure:"secret_key"`    // empty: made on first start in DataDir
	StopLimit     time.Duration `mapstructure:"stop_limit"`    // how long stopping may take
	LogLevel      string        `mapstructure:"log_level"`     // debug, info, warn, error
	LogFormat     string        `mapstructure:"log_format"`    // text or json
	Tracing       Tracing       `mapstructure:"tracing"`
	Telegram      Telegram      `mapstructure:"telegram"`
	Twilio        Twilio        `mapstructure:"twilio"`
	Kannel        Kannel        `mapstructure:"kannel"`
	SMS           SMS           `mapstructure:"sms"`
	Bulletin      Bulletin      `mapstructure:"bulletin"`
	Web           Web           `mapstructure:"web"`
	Console       Console       `mapstructure:"console"`
	Triage        Triage        `mapstructure:"triage"`
	Hotline       Hotline       `mapstructure:"hotline"`
	Retention     Retention     `mapstructure:"retention"`
}

// Tracing is where OpenTelemetry's spans go.
type Tracing struct {
	URL string `mapstructure:"url"` // of a collector, OTLP over HTTP, with its path /v1/traces; empty: no tracing
}

// TLS is how the listeners get their certificate; empty: they speak plain HTTP and a proxy before them does TLS.
type TLS struct {
	Cert      string   `mapstructure:"cert"`       // file of a certificate with its chain; read again when it changes
	Key       string   `mapstructure:"key"`        // file of its key
	ACME      []string `mapstructure:"acme"`       // host names to fetch a certificate for, in place of a file
	ACMEEmail string   `mapstructure:"acme_email"` // where the authority writes when something is wrong
	ACMEURL   string   `mapstructure:"acme_url"`   // the authority's directory
	Redirect  string   `mapstructure:"redirect"`   // a listener such as :80 that leads to https; empty: none
}

// On says whether the listeners speak TLS themselves.
func (t TLS) On() bool { return t.Cert != "" || len(t.ACME) > 0 }

// Telegram is the Telegram channel; it runs when Token is set.
type Telegram struct {
	Token         Secret `mapstructure:"token"`
	APIURL        string `mapstructure:"api_url"`
	Mode          string `mapstructure:"mode"` // polling or webhook
	WebhookSecret Secret `mapstructure:"webhook_secret"`
}

// Twilio is the Twilio SMS channel; it runs when AccountSID is set.
type Twilio struct {
	AccountSID          string  `mapstructure:"account_sid"`
	AuthToken           Secret  `mapstructure:"auth_token"`
	From                string  `mapstructure:"from"`
	MessagingServiceSID string  `mapstructure:"messaging_service_sid"`
	APIURL              string  `mapstructure:"api_url"`
	PerSecond           float64 `mapstructure:"per_second"` // ordinary messages a second the sender may send
}

// Kannel is the SMS channel through an operator's account or a modem; it runs when SendURL is set.
type Kannel struct {
	SendURL        string   `mapstructure:"send_url"` // smsbox's sendsms
	Username       string   `mapstructure:"username"`
	Password       Secret   `mapstructure:"password"`
	Secret         Secret   `mapstructure:"secret"` // what Kannel's requests carry
	From           string   `mapstructure:"from"`
	Allow          []string `mapstructure:"allow"`        // addresses or CIDRs Kannel calls from
	CallbackURL    string   `mapstructure:"callback_url"` // the listener as Kannel sees it; empty: Listen on this machine
	SMSC           string   `mapstructure:"smsc"`         // smsc-id to send through; empty: Kannel decides
	Split          string   `mapstructure:"split"`        // who cuts long texts into parts: kannel or own
	Country        string   `mapstructure:"country"`      // country code of numbers written without
	StatusURL      string   `mapstructure:"status_url"`   // bearerbox's status.xml, for doctor
	StatusPassword Secret   `mapstructure:"status_password"`
}

// Web is the web chat.
type Web struct {
	Enabled    bool          `mapstructure:"enabled"`
	QuickExit  string        `mapstructure:"quick_exit"`  // where the quick-exit button leads
	PerMinute  int           `mapstructure:"per_minute"`  // messages a network address may send a minute
	AnswerWait time.Duration `mapstructure:"answer_wait"` // how long a page without script waits for its answer
}

// Console is where the staff work, below /console/.
type Console struct {
	Enabled      bool          `mapstructure:"enabled"`
	Listen       string        `mapstructure:"listen"`        // a listener of its own; empty: the public one
	URL          string        `mapstructure:"url"`           // its address as the staff see it; empty: public_url, or the listener's own
	Idle         time.Duration `mapstructure:"idle"`          // after which a session ends that nobody used
	Longest      time.Duration `mapstructure:"longest"`       // after which every session ends
	SecondFactor []string      `mapstructure:"second_factor"` // roles that must log in with a second factor

	OIDCIssuer       string `mapstructure:"oidc_issuer"` // an OpenID Connect provider to log in with; empty: passwords only
	OIDCClientID     string `mapstructure:"oidc_client_id"`
	OIDCClientSecret Secret `mapstructure:"oidc_client_secret"`
	OIDCClaim        string `mapstructure:"oidc_claim"` // of the ID token, which holds the login
}

// SMS is what every SMS channel shares.
type SMS struct {
	Price   float64 `mapstructure:"price"`    // đồng a segment, for the estimate in the metrics; 0: not known
	PerHour int     `mapstructure:"per_hour"` // segments an hour for answers to ordinary messages, all people together; 0: no bound
}

// Bulletin is when staff-made series may reach people, times of day in Viet Nam.
type Bulletin struct {
	From string `mapstructure:"from"` // "07:30"
	To   string `mapstructure:"to"`   // "20:30"
}

// Minutes are the times as minutes of the day; Validate has seen that they are times.
func (b Bulletin) Minutes() (from, to int) { return minuteOf(b.From), minuteOf(b.To) }

// minuteOf reads "07:30"; -1: it is no time of day.
func minuteOf(s string) int {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

// Triage is the recognition of urgent messages.
type Triage struct {
	SafeWord string `mapstructure:"safe_word"` // a word that raises a case from anywhere; empty: none
}

// Hotline is how the people on duty are told of urgent cases; any number of ways at once.
type Hotline struct {
	TelegramChat    string        `mapstructure:"telegram_chat"`    // number of the duty group, in which the service's own bot is a member; "number/topic" for one topic of it
	WebhookURL      string        `mapstructure:"webhook_url"`      // https, or http on this machine
	WebhookSecret   Secret        `mapstructure:"webhook_secret"`   // signs what is posted there
	SMTPURL         Secret        `mapstructure:"smtp_url"`         // smtps://user:password@host:465 or smtp://…:587
	EmailTo         []string      `mapstructure:"email_to"`         // who gets mail
	SMSTo           string        `mapstructure:"sms_to"`           // the duty telephone, +84…
	PrimeroURL      string        `mapstructure:"primero_url"`      // a Primero system
	PrimeroUsername string        `mapstructure:"primero_username"` //
	PrimeroPassword Secret        `mapstructure:"primero_password"` //
	Roster          string        `mapstructure:"roster"`           // file of the duty roster; empty: everybody at any hour
	AckEmergency    time.Duration `mapstructure:"ack_emergency"`    // in which somebody must take an emergency
	AckUrgent       time.Duration `mapstructure:"ack_urgent"`       // the same for every other case
}

// Retention is how long things are kept.
type Retention struct {
	Messages   time.Duration `mapstructure:"messages"`
	Idle       time.Duration `mapstructure:"idle"`
	Unanswered time.Duration `mapstructure:"unanswered"`
	Cases      time.Duration `mapstructure:"cases"` // closed cases; 0: treem removes none
}

// Secret is a value that never prints.
type Secret string

// String hides the value; an empty secret prints as nothing.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "••••••"
}

// GoString hides the value.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal returns the value itself.
func (s Secret) Reveal() string { return string(s) }
