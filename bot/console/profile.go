package console

import (
	"bytes"
	"errors"
	"image/png"
	"net/http"
	"strings"
	"time"

	"treem/bot/staff"
)

type passwordPage struct {
	Name, Login, Problem string
	Token                string
}

// link shows the form by which somebody sets their first, or a new, password.
func (c *Console) link(v *visit) (answer, error) {
	a, err := c.cfg.Accounts.Link(v.Context(), staff.TokenHash(v.PathValue("token")), c.cfg.Now())
	if err != nil {
		return answer{}, err
	}
	return answer{page: "link", title: "link.title", data: passwordPage{Name: a.Name, Login: a.Login, Token: v.PathValue("token")}}, nil
}

func (c *Console) useLink(v *visit) (answer, error) {
	hash := staff.TokenHash(v.PathValue("token"))
	a, err := c.cfg.Accounts.Link(v.Context(), hash, c.cfg.Now())
	if err != nil {
		return answer{}, err
	}
	if why := c.newPassword(v, &a); why != "" {
		return answer{page: "link", title: "link.title", status: http.StatusUnprocessableEntity,
			data: passwordPage{a.Name, a.Login, why, v.PathValue("token")}}, nil
	}
	line := staff.Record{At: c.cfg.Now(), Who: a.Login, Action: "account.password", Object: a.Login}
	if err := c.cfg.Accounts.UseLink(v.Context(), hash, a, line, c.cfg.Now()); err != nil {
		return answer{}, err
	}
	if a.SecondFactor != "" {
		return answer{to: Path + "login", notice: "link.done"}, nil
	}
	return c.enter(v, &a)
}

// newPassword puts the form's new password into an account; else it returns the key that says why not.
func (c *Console) newPassword(v *visit, a *staff.Account) string {
	password := v.PostFormValue("password")
	switch err := staff.CheckPassword(password, a); {
	case errors.Is(err, staff.ErrShort), errors.Is(err, staff.ErrLong):
		return "password.length"
	case err != nil:
		return "password.weak"
	case password != v.PostFormValue("again"):
		return "password.differ"
	}
	hash, err := staff.HashPassword(password)
	if err != nil {
		return "problem.internal"
	}
	a.PasswordHash, a.UpdatedAt = hash, c.cfg.Now()
	a.Version++
	return ""
}

func (c *Console) profile(v *visit) (answer, error) {
	return answer{page: "profile", title: "profile.title", data: passwordPage{}}, nil
}

func (c *Console) setPassword(v *visit) (answer, error) {
	a := v.who
	if !staff.PasswordFits(v.PostFormValue("old"), &a) {
		if err := c.refused(v, a.Login, "account.password-refused"); err != nil {
			return answer{}, err
		}
		return answer{page: "profile", title: "profile.title", status: http.StatusUnprocessableEntity, data: passwordPage{Problem: "password.old-wrong"}}, nil
	}
	if why := c.newPassword(v, &a); why != "" {
		return answer{page: "profile", title: "profile.title", status: http.StatusUnprocessableEntity, data: passwordPage{Problem: why}}, nil
	}
	if err := c.cfg.Accounts.SaveAccount(v.Context(), a, "", time.Time{}, v.line("account.password", a.Login, "")); err != nil {
		return answer{}, err
	}
	if err := c.sessions.RenewToken(v.Context()); err != nil {
		return answer{}, err
	}
	c.sessions.Put(v.Context(), sessionMark, mark(&a))
	return answer{to: Path + "profile", notice: "password.done"}, nil
}

type factorPage struct {
	Secret   string
	Problem  string
	Required bool
	Has      bool
}

// issuer is what authenticator apps call the service.
const issuer = "treem"

// secondFactor shows the secret that is being set up; it is the account's only once a code proved that the app has it.
func (c *Console) secondFactor(v *visit) (answer, error) {
	ctx := v.Context()
	p := factorPage{Has: v.who.SecondFactor != "", Required: v.who.NeedsSecondFactor(c.cfg.SecondFactor)}
	p.Secret = c.sessions.GetString(ctx, sessionSecret)
	if p.Secret == "" {
		key, err := staff.NewSecondFactor(&v.who, issuer)
		if err != nil {
			return answer{}, err
		}
		p.Secret = key.Secret()
		c.sessions.Put(ctx, sessionSecret, p.Secret)
	}
	return answer{page: "second_factor", title: "factor.title", data: p}, nil
}

func (c *Console) secondFactorPicture(v *visit) (answer, error) {
	secret := c.sessions.GetString(v.Context(), sessionSecret)
	if secret == "" {
		return answer{}, fault(http.StatusNotFound, "problem.not-found")
	}
	key, err := staff.SecondFactorKey(secret, &v.who, issuer)
	if err != nil {
		return answer{}, err
	}
	picture, err := key.Image(232, 232)
	if err != nil {
		return answer{}, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return answer{}, err
	}
	return answer{file: &download{kind: "image/png", body: out.Bytes()}}, nil
}

func (c *Console) setSecondFactor(v *visit) (answer, error) {
	ctx, a := v.Context(), v.who
	secret := c.sessions.GetString(ctx, sessionSecret)
	step, ok := staff.CodeFits(strings.ReplaceAll(v.field("code"), " ", ""), secret, 0, c.cfg.Now())
	if secret == "" || !ok || a.SecondFactor != "" && !staff.PasswordFits(v.PostFormValue("old"), &a) {
		p := factorPage{Secret: secret, Problem: "factor.wrong", Has: a.SecondFactor != "", Required: a.NeedsSecondFactor(c.cfg.SecondFactor)}
		return answer{page: "second_factor", title: "factor.title", status: http.StatusUnprocessableEntity, data: p}, nil
	}
	a.SecondFactor, a.UsedStep, a.UpdatedAt = secret, step, c.cfg.Now()
	a.Version++
	if err := c.cfg.Accounts.SaveAccount(ctx, a, "", time.Time{}, v.line("account.second-factor", a.Login, "")); err != nil {
		return answer{}, err
	}
	if err := c.sessions.RenewToken(ctx); err != nil {
		return answer{}, err
	}
	c.sessions.Remove(ctx, sessionSecret)
	c.sessions.Put(ctx, sessionMark, mark(&a))
	return answer{to: Path + "profile", notice: "factor.done"}, nil
}
