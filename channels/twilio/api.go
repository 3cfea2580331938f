package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
	messaging "github.com/twilio/twilio-go/rest/messaging/v1"

	"treem/channels/httpcall"
)

// maxAnswer is the longest answer read; Twilio's are a few kilobytes.
const maxAnswer = 1 << 20

// api speaks to the REST API. Its exchange is the one place that reads Twilio's verdict; it keeps Twilio's own
// words, which quote numbers, out of errors.
type api struct {
	base    string
	account string
	token   string
	timeout time.Duration
	client  *httpcall.Client
}

func newAPI(cfg Config) *api {
	return &api{base: cfg.APIURL, account: cfg.AccountSID, token: cfg.AuthToken, timeout: cfg.CallTimeout,
		client: httpcall.New(provider, cfg.AuthToken, 16, maxAnswer)}
}

// service returns twilio-go's methods, bound to ctx. The library's own request handler is not made by its constructor,
// which would let TWILIO_EDGE and TWILIO_REGION in the environment change the address.
func (a *api) service(ctx context.Context) *openapi.ApiService {
	return openapi.NewApiService(&client.RequestHandler{Client: &call{api: a, ctx: ctx}})
}

// messaging returns the methods about Messaging Services. Twilio has them at a host of their own; where twilio.api_url is
// none of Twilio's, they are looked for beside the others.
func (a *api) messaging(ctx context.Context) *messaging.ApiService {
	there := *a
	there.base = messagingBase(a.base)
	return messaging.NewApiService(&client.RequestHandler{Client: &call{api: &there, ctx: ctx}})
}

func messagingBase(base string) string {
	u, err := url.Parse(base)
	if err != nil || !strings.HasSuffix(u.Host, ".twilio.com") {
		return base
	}
	if region, ok := strings.CutPrefix(u.Host, "api."); ok {
		u.Host = "messaging." + region
	}
	return u.String()
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
// becomes a *httpcall.Error.
func (c *call) SendRequest(method, rawURL string, data url.Values, _ map[string]any, _ ...byte) (*http.Response, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, provider.NotSent("the request could not be built")
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

// exchange makes one request and returns the whole answer if Twilio says 2xx, and a *httpcall.Error if not.
func (a *api) exchange(ctx context.Context, method, address, form string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return nil, provider.NotSent("the address of the API cannot be used")
	}
	req.SetBasicAuth(a.account, a.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "treem")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, answer, err := a.client.Do(req)
	if err != nil && (resp == nil || resp.StatusCode/100 == 2) {
		return nil, err
	}
	return answer, refusal(resp, answer)
}

// refusal reads Twilio's verdict; nil means "done". Twilio's own words are not kept: they quote the number.
func refusal(resp *http.Response, answer []byte) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	out := provider.Stranger(resp)
	out.After = min(out.After, time.Hour)
	var word struct {
		Code   int `json:"code"`
		Status int `json:"status"`
	}
	if json.Unmarshal(answer, &word) != nil || word.Code == 0 || word.Status == 0 {
		return out // not Twilio's words: a proxy, a wrong address, a filter on the way
	}
	out.Kind, out.Code = httpcall.Refused, word.Code
	if m, known := codes[word.Code]; known {
		out.Text = m.text
	}
	return out
}
