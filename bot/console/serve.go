package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/staff"
)

// visit is one request, and who made it.
type visit struct {
	*http.Request
	w        http.ResponseWriter // for cookies
	console  *Console
	who      staff.Account // no id: nobody is logged in
	language string
}

// answer is what a handler wants shown: a page, another address, or a file to keep.
type answer struct {
	page   string // template in templates/, without its ending
	title  string // key in words.yaml, or the title itself
	data   any    // .D in the template
	status int    // 0: 200
	to     string // address to go on to
	notice string // key in words.yaml of what is said once, on the page that comes next
	file   *download
}

// download is a file. Only types of ours are shown in the browser; others are kept.
type download struct {
	name   string // empty: shown in the browser
	kind   string
	policy string // Content-Security-Policy; empty: nothing is loaded
	body   []byte
}

// problem is an error that the person can do something about: a status and a key in words.yaml.
type problem struct {
	status int
	key    string
}

func (p problem) Error() string { return p.key }

func fault(status int, key string) error { return problem{status, key} }

// maxForm bounds what a form may hold; uploads have bounds of their own.
const maxForm = 1 << 20

// serve makes an HTTP handler of a route: session, right, second factor, then the page or its problem.
func (c *Console) serve(r route) http.Handler {
	run := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := &visit{Request: req, w: w, console: c, language: vietnamese}
		a, err := c.answer(w, v, r)
		if err != nil {
			a = c.explain(v, err)
		}
		c.write(w, v, a)
	})
	return c.sessions.LoadAndSave(run)
}

func (c *Console) answer(w http.ResponseWriter, v *visit, r route) (a answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.cfg.Log.Error("console page failed", "page", r.pattern, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = fault(http.StatusInternalServerError, "problem.internal")
		}
	}()
	if chosen, err := v.Cookie(languageCookie); err == nil && chosen.Value == english {
		v.language = english
	}
	if err := c.recognise(v); err != nil {
		return answer{}, err
	}
	if v.Method == http.MethodPost {
		limit := int64(maxForm)
		if r.upload > 0 {
			limit = r.upload
		}
		v.Body = http.MaxBytesReader(w, v.Body, limit)
		if err := parse(v.Request, r.upload > 0); err != nil {
			return answer{}, err
		}
	}
	switch {
	case r.public:
	case v.who.ID == "":
		if v.Method != http.MethodGet {
			return answer{to: Path + "login"}, nil
		}
		return answer{to: Path + "login?to=" + url.QueryEscape(v.URL.RequestURI())}, nil
	case r.right != "" && !v.who.May(r.right):
		return answer{}, fault(http.StatusForbidden, "problem.no-right")
	case !r.free && c.owesFactor(v.Context(), &v.who):
		return answer{to: Path + "second-factor"}, nil
	}
	return r.run(v)
}

// parse reads a form, with files only where a route takes them.
func parse(r *http.Request, files bool) error {
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" && files {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return fault(http.StatusRequestEntityTooLarge, "problem.too-long")
	}
	if err != nil {
		return fault(http.StatusBadRequest, "problem.form")
	}
	return nil
}

// recognise finds out who is logged in. A session holds only while the account's password and second factor are those
// it began with.
func (c *Console) recognise(v *visit) error {
	id := c.sessions.GetString(v.Context(), sessionAccount)
	if id == "" {
		return nil
	}
	if c.idle(v.Context()) {
		return c.sessions.Destroy(v.Context())
	}
	a, err := c.cfg.Accounts.Account(v.Context(), id)
	if bot.ErrorCode(err) == bot.NotFound || err == nil && (a.Disabled || mark(&a) != c.sessions.GetString(v.Context(), sessionMark)) {
		return c.sessions.Destroy(v.Context())
	}
	v.who = a
	if now := c.cfg.Now(); now.Sub(time.Unix(c.sessions.GetInt64(v.Context(), sessionUsed), 0)) > usedEvery {
		c.sessions.Put(v.Context(), sessionUsed, now.Unix())
	}
	return err
}

// usedEvery is how exactly it is known when a session was last used. A session is stored whole: were that noted at every
// request, one that reads a page would undo what another, at the same moment, wrote into the session.
const usedEvery = time.Minute

// idle says whether nobody used a session for too long.
func (c *Console) idle(ctx context.Context) bool {
	return c.cfg.Now().Sub(time.Unix(c.sessions.GetInt64(ctx, sessionUsed), 0)) > c.cfg.Idle+usedEvery
}

// owesFactor says whether somebody must set up a second factor before anything else.
func (c *Console) owesFactor(ctx context.Context, a *staff.Account) bool {
	return a.SecondFactor == "" && a.NeedsSecondFactor(c.cfg.SecondFactor) && !c.sessions.GetBool(ctx, sessionProvider)
}

// mark changes whenever the ways to log in change.
func mark(a *staff.Account) string { return staff.TokenHash(a.PasswordHash + a.SecondFactor) }

// explain turns an error into the page that says what happened and what to do.
func (c *Console) explain(v *visit, err error) answer {
	var p problem
	var refused *handover.Refusal
	switch {
	case errors.As(err, &p):
	case errors.As(err, &refused):
		p = problem{http.StatusConflict, "problem.refused"}
	case bot.ErrorCode(err) == bot.NotFound:
		p = problem{http.StatusNotFound, "problem.not-found"}
	case bot.ErrorCode(err) == bot.Conflict:
		p = problem{http.StatusConflict, "problem.conflict"}
	case v.Context().Err() != nil:
		p = problem{http.StatusServiceUnavailable, "problem.internal"}
	default:
		c.cfg.Log.Error("console page failed", "page", v.Pattern, "error", err)
		p = problem{http.StatusInternalServerError, "problem.internal"}
	}
	return answer{page: "problem", title: "problem.title", data: p.key, status: p.status}
}

// frame is what every template is given. D is the page's own.
type frame struct {
	Title, Notice, Path, Language string
	GoOn                          string         // where the page leads on to by itself
	Who                           *staff.Account // nil: nobody is logged in
	Nav                           []link
	D                             any
	words                         words
}

type link struct {
	To, Label string
	Here      bool
}

// T returns a text of words.yaml in the reader's language.
func (f frame) T(key string, args ...any) string { return f.words.in(f.Language, key, args...) }

// May says whether the reader has a right.
func (f frame) May(right string) bool { return f.Who != nil && f.Who.May(staff.Right(right)) }

// write sends an answer.
func (c *Console) write(w http.ResponseWriter, v *visit, a answer) {
	if a.notice != "" && a.to != "" {
		c.sessions.Put(v.Context(), sessionNotice, a.notice)
	}
	switch {
	case a.to != "":
		http.Redirect(w, v.Request, a.to, http.StatusSeeOther)
		return
	case a.file != nil:
		c.writeFile(w, a.file)
		return
	}
	f := frame{Path: v.URL.Path, Language: v.language, D: a.data, words: c.words, Notice: a.notice}
	if f.Notice == "" {
		f.Notice = c.sessions.PopString(v.Context(), sessionNotice)
	}
	if f.Notice != "" {
		f.Notice = f.T(f.Notice)
	}
	f.Title = f.T(a.title)
	if a.page == "oidc" {
		f.GoOn, _ = a.data.(string)
	}
	if v.who.ID != "" {
		f.Who = &v.who
		f.Nav = nav(v)
	}
	var page bytes.Buffer
	if err := c.pages[a.page].ExecuteTemplate(&page, "_frame.html", f); err != nil {
		c.cfg.Log.Error("console template failed", "template", a.page, "error", err)
		c.plain(w, http.StatusInternalServerError, c.words.in(v.language, "problem.internal"))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(max(a.status, http.StatusOK))
	w.Write(page.Bytes())
}

func (c *Console) writeFile(w http.ResponseWriter, d *download) {
	w.Header().Set("Content-Type", d.kind)
	policy := d.policy
	if policy == "" {
		policy = "default-src 'none'; sandbox"
	}
	w.Header().Set("Content-Security-Policy", policy)
	if d.name != "" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
	}
	w.Write(d.body)
}

func (c *Console) plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

// policy lets pages load the console's own style, script and pictures and talk to nobody else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// withHeaders keeps pages out of caches, frames and other sites' hands.
func (c *Console) withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("X-Robots-Tag", "noindex")
		if c.sessions.Cookie.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// readPages parses the templates: each page with the frame and the parts that begin with "_".
func (c *Console) readPages() (map[string]*template.Template, error) {
	names, err := assets.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	helpers := template.FuncMap{"clock": clock, "day": func(t time.Time) string { return t.Format("02/01/2006") }, "iso": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"static": func(name string) string { return Path + "static/" + name + "?" + c.files[name].tag }, "path": func() string { return Path },
		"dict": dict, "lines": func(s string) []string { return strings.Split(s, "\n") }}
	all := map[string]*template.Template{}
	for _, n := range names {
		if name := n.Name(); !strings.HasPrefix(name, "_") {
			t, err := template.New(name).Funcs(helpers).ParseFS(assets, "templates/_*.html", "templates/"+name)
			if err != nil {
				return nil, err
			}
			all[strings.TrimSuffix(name, path.Ext(name))] = t
		}
	}
	return all, nil
}

// dict lets a template give a part several values.
func dict(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m
}

// vietnam is the time people read.
var vietnam = time.FixedZone("ICT", 7*60*60)

func clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(vietnam).Format("15:04 02/01/2006")
}

// record adds a line to the audit log.
func (v *visit) record(ctx context.Context, action, object, detail string) error {
	return v.console.cfg.Accounts.Record(ctx, v.line(action, object, detail))
}

func (v *visit) line(action, object, detail string) staff.Record {
	return staff.Record{At: v.console.cfg.Now(), Who: v.who.Login, Action: action, Object: object, Detail: detail}
}

// field is a form's field without the white space around it.
func (v *visit) field(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
