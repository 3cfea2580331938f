package httpcall

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// Client makes the calls to one provider. Make it with New.
type Client struct {
	provider Provider
	secret   string
	longest  int64
	http     *http.Client
}

// New makes a client that keeps up to idle connections open and reads answers up to longest bytes. The secret, a token
// or password, is taken out of errors should it turn up there.
func New(p Provider, secret string, idle int, longest int64) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = idle
	return &Client{provider: p, secret: secret, longest: longest, http: &http.Client{
		Transport: transport,
		// A redirect would carry the message, and what proves who we are, to another server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do makes one call and returns the whole answer, whatever its status. The error is an *Error of the kind NotSent or
// Unclear; if the answer broke off, it comes together with the response and what was read of its body.
func (c *Client) Do(req *http.Request) (*http.Response, []byte, error) {
	// From the moment a connection is ours, bytes may have gone out. The transport itself tries a second connection
	// only if nothing was written to the first.
	var connected atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	// #nosec G704 -- the channels make addresses of their settings only; TestOutgoingOnlyWhereConfigured
	resp, err := c.http.Do(req)
	if err != nil {
		kind := NotSent
		if connected.Load() {
			kind = Unclear
		}
		return nil, nil, c.noAnswer(kind, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, c.longest))
	if err != nil {
		return resp, answer, c.noAnswer(Unclear, err)
	}
	return resp, answer, nil
}

// noAnswer turns a transport error, which quotes the address, into a safe one.
func (c *Client) noAnswer(kind Kind, err error) *Error {
	out := &Error{Provider: c.provider, Kind: kind}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		out.Text, out.Cause = "no answer in time", context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		out.Text, out.Cause = "given up", context.Canceled
	default:
		for inner := err; inner != nil; inner = errors.Unwrap(inner) {
			err = inner // the innermost says why; the outer ones quote addresses
		}
		out.Text = err.Error()
		if c.secret != "" {
			out.Text = strings.ReplaceAll(out.Text, c.secret, "***")
		}
	}
	return out
}
