package console

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"

	"treem/bot"
	"treem/bot/staff"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Provider is where the staff may log in instead: an OpenID Connect provider. Whoever it vouches for is let in if there is an
// account whose login is the claim's value; it is also trusted to have asked for a second factor.
type Provider struct {
	Issuer, ClientID, ClientSecret string
	Claim                          string // of the ID token
}

// provider is the configured provider, found when it is first needed: it may be down when the service starts.
type provider struct {
	cfg      Provider
	callback string

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
	oauth    *oauth2.Config
}

// providerPatience bounds each request to the provider.
const providerPatience = 10 * time.Second

func (p *provider) client(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, &http.Client{Timeout: providerPatience})
}

// find asks the provider for its addresses and keys, once.
func (p *provider) find(ctx context.Context) (*oauth2.Config, *oidc.IDTokenVerifier, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.oauth == nil {
		found, err := oidc.NewProvider(p.client(context.WithoutCancel(ctx)), p.cfg.Issuer)
		if err != nil {
			return nil, nil, err
		}
		p.verifier = found.Verifier(&oidc.Config{ClientID: p.cfg.ClientID})
		p.oauth = &oauth2.Config{ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.callback,
			Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
	}
	return p.oauth, p.verifier, nil
}

// oidcCookie holds what must come back from the provider. The session's own cookie does not go along with a request that
// another site begins, so this one is apart: for these pages only, and for minutes.
const (
	oidcCookie = "treem-console-oidc"
	oidcPath   = Path + "oidc/"
	oidcLasts  = 10 * time.Minute
)

func (c *Console) oidcRemember(w http.ResponseWriter, value string, age int) {
	// #nosec G124 -- Secure wherever the console is reached by https; Lax, for the provider sends the browser back
	http.SetCookie(w, &http.Cookie{Name: oidcCookie, Value: value, Path: oidcPath, MaxAge: age, HttpOnly: true, Secure: c.sessions.Cookie.Secure, SameSite: http.SameSiteLaxMode})
}

// oidcBegin sends the browser to the provider.
func (c *Console) oidcBegin(v *visit) (answer, error) {
	oauth, _, err := c.provider.find(v.Context())
	if err != nil {
		c.cfg.Log.Error("the OpenID provider cannot be asked", "error", err)
		return answer{}, fault(http.StatusServiceUnavailable, "oidc.down")
	}
	state, nonce, verifier := c.cfg.NewID(), c.cfg.NewID(), oauth2.GenerateVerifier()
	c.oidcRemember(v.w, strings.Join([]string{state, nonce, verifier}, " "), int(oidcLasts.Seconds()))
	return answer{to: oauth.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))}, nil
}

// oidcEnd lets in whom the provider vouches for. Its page leads on by itself: only a request that begins here carries the
// session.
func (c *Console) oidcEnd(v *visit) (answer, error) {
	kept, err := v.Cookie(oidcCookie)
	c.oidcRemember(v.w, "", -1)
	refused := fault(http.StatusUnauthorized, "oidc.refused")
	if err != nil {
		return answer{}, refused
	}
	parts := strings.Split(kept.Value, " ")
	if len(parts) != 3 || subtle.ConstantTimeCompare([]byte(parts[0]), []byte(v.FormValue("state"))) != 1 || v.FormValue("code") == "" {
		return answer{}, refused
	}
	oauth, verifier, err := c.provider.find(v.Context())
	if err != nil {
		return answer{}, fault(http.StatusServiceUnavailable, "oidc.down")
	}
	ctx := c.provider.client(v.Context())
	token, err := oauth.Exchange(ctx, v.FormValue("code"), oauth2.VerifierOption(parts[2]))
	if err != nil {
		return answer{}, refused
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := verifier.Verify(ctx, raw)
	if err != nil || id.Nonce != parts[1] {
		return answer{}, refused
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return answer{}, refused
	}
	login, _ := claims[c.provider.cfg.Claim].(string)
	a, err := c.cfg.Accounts.AccountByLogin(v.Context(), strings.ToLower(login))
	if bot.ErrorCode(err) == bot.NotFound || err == nil && a.Disabled {
		line := staff.Record{At: c.cfg.Now(), Action: "login.oidc-refused", Object: a.Login}
		if err := c.cfg.Accounts.Record(v.Context(), line); err != nil {
			return answer{}, err
		}
		return answer{}, fault(http.StatusForbidden, "oidc.no-account")
	}
	if err != nil {
		return answer{}, err
	}
	c.sessions.Put(v.Context(), sessionProvider, true)
	in, err := c.enter(v, &a)
	return answer{page: "oidc", title: "login.title", data: in.to}, err
}
