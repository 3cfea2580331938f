package console

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/staff"
)

// languageCookie holds the language a browser chose. Who is not logged in has no session: their visits store nothing.
const languageCookie = "treem-console-language"

// What a session holds.
const (
	sessionAccount  = "account"  // id of who is logged in
	sessionMark     = "mark"     // see mark
	sessionUsed     = "used"     // about when it was last used, Unix seconds
	sessionPending  = "pending"  // id of who gave the right password and owes a code
	sessionWanted   = "wanted"   // the page that was asked for before logging in, while a code is owed
	sessionNotice   = "notice"   // key of what is said once
	sessionProvider = "provider" // true: an OpenID provider vouched for who is logged in
	sessionSecret   = "secret"   // a second factor that is being set up
	sessionOpened   = "opened "  // followed by a case's id: until when its words may be shown, Unix seconds
)

type loginPage struct {
	Login, Problem, Wait string
	To                   string // the page that was asked for
	Provider             bool   // there is another way to log in
}

func (c *Console) login(v *visit) (answer, error) {
	if v.who.ID != "" {
		return answer{to: Path}, nil
	}
	return answer{page: "login", title: "login.title", data: loginPage{To: v.FormValue("to"), Provider: c.provider != nil}}, nil
}

// tryLogin checks login and password. Whether a login exists shows neither in the answer nor in the time it takes.
func (c *Console) tryLogin(v *visit) (answer, error) {
	ctx, login := v.Context(), strings.ToLower(v.field("login"))
	wait, err := c.mustWait(v, login)
	if err != nil {
		return answer{}, err
	}
	if wait > 0 {
		return answer{page: "login", title: "login.title", status: http.StatusTooManyRequests,
			data: loginPage{Login: login, To: v.FormValue("to"), Problem: "login.wait", Wait: wait.Round(time.Second).String()}}, nil
	}
	account, err := c.cfg.Accounts.AccountByLogin(ctx, login)
	found := &account
	if bot.ErrorCode(err) == bot.NotFound {
		found = nil
	} else if err != nil {
		return answer{}, err
	}
	if !staff.PasswordFits(v.PostFormValue("password"), found) || found.Disabled {
		if err := c.refused(v, login, "login.refused"); err != nil {
			return answer{}, err
		}
		return answer{page: "login", title: "login.title", status: http.StatusUnauthorized, data: loginPage{Login: login, Problem: "login.wrong", To: v.FormValue("to")}}, nil
	}
	if found.SecondFactor != "" {
		if err := c.sessions.RenewToken(ctx); err != nil {
			return answer{}, err
		}
		c.sessions.Put(ctx, sessionPending, found.ID)
		c.sessions.Put(ctx, sessionMark, mark(found))
		c.sessions.Put(ctx, sessionWanted, v.FormValue("to"))
		return answer{to: Path + "code"}, nil
	}
	return c.enter(v, found)
}

// mustWait is how long a log-in must still wait after failures under the login or from the network.
func (c *Console) mustWait(v *visit, login string) (time.Duration, error) {
	byLogin, err := c.cfg.Accounts.Attempts(v.Context(), "login "+login)
	if err != nil {
		return 0, err
	}
	byNetwork, err := c.cfg.Accounts.Attempts(v.Context(), "network "+c.cfg.Sender(v.Request))
	if err != nil {
		return 0, err
	}
	now := c.cfg.Now()
	return max(byLogin.Wait(staff.FreeForLogin, now), byNetwork.Wait(staff.FreeForNetwork, now)), nil
}

// refused counts a failure. The audit log names only logins that exist: what was typed may be a password.
func (c *Console) refused(v *visit, login, action string) error {
	line := staff.Record{At: c.cfg.Now(), Action: action}
	if _, err := c.cfg.Accounts.AccountByLogin(v.Context(), login); err == nil {
		line.Object = login
	}
	return c.cfg.Accounts.LoginFailed(v.Context(), line, "login "+login, "network "+c.cfg.Sender(v.Request))
}

// enter begins the session of somebody who proved who they are.
func (c *Console) enter(v *visit, a *staff.Account) (answer, error) {
	ctx := v.Context()
	if err := c.sessions.RenewToken(ctx); err != nil {
		return answer{}, err
	}
	line := staff.Record{At: c.cfg.Now(), Who: a.Login, Action: "login", Object: a.Login}
	if err := c.cfg.Accounts.LoginWorked(ctx, line, "login "+a.Login); err != nil {
		return answer{}, err
	}
	c.sessions.Remove(ctx, sessionPending)
	c.sessions.Put(ctx, sessionAccount, a.ID)
	c.sessions.Put(ctx, sessionUsed, c.cfg.Now().Unix())
	c.sessions.Put(ctx, sessionMark, mark(a))
	to := cmp.Or(v.FormValue("to"), c.sessions.PopString(ctx, sessionWanted))
	return answer{to: inside(to)}, nil
}

// inside is an address of the console that a form named, or its first page.
func inside(to string) string {
	if !strings.HasPrefix(to, Path) || strings.Contains(to, "..") {
		return Path
	}
	return to
}

// pending is who gave the right password and owes a code.
func (c *Console) pending(v *visit) (staff.Account, error) {
	id := c.sessions.GetString(v.Context(), sessionPending)
	if id == "" {
		return staff.Account{}, &bot.Error{Code: bot.NotFound, Op: "log in"}
	}
	a, err := c.cfg.Accounts.Account(v.Context(), id)
	if err == nil && (a.Disabled || mark(&a) != c.sessions.GetString(v.Context(), sessionMark)) {
		err = &bot.Error{Code: bot.NotFound, Op: "log in"}
	}
	return a, err
}

func (c *Console) code(v *visit) (answer, error) {
	if _, err := c.pending(v); err != nil {
		return answer{to: Path + "login"}, nil
	}
	return answer{page: "code", title: "code.title", data: loginPage{}}, nil
}

func (c *Console) tryCode(v *visit) (answer, error) {
	a, err := c.pending(v)
	if err != nil {
		return answer{to: Path + "login"}, nil
	}
	wait, err := c.mustWait(v, a.Login)
	if err != nil {
		return answer{}, err
	}
	if wait > 0 {
		return answer{page: "code", title: "code.title", status: http.StatusTooManyRequests, data: loginPage{Problem: "login.wait", Wait: wait.Round(time.Second).String()}}, nil
	}
	step, ok := staff.CodeFits(strings.ReplaceAll(v.field("code"), " ", ""), a.SecondFactor, a.UsedStep, c.cfg.Now())
	if !ok {
		if err := c.refused(v, a.Login, "login.code-refused"); err != nil {
			return answer{}, err
		}
		return answer{page: "code", title: "code.title", status: http.StatusUnauthorized, data: loginPage{Problem: "code.wrong"}}, nil
	}
	a.UsedStep = step
	a.Version++
	err = c.cfg.Accounts.SaveAccount(v.Context(), a, "", time.Time{}, staff.Record{At: c.cfg.Now(), Who: a.Login, Action: "login.code", Object: a.Login})
	if err != nil { // two at once with one code: one of them must ask for another
		return answer{}, err
	}
	return c.enter(v, &a)
}

func (c *Console) logout(v *visit) (answer, error) {
	if err := v.record(v.Context(), "logout", v.who.Login, ""); err != nil {
		return answer{}, err
	}
	if err := c.sessions.Destroy(v.Context()); err != nil {
		return answer{}, err
	}
	return answer{to: Path + "login"}, nil
}

func (c *Console) setLanguage(v *visit) (answer, error) {
	language := vietnamese
	if v.field("language") == english {
		language = english
	}
	// #nosec G124 -- Secure wherever the console is reached by https
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Value: language, Path: Path, MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, Secure: c.sessions.Cookie.Secure, SameSite: http.SameSiteStrictMode})
	return answer{to: inside(v.field("back"))}, nil
}
