package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/staff"
)

func (c *Console) home(v *visit) (answer, error) {
	if n := nav(v); len(v.who.Roles) == 1 {
		return answer{to: n[0].To}, nil
	}
	return answer{page: "home", title: "home.title"}, nil
}

func (c *Console) accountList(v *visit) (answer, error) {
	all, err := c.cfg.Accounts.Accounts(v.Context())
	return answer{page: "account_list", title: "nav.accounts", data: all}, err
}

type accountPage struct {
	Account  staff.Account
	New      bool
	Roles    []staff.Role
	Problems []string
	Link     string // a fresh one-time address, shown once
}

// Has says whether the account has a role, for the form.
func (p accountPage) Has(r staff.Role) bool { return slices.Contains(p.Account.Roles, r) }

func (c *Console) accountEdit(v *visit) (answer, error) {
	p := accountPage{New: v.PathValue("login") == "", Roles: staff.Roles}
	if !p.New {
		var err error
		if p.Account, err = c.cfg.Accounts.AccountByLogin(v.Context(), v.PathValue("login")); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "account_edit", title: "account.title", data: p}, nil
}

// accountSave makes or changes an account. Nobody takes the administrator's role from, or switches off, themselves: the
// last one would lock everybody out.
func (c *Console) accountSave(v *visit) (answer, error) {
	p := accountPage{New: v.PathValue("login") == "", Roles: staff.Roles}
	now := c.cfg.Now()
	if p.New {
		p.Account = staff.Account{ID: c.cfg.NewID(), Login: strings.ToLower(v.field("login")), CreatedAt: now}
	} else {
		var err error
		if p.Account, err = c.cfg.Accounts.AccountByLogin(v.Context(), v.PathValue("login")); err != nil {
			return answer{}, err
		}
		if v.field("version") != strconv.FormatInt(p.Account.Version, 10) {
			return answer{}, fault(http.StatusConflict, "problem.conflict")
		}
	}
	a := &p.Account
	before := accountSummary(a)
	a.Name, a.Roles, a.Disabled, a.UpdatedAt = v.field("name"), nil, v.field("disabled") != "" && !p.New, now
	for _, r := range v.PostForm["role"] {
		a.Roles = append(a.Roles, staff.Role(r))
	}
	if v.field("no-second-factor") != "" {
		a.SecondFactor, a.UsedStep = "", 0
	}
	err := a.Check()
	for fault, key := range map[error]string{staff.ErrLogin: "account.bad-login", staff.ErrName: "account.bad-name", staff.ErrRoles: "account.bad-roles"} {
		if errors.Is(err, fault) {
			p.Problems = append(p.Problems, key)
		}
	}
	if a.ID == v.who.ID && (a.Disabled || !slices.Contains(a.Roles, staff.Administrator)) {
		p.Problems = append(p.Problems, "account.yourself")
	}
	if len(p.Problems) > 0 {
		slices.Sort(p.Problems)
		return answer{page: "account_edit", title: "account.title", status: http.StatusUnprocessableEntity, data: p}, nil
	}
	a.Version++
	if !p.New {
		if err := c.cfg.Accounts.SaveAccount(v.Context(), *a, "", time.Time{}, v.line("account.save", a.Login, before+" → "+accountSummary(a))); err != nil {
			return answer{}, err
		}
		return answer{to: Path + "accounts", notice: "saved"}, nil
	}
	err = c.saveWithLink(v, &p, "account.new")
	if bot.ErrorCode(err) == bot.Conflict {
		p.Problems, p.Account.Version, p.Link = []string{"account.login-taken"}, 0, ""
		return answer{page: "account_edit", title: "account.title", status: http.StatusUnprocessableEntity, data: p}, nil
	}
	p.New = false
	return answer{page: "account_edit", title: "account.title", data: p}, err
}

// accountLink makes a new one-time address; older ones hold no more.
func (c *Console) accountLink(v *visit) (answer, error) {
	p := accountPage{Roles: staff.Roles}
	var err error
	if p.Account, err = c.cfg.Accounts.AccountByLogin(v.Context(), v.PathValue("login")); err != nil {
		return answer{}, err
	}
	p.Account.Version++
	p.Account.UpdatedAt = c.cfg.Now()
	err = c.saveWithLink(v, &p, "account.link")
	return answer{page: "account_edit", title: "account.title", data: p}, err
}

func (c *Console) saveWithLink(v *visit, p *accountPage, action string) error {
	token := c.cfg.NewID()
	p.Link = strings.TrimSuffix(c.cfg.PublicURL, "/") + Path + "link/" + token
	return c.cfg.Accounts.SaveAccount(v.Context(), p.Account, staff.TokenHash(token), c.cfg.Now().Add(staff.LinkLasts),
		v.line(action, p.Account.Login, accountSummary(&p.Account)))
}

// accountSummary is what the audit log says of an account.
func accountSummary(a *staff.Account) string {
	var roles []string
	for _, r := range a.Roles {
		roles = append(roles, string(r))
	}
	s := strings.Join(roles, ",")
	if a.Disabled {
		s += " disabled"
	}
	if a.SecondFactor != "" {
		s += " second-factor"
	}
	return s
}

type auditPage struct {
	Lines []staff.Record
	Who   string
	Next  int64
}

const auditLines = 100

func (c *Console) audit(v *visit) (answer, error) {
	before, _ := strconv.ParseInt(v.FormValue("before"), 10, 64)
	p := auditPage{Who: strings.TrimSpace(v.FormValue("who"))}
	var err error
	p.Lines, p.Next, err = c.cfg.Accounts.Records(v.Context(), p.Who, before, auditLines)
	return answer{page: "audit_list", title: "nav.audit", data: p}, err
}
