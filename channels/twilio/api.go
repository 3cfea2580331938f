package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

// maxAnswer is the longest answer read; Twilio's are a few kilobytes.
const maxAnswer = 1 << 20

// api speaks to the REST API. Its exchange is the one place that knows whether a request may have reached Twilio,
// reads Twilio's verdict and keeps numbers, texts and the token out of errors.
type api struct {
	base    string
	account string
	token   string
	timeout time.Duration
	client  *http.Client
}

func newAPI(cfg Config) *api {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 16
	return &api{base: cfg.APIURL, account: cfg.AccountSID, token: cfg.AuthToken, timeout: cfg.CallTimeout,
		client: &http.Client{
			Transport: transport,
			// A redirect would carry the message to another server.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
}

// service returns twilio-go's methods, bound to ctx. The library's own request handler is not made by its constructor,
// which would let TWILIO_EDGE and TWILIO_REGION in the environment change the address.
func (a *api) service(ctx context.Context) *openapi.ApiService {
	return openapi.NewApiService(&client.RequestHandler{Client: &call{api: a, ctx: ctx}})
}

// call is a client.BaseClient for one call: twilio-go's own knows no context, no other address, does not close the
// answers it refuses and refuses tokens with signs in them.
type call struct {
	*api
	ctx context.Context
}

var _ client.BaseClient = (*call)(nil)

// AccountSid, SetTimeout, SetOauth and OAuth complete client.BaseClient.
func (c *call) AccountSid() string       { return c.account }
func (c *call) SetTimeout(time.Duration) {}
func (c *call) SetOauth(client.OAuth)    {}
func (c *call) OAuth() client.OAuth      { return nil }

// SendRequest sends one request of the library to our address instead of its own. Whatever is not Twilio's clear "done"
// becomes a *callError.
func (c *call) SendRequest(method, rawURL string, data url.Values, _ map[string]any, _ ...byte) (*http.Response, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, &callError{kind: notSent, text: "the request could not be built"}
	}
	address, form := c.base+u.EscapedPath(), ""
	if method == http.MethodPost {
		form = data.Encode()
	} else if len(data) > 0 {
		address += "?" + data.Encode()
	}
	answer, err := c.exchange(c.ctx, method, address, form)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer))}, nil
}

// exchange makes one request and returns the whole answer if Twilio says 2xx, and a *callError if not.
func (a *api) exchange(ctx context.Context, method, address, form string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	// From the moment a connection is ours, bytes may have gone out. The transport itself tries a second connection
	// only if nothing was written to the first.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return nil, &callError{kind: notSent, text: "the address of the API cannot be used"}
	}
	req.SetBasicAuth(a.account, a.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "treem")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := a.client.Do(req)
	if err != nil {
		kind := notSent
		if connected.Load() {
			kind = unclear
		}
		return nil, noAnswer(kind, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil && resp.StatusCode/100 == 2 {
		return nil, noAnswer(unclear, err)
	}
	return answer, refusal(resp, answer)
}

// refusal reads Twilio's verdict; nil means "done". Twilio's own words are not kept: they quote the number.
func refusal(resp *http.Response, answer []byte) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	out := &callError{kind: stranger, status: resp.StatusCode, after: retryAfter(resp),
		text: http.StatusText(resp.StatusCode)}
	var word struct {
		Code   int `json:"code"`
		Status int `json:"status"`
	}
	if json.Unmarshal(answer, &word) != nil || word.Code == 0 || word.Status == 0 {
		return out // not Twilio's words: a proxy, a wrong address, a filter on the way
	}
	out.kind, out.code = refused, word.Code
	if m, known := codes[word.Code]; known {
		out.text = m.text
	}
	return out
}

// retryAfter reads the header of the same name, in whole seconds as Twilio sends it.
func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return min(time.Duration(max(seconds, 0))*time.Second, time.Hour)
}

// noAnswer turns a transport error, which quotes the address, into a safe one.
func noAnswer(kind callKind, err error) *callError {
	out := &callError{kind: kind}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		out.text, out.cause = "no answer in time", context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		out.text, out.cause = "given up", context.Canceled
	default:
		for inner := err; inner != nil; inner = errors.Unwrap(inner) {
			err = inner // the innermost says why; the outer ones quote addresses
		}
		out.text = err.Error()
	}
	return out
}
