package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/go-telegram/bot"

	"treem/channels/httpcall"
)

// maxAnswer is the longest answer read: 100 updates with long texts stay far below it.
const maxAnswer = 32 << 20

// api speaks to the Bot API. Every request, those of go-telegram/bot too, passes through exchange, the one
// place that reads Telegram's verdict.
type api struct {
	bot     *bot.Bot
	base    string
	token   string
	timeout time.Duration // for everything but polls
	client  *httpcall.Client
}

func newAPI(cfg Config, log *slog.Logger) (*api, error) {
	a := &api{base: cfg.APIURL, token: cfg.Token, timeout: cfg.CallTimeout,
		client: httpcall.New(provider, cfg.Token, 32, maxAnswer)} // the token is part of the path
	b, err := bot.New(cfg.Token,
		bot.WithSkipGetMe(),
		bot.WithServerURL(cfg.APIURL),
		bot.WithHTTPClient(cfg.PollTimeout, a),
		// The library's own handlers print to standard error, updates and all.
		bot.WithErrorsHandler(func(error) { log.Debug("telegram library reported an error") }),
		bot.WithDebugHandler(func(string, ...any) {}),
	)
	if err != nil {
		return nil, errors.New("telegram: the library refused the settings")
	}
	a.bot = b
	return a, nil
}

// Do sends one request of the library within the usual time. Whatever is not Telegram's clear "ok" becomes a
// *httpcall.Error, which the library wraps.
func (a *api) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, provider.NotSent("the request could not be built")
	}
	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	defer cancel()
	kind, body := plainForm(req.Header.Get("Content-Type"), body)
	answer, err := a.exchange(ctx, req.URL.String(), kind, body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(lean(answer))), Request: req}, nil
}

// lean leaves of a sent message what is used of it. The library refuses an answer for one part that it does not know,
// and the message would be taken for lost and be sent again.
func lean(answer []byte) []byte {
	var sent struct {
		Result struct {
			ID    int             `json:"message_id"`
			Photo json.RawMessage `json:"photo,omitempty"`
			Voice json.RawMessage `json:"voice,omitempty"`
		} `json:"result"`
	}
	if json.Unmarshal(answer, &sent) != nil || sent.Result.ID == 0 {
		return answer
	}
	short, err := json.Marshal(map[string]any{"ok": true, "result": sent.Result})
	if err != nil {
		return answer
	}
	return short
}

// plainForm writes a multipart form without files as an ordinary one: the library makes every call a multipart form,
// which is several times longer and which not every server in place of Telegram's own reads.
func plainForm(contentType string, body []byte) (string, []byte) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/form-data" {
		return contentType, body
	}
	values := url.Values{}
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return "application/x-www-form-urlencoded", []byte(values.Encode())
		}
		if err != nil || part.FileName() != "" {
			return contentType, body
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return contentType, body
		}
		values.Add(part.FormName(), string(value))
	}
}

// pollParams are the parameters of getUpdates; the library keeps its own to itself.
type pollParams struct {
	Offset         int64    `json:"offset,omitempty"`
	Limit          int      `json:"limit,omitempty"`
	Timeout        int      `json:"timeout"`
	AllowedUpdates []string `json:"allowed_updates"`
}

// updates polls once. The updates come back undecoded, for one that cannot be read must not hide the others.
func (a *api) updates(ctx context.Context, p pollParams) ([]json.RawMessage, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return nil, provider.NotSent("the request could not be built")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p.Timeout)*time.Second+a.timeout)
	defer cancel()
	answer, err := a.exchange(ctx, a.base+"/bot"+a.token+"/getUpdates", "application/json", body)
	if err != nil {
		return nil, err
	}
	var result struct {
		Result []json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return nil, provider.Unclear("the answer is not a list of updates")
	}
	return result.Result, nil
}

// exchange posts a body and returns the whole answer if Telegram says "ok", and a *httpcall.Error if not.
func (a *api) exchange(ctx context.Context, address, contentType string, body []byte) ([]byte, error) {
	// #nosec G704 -- the address is made of telegram.api_url and names of methods
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, provider.NotSent("the address of the Bot API cannot be used")
	}
	req.Header.Set("Content-Type", contentType)
	resp, answer, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	return answer, refusal(resp, answer)
}

// refusal reads Telegram's verdict; nil means "ok".
func refusal(resp *http.Response, answer []byte) error {
	var word struct {
		OK          *bool  `json:"ok"`
		Code        int    `json:"error_code"`
		Description string `json:"description"`
		Parameters  struct {
			RetryAfter int   `json:"retry_after"`
			MigrateTo  int64 `json:"migrate_to_chat_id"`
		} `json:"parameters"`
	}
	if err := json.Unmarshal(answer, &word); err != nil || word.OK == nil {
		// Not Telegram's words: a proxy, a wrong address, a filter on the way.
		if resp.StatusCode/100 == 2 {
			return provider.Unclear("the answer is not Telegram's")
		}
		return provider.Stranger(resp)
	}
	if *word.OK {
		return nil
	}
	e := &httpcall.Error{Provider: provider, Kind: httpcall.Refused, Status: resp.StatusCode, Code: word.Code,
		Text: scrub(word.Description), After: httpcall.Seconds(word.Parameters.RetryAfter)}
	if e.After == 0 {
		e.After = httpcall.RetryAfter(resp.Header)
	}
	if word.Parameters.MigrateTo != 0 {
		e.Cause = moved(word.Parameters.MigrateTo)
	}
	return e
}
