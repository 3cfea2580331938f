package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"
)

// maxAnswer is the longest answer read: 100 updates with long texts stay far below it.
const maxAnswer = 32 << 20

// api speaks to the Bot API. Every request, those of go-telegram/bot too, passes through Do, the one place that knows
// whether a request may have reached Telegram, reads its verdict and removes the token from errors.
type api struct {
	bot     *bot.Bot
	base    string
	token   string
	timeout time.Duration // for everything but polls
	client  *http.Client
}

func newAPI(cfg Config, log *slog.Logger) (*api, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	a := &api{base: cfg.APIURL, token: cfg.Token, timeout: cfg.CallTimeout, client: &http.Client{
		Transport: transport,
		// A redirect would carry the token, which is part of the path, to another server.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
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
// *callError, which the library wraps.
func (a *api) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, &callError{kind: notSent, text: "the request could not be built"}
	}
	ctx, cancel := context.WithTimeout(req.Context(), a.timeout)
	defer cancel()
	answer, err := a.exchange(ctx, req.URL.String(), req.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer)), Request: req}, nil
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
		return nil, &callError{kind: notSent, text: "the request could not be built"}
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
		return nil, &callError{kind: unclear, text: "the answer is not a list of updates"}
	}
	return result.Result, nil
}

// exchange posts a body and returns the whole answer if Telegram says "ok", and a *callError if not.
func (a *api) exchange(ctx context.Context, url, contentType string, body []byte) ([]byte, error) {
	// From the moment a connection is ours, bytes may have gone out. The transport itself tries a second connection
	// only if nothing was written to the first.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, &callError{kind: notSent, text: "the address of the Bot API cannot be used"}
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := a.client.Do(req)
	if err != nil {
		kind := notSent
		if connected.Load() {
			kind = unclear
		}
		return nil, a.noAnswer(kind, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, a.noAnswer(unclear, err)
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
			return &callError{kind: unclear, text: "the answer is not Telegram's"}
		}
		return &callError{kind: stranger, code: resp.StatusCode, text: http.StatusText(resp.StatusCode),
			after: retryAfter(resp, 0)}
	}
	if *word.OK {
		return nil
	}
	if word.Code == 0 {
		word.Code = resp.StatusCode
	}
	return &callError{kind: refused, code: word.Code, text: scrub(word.Description),
		after: retryAfter(resp, word.Parameters.RetryAfter), migrateTo: word.Parameters.MigrateTo}
}

// retryAfter prefers the answer's own figure to the header.
func retryAfter(resp *http.Response, seconds int) time.Duration {
	if seconds <= 0 {
		seconds, _ = strconv.Atoi(resp.Header.Get("Retry-After"))
	}
	return time.Duration(max(seconds, 0)) * time.Second
}

// noAnswer turns a transport error, which quotes the address and so the token, into a safe one.
func (a *api) noAnswer(kind callKind, err error) *callError {
	out := &callError{kind: kind, text: "connection failed"}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		out.text, out.cause = "no answer in time", context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		out.text, out.cause = "given up", context.Canceled
	default:
		for inner := err; inner != nil; inner = errors.Unwrap(inner) {
			err = inner // the innermost says why; the outer ones quote addresses
		}
		out.text = strings.ReplaceAll(err.Error(), a.token, "***")
	}
	return out
}
