package hotline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"treem/channels/httpcall"
)

const primeroProvider = httpcall.Provider("hotline primero")

// Primero records cases in a Primero system, the case-management software of UNICEF, by its API version 2. The case's
// own UUID is Primero's identifier too, so a repeat is harmless. It holds what a case worker needs to find the case here
// and nothing that the person wrote.
type Primero struct {
	base, user, password string
	client               *httpcall.Client

	mu    sync.Mutex
	token string
}

// NewPrimero reads the address of a Primero system and a user's name and password there.
func NewPrimero(address, user, password string) (*Primero, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())) {
		return nil, errors.New("hotline.primero_url: it must be a whole address that begins with https")
	}
	if user == "" || password == "" {
		return nil, errors.New("hotline.primero_username and hotline.primero_password: both are needed")
	}
	return &Primero{base: strings.TrimSuffix(address, "/"), user: user, password: password,
		client: httpcall.New(primeroProvider, password, 2, 256<<10)}, nil
}

// Name is "primero".
func (p *Primero) Name() string { return "primero" }

// Notify creates the case's record or brings it up to date. A record that is already there is a success; one that is
// missing when it should be changed is made.
func (p *Primero) Notify(ctx context.Context, n Notice) (string, error) {
	fields := PrimeroFields(n.Case)
	create := func() (*httpcall.Error, error) {
		fields["id"] = n.Case.ID
		return p.call(ctx, http.MethodPost, "/api/v2/cases", fields)
	}
	update := func() (*httpcall.Error, error) {
		delete(fields, "id")
		return p.call(ctx, http.MethodPatch, "/api/v2/cases/"+n.Case.ID, fields)
	}
	first, second, other := create, update, http.StatusConflict
	if n.Kind != Opened {
		first, second, other = update, create, http.StatusNotFound
	}
	refused, err := first()
	if err == nil && refused != nil && refused.RefusedWith(other) {
		refused, err = second()
	}
	if err != nil {
		return "", primeroProvider.Of(err).SendError(nil)
	}
	if refused != nil {
		return "", refused.SendError(tryAgain)
	}
	return n.Case.ID, nil
}

// Check logs in.
func (p *Primero) Check(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token = ""
	return p.logIn(ctx)
}

// call makes one call, and once more with a new token if the old one has run out. A refusal is returned apart from
// errors of the way there.
func (p *Primero) call(ctx context.Context, method, path string, fields map[string]any) (refused *httpcall.Error, err error) {
	for again := false; ; again = true {
		token, err := p.authorised(ctx, again)
		if err != nil {
			return nil, err
		}
		refused, err = p.do(ctx, method, path, token, map[string]any{"data": fields}, nil)
		if err != nil || refused == nil || !refused.RefusedWith(http.StatusUnauthorized) || again {
			return refused, err
		}
	}
}

func (p *Primero) authorised(ctx context.Context, anew bool) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.token == "" || anew {
		if err := p.logIn(ctx); err != nil {
			return "", err
		}
	}
	return p.token, nil
}

// logIn gets a token; mu must be held.
func (p *Primero) logIn(ctx context.Context) error {
	var answer struct {
		Token string `json:"token"`
	}
	refused, err := p.do(ctx, http.MethodPost, "/api/v2/tokens", "",
		map[string]any{"user": map[string]any{"user_name": p.user, "password": p.password}}, &answer)
	switch {
	case err != nil:
		return err
	case refused != nil:
		refused.Text = "log-in refused: check hotline.primero_username and hotline.primero_password"
		refused.Kind = httpcall.NotSent
		return refused
	case answer.Token == "":
		return primeroProvider.NotSent("the log-in answer holds no token")
	}
	p.token = answer.Token
	return nil
}

func (p *Primero) do(ctx context.Context, method, path, token string, body, answer any) (refused *httpcall.Error, err error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, primeroProvider.NotSent("the record cannot be written as JSON")
	}
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(data))
	if err != nil {
		return nil, primeroProvider.NotSent("the address cannot be called")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, got, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return &httpcall.Error{Provider: primeroProvider, Kind: httpcall.Refused, Status: resp.StatusCode,
			Text: http.StatusText(resp.StatusCode), After: httpcall.RetryAfter(resp.Header)}, nil
	}
	if answer != nil && json.Unmarshal(got, answer) != nil {
		return nil, primeroProvider.Unclear("the answer cannot be read")
	}
	return nil, nil
}

// PrimeroFields is a case as Primero's case form names it. What is not known is left out, never guessed.
func PrimeroFields(c Case) map[string]any {
	status := "open"
	if c.Status == "closed" || c.Status == "withdrawn" {
		status = "closed"
	}
	risk := map[string]string{"emergency": "high", "urgent": "medium", "none": "low"}[c.Level]
	fields := map[string]any{
		"id":                        c.ID,
		"case_id_display":           c.Ref,
		"status":                    status,
		"registration_date":         c.OpenedAt.UTC().Format(time.DateOnly),
		"risk_level":                risk,
		"urgent_protection_concern": c.Level == "emergency",
		"protection_concerns":       []string{c.CHI},
		"module_id":                 "primeromodule-cp",
		"record_state":              true,
	}
	if c.Commune != "" {
		fields["location_current"] = "VN" + c.Commune
	}
	return fields
}
