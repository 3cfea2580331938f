package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/console"
	"treem/bot/report"
	"treem/bot/staff"
	"treem/bot/store"
	"treem/bot/triage"
	"treem/channels"
	"treem/kb/content"
)

// openConsole serves the console on a listener of its own if one is set, else on the public one.
func (a *App) openConsole(public *http.ServeMux) error {
	if !a.cfg.Console.Enabled {
		return nil
	}
	proxies, err := channels.ParseProxies(a.cfg.TrustedProxy)
	if err != nil {
		return err
	}
	var required []staff.Role
	for _, r := range a.cfg.Console.SecondFactor {
		required = append(required, staff.Role(r))
	}
	var provider *console.Provider
	if o := a.cfg.Console; o.OIDCIssuer != "" {
		provider = &console.Provider{Issuer: o.OIDCIssuer, ClientID: o.OIDCClientID, ClientSecret: o.OIDCClientSecret.Reveal(), Claim: o.OIDCClaim}
	}
	c, err := console.New(console.Config{
		Provider:    provider,
		Accounts:    a.store,
		Sessions:    store.Sessions{Store: a.store, Now: time.Now},
		Cases:       a.store,
		Actor:       a.bot,
		Drafts:      a.store,
		Editor:      a.editor,
		Shelf:       a.store,
		ReadStatute: readStatute,
		Rosters:     a.rosters,
		Report: func(ctx context.Context, year int, part string) (report.Document, error) {
			p, err := report.Part(year, part, time.Now())
			if err != nil {
				return report.Document{}, &bot.Error{Code: bot.NotFound, Op: "report", Err: err}
			}
			return makeReport(ctx, a.store, a.bot.Desk, a.editor.Content(), p, a.cfg.SMS.Price, time.Now())
		},
		Assess: func(text string) triage.Assessment {
			k := a.live.current()
			return k.triage.Assess(k.text.Normalise(text), triage.Context{})
		},
		Desk:         a.bot.Desk,
		Forms:        content.FS,
		PublicURL:    a.consoleURL(),
		Sender:       proxies.Sender,
		Idle:         a.cfg.Console.Idle,
		Longest:      a.cfg.Console.Longest,
		SecondFactor: required,
		Now:          time.Now,
		NewID:        rand.Text,
		Log:          a.log,
	})
	if err != nil {
		return err
	}
	a.console = a.consoleURL()
	if a.cfg.Console.Listen == "" {
		public.Handle(console.Path, c.Handler())
	} else if _, err := a.serve("console", a.cfg.Console.Listen, c.Handler(), a.tls); err != nil {
		return err
	}
	a.onClose("console", func(context.Context) error { c.Stop(); return nil })
	return nil
}

// consoleURL is the console's address as the staff see it, without its path.
func (a *App) consoleURL() string {
	return strings.TrimSuffix(cmp.Or(a.cfg.Console.URL, a.publicConsole(), localURL(cmp.Or(a.cfg.Console.Listen, a.cfg.Listen))), "/")
}

func (a *App) publicConsole() string {
	if a.cfg.Console.Listen != "" {
		return ""
	}
	return a.cfg.PublicURL
}

// firstAdministrator is the login of the account that is made when there is none that could log in.
const firstAdministrator = "admin"

// invite tells where the console is and, while nobody could log in there, by which one-time address the first
// administrator sets a password. Every start makes a new one.
func (a *App) invite(ctx context.Context, w io.Writer) error {
	if a.console == "" {
		return nil
	}
	all, err := a.store.Accounts(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(one staff.Account) bool { return one.PasswordHash != "" && one.May(staff.EditAccounts) }) {
		fmt.Fprintf(w, "  console   %s%s\n", a.console, console.Path)
		return nil
	}
	var token string
	for range 5 { // programs that start at once do the same
		token, err = newLink(ctx, a.store, staff.Account{Login: firstAdministrator, Name: "Quản trị viên", Roles: []staff.Role{staff.Administrator}}, "account.first")
		if bot.ErrorCode(err) != bot.Conflict {
			break
		}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  console   %s%slink/%s\n            (for the first administrator, once, within %s)\n", a.console, console.Path, token, staff.LinkLasts)
	return nil
}

// newLink gives the account of a login a new one-time token, making the account as wanted if there is none.
func newLink(ctx context.Context, s *store.Store, wanted staff.Account, action string) (token string, err error) {
	now := time.Now()
	a, err := s.AccountByLogin(ctx, wanted.Login)
	if bot.ErrorCode(err) == bot.NotFound {
		a, err = wanted, nil
		a.ID, a.CreatedAt = rand.Text(), now
	}
	if err != nil {
		return "", err
	}
	a.UpdatedAt = now
	a.Version++
	token = rand.Text()
	return token, s.SaveAccount(ctx, a, staff.TokenHash(token), now.Add(staff.LinkLasts), staff.Record{At: now, Action: action, Object: a.Login})
}

// staffNames knows officers by the roster, and by the accounts of the console.
type staffNames struct {
	bot.Officers // nil: no roster
	store        *store.Store
}

// Officer implements bot.Officers.
func (n staffNames) Officer(a channels.Address) (string, bool) {
	if n.Officers == nil {
		return "", false
	}
	return n.Officers.Officer(a)
}

// Name implements bot.Officers. It reads the database, so it is not to be called inside a transaction.
func (n staffNames) Name(id string) string {
	if n.Officers != nil {
		if name := n.Officers.Name(id); name != "" {
			return name
		}
	}
	if strings.Contains(id, ":") { // somebody known by a channel's number only
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	a, err := n.store.AccountByLogin(ctx, id)
	if err != nil {
		return ""
	}
	return a.Name
}
