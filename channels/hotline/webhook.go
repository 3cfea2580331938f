package hotline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"treem/channels"
	"treem/channels/httpcall"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const hookProvider = httpcall.Provider("hotline webhook")

// WebHook posts notices to another program, signed by the Standard Webhooks scheme: webhook-id is the notice's, so that
// a repeat can be dropped; webhook-timestamp keeps an old call from being played again; webhook-signature is HMAC-SHA256
// over both and the body. README.md shows a receiver.
type WebHook struct {
	url    string
	sign   *standardwebhooks.Webhook
	client *httpcall.Client
	now    func() time.Time
}

// NewWebHook reads the address, https or on this machine, and the secret: base64, with or without "whsec_".
func NewWebHook(address, secret string, now func() time.Time) (*WebHook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("hotline.webhook_url: it must be a whole address, such as https://example.vn/treem")
	}
	if u.Scheme == "http" && !local(u.Hostname()) {
		return nil, errors.New("hotline.webhook_url: notices leave this machine, so the address must begin with https")
	}
	sign, err := standardwebhooks.NewWebhook(secret)
	if err != nil || secret == "" {
		return nil, errors.New("hotline.webhook_secret: it must be base64; make one with: head -c32 /dev/urandom | base64")
	}
	return &WebHook{url: address, sign: sign, client: httpcall.New(hookProvider, secret, 2, 64<<10), now: now}, nil
}

// Name is "webhook".
func (h *WebHook) Name() string { return "webhook" }

// hookBody is what is posted. It never holds what the person wrote.
type hookBody struct {
	Type string    `json:"type"` // "case." and the kind
	At   time.Time `json:"timestamp"`
	Data hookData  `json:"data"`
}

type hookData struct {
	Notice string `json:"notice"`
	Title  string `json:"title"`
	Text   string `json:"text"`
	Case   Case   `json:"case"`
}

// Notify posts one notice. Any 2xx takes it; 410 says that nobody listens any more.
func (h *WebHook) Notify(ctx context.Context, n Notice) (string, error) {
	body, err := json.Marshal(hookBody{Type: "case." + string(n.Kind), At: n.At.UTC(), Data: hookData{n.ID, n.Title, n.Text, n.Case}})
	if err != nil {
		return "", hookProvider.Fault("body", err)
	}
	at := h.now()
	signature, err := h.sign.Sign(n.ID, at, body)
	if err != nil {
		return "", hookProvider.Fault("sign", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return "", hookProvider.Fault("request", errors.New("the address cannot be called"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(standardwebhooks.HeaderWebhookID, n.ID)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	resp, _, err := h.client.Do(req)
	if err != nil && resp == nil {
		return "", hookProvider.Of(err).SendError(nil)
	}
	if resp.StatusCode/100 == 2 { // an answer that breaks off behind its status still says that it was taken
		return n.ID, nil
	}
	refusal := &httpcall.Error{Provider: hookProvider, Kind: httpcall.Refused, Status: resp.StatusCode,
		Text: http.StatusText(resp.StatusCode), After: httpcall.RetryAfter(resp.Header)}
	return "", refusal.SendError(tryAgain)
}

// tryAgain reads a refusal: whatever another program answers may be mended there, and a notice of a case is too
// important to be dropped for it.
func tryAgain(*httpcall.Error) channels.Verdict { return channels.Retry }

// local says whether a host is this machine.
func local(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }
