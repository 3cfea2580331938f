// Package console is where the staff work: authors and reviewers on the texts, officers on urgent cases, leaders with the
// figures, administrators on accounts. It is rendered on the server and works without JavaScript; a script adds the news
// of the case desk, its sound, and live previews.
//
// # Adding a page
//
// A page is a route in routes.go with the right it needs, a handler that returns an [answer], a template in templates/ and
// its words, in both languages, in words.yaml. The frame takes care of sessions, rights, headers, errors and the
// language. What changes something is a POST, and returns an answer that leads on to a GET.
package console

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/report"
	"treem/bot/staff"
	"treem/bot/store"
	"treem/bot/triage"
	"treem/channels"

	"github.com/alexedwards/scs/v2"
)

// Accounts keeps the people of the console, their one-time links, failed log-ins and the audit log. bot/store describes
// each method.
type Accounts interface {
	Account(ctx context.Context, id string) (staff.Account, error)
	AccountByLogin(ctx context.Context, login string) (staff.Account, error)
	Accounts(ctx context.Context) ([]staff.Account, error)
	SaveAccount(ctx context.Context, a staff.Account, linkHash string, expires time.Time, r staff.Record) error
	Link(ctx context.Context, tokenHash string, now time.Time) (staff.Account, error)
	UseLink(ctx context.Context, tokenHash string, a staff.Account, r staff.Record, now time.Time) error
	Attempts(ctx context.Context, who string) (staff.Attempts, error)
	LoginFailed(ctx context.Context, r staff.Record, who ...string) error
	LoginWorked(ctx context.Context, r staff.Record, who ...string) error
	Record(ctx context.Context, r staff.Record) error
	Records(ctx context.Context, who string, before int64, limit int) ([]staff.Record, int64, error)
}

// Cases reads urgent cases for the desk.
type Cases interface {
	Queue(ctx context.Context, over bool, limit int) ([]store.Queued, error)
	CaseByRef(ctx context.Context, ref string) (handover.Case, error)
	Talk(ctx context.Context, c handover.Case) ([]channels.Line, error)
	Words(ctx context.Context, c handover.Case) ([]channels.Line, error)
}

// Actor does what officers want with cases; see bot.Bot.Act.
type Actor interface {
	Act(ctx context.Context, caseID string, a handover.Act) error
}

// Config is what the console needs. Everything is needed but Provider.
type Config struct {
	Accounts     Accounts
	Sessions     scs.CtxStore
	Cases        Cases
	Actor        Actor
	Drafts       Drafts
	Editor       Editor
	Shelf        Shelf
	ReadStatute  ReadStatute
	Rosters      Rosters
	Report       func(ctx context.Context, year int, part string) (report.Document, error) // as report.Part; NotFound: there is no such part, or no day of it is over
	Assess       func(text string) triage.Assessment                                       // what triage finds in a message
	Desk         *bot.Desk
	Forms        fs.FS                      // content with forms/form-01.html
	PublicURL    string                     // decides whether cookies are for https only
	Sender       func(*http.Request) string // the network a request comes from, behind trusted proxies
	Idle         time.Duration              // after which a session ends that nobody used
	Longest      time.Duration              // after which every session ends
	Provider     *Provider                  // another way to log in; nil: passwords only
	SecondFactor []staff.Role               // roles that must log in with a second factor
	Now          func() time.Time
	NewID        func() string // fresh, unguessable, safe in addresses
	Log          *slog.Logger
}

// Console serves the pages.
type Console struct {
	cfg      Config
	sessions *scs.SessionManager
	provider *provider // nil: none
	guard    *http.CrossOriginProtection
	words    words
	pages    map[string]*template.Template
	files    map[string]file
	stopped  chan struct{}
}

//go:embed all:templates static words.yaml
var assets embed.FS

// Path is where the console begins.
const Path = "/console/"

// New makes the console. An error names what is wrong.
func New(cfg Config) (*Console, error) {
	public, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("console: public_url: %w", err)
	}
	c := &Console{cfg: cfg, stopped: make(chan struct{}), guard: http.NewCrossOriginProtection()}
	if public.Host != "" {
		if err := c.guard.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
			return nil, fmt.Errorf("console: public_url: %w", err)
		}
	}
	c.sessions = scs.New()
	c.sessions.Store = cfg.Sessions
	c.sessions.HashTokenInStore = true
	c.sessions.Lifetime = cfg.Longest // Idle is ours to watch, see recognise
	c.sessions.Cookie = scs.SessionCookie{Name: "treem-console", Path: Path, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if public.Scheme == "https" {
		c.sessions.Cookie.Name, c.sessions.Cookie.Secure = "__Secure-treem-console", true
	}
	c.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		c.cfg.Log.Error("console session failed", "error", err)
		c.plain(w, http.StatusInternalServerError, "Máy đang trục trặc. Xin thử lại.")
	}
	if cfg.Provider != nil {
		c.provider = &provider{cfg: *cfg.Provider, callback: strings.TrimSuffix(cfg.PublicURL, "/") + oidcPath + "callback"}
	}
	if c.words, err = readWords(assets); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if c.files, err = readFiles(assets); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if c.pages, err = c.readPages(); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return c, nil
}

// Stop ends the pages that wait for news.
func (c *Console) Stop() { close(c.stopped) }

// Handler serves everything below Path.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range c.routes() {
		mux.Handle(r.pattern, c.serve(r))
	}
	mux.HandleFunc("GET "+Path+"static/{name}", c.file)
	mux.HandleFunc("GET "+Path+"cases/news", c.news)
	mux.Handle(Path, c.serve(route{run: func(*visit) (answer, error) { return answer{}, fault(http.StatusNotFound, "problem.not-found") }, public: true}))
	return c.guard.Handler(c.withHeaders(mux))
}
