package telegramserver

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"treem/channels/channelstest/standin"
)

// hook is the web hook set. Server.Mu guards it.
type hook struct {
	url, secret string
	lastError   string
	lastErrorAt int64
	stop        context.CancelFunc
}

// setWebhook starts posting updates to the address, or stops it if the address is empty. Unlike Telegram the server
// takes http too, for that is what tests listen on.
func (s *Server) setWebhook(_ context.Context, p params, _ bool) answer {
	address := p["url"]
	if address != "" {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return refuse(http.StatusBadRequest, "Bad Request: bad webhook: invalid URL")
		}
	}
	if list, given := p.list("allowed_updates"); given {
		s.Mu.Lock()
		s.updates.allowed = list
		s.Mu.Unlock()
	}
	s.SetWebhook(address, p["secret_token"])
	if p["drop_pending_updates"] == "true" {
		s.drop()
	}
	return result(true)
}

func (s *Server) deleteWebhook(_ context.Context, p params, _ bool) answer {
	s.SetWebhook("", "")
	if p["drop_pending_updates"] == "true" {
		s.drop()
	}
	return result(true)
}

func (s *Server) drop() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.updates.waiting = nil
	s.Notify()
}

// SetWebhook sets the web hook as if some program had done it; an empty address removes it.
func (s *Server) SetWebhook(address, secret string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.hook.stop != nil {
		s.hook.stop()
	}
	s.hook = hook{url: address, secret: secret}
	if address != "" {
		ctx, cancel := context.WithCancel(s.Alive())
		s.hook.stop = cancel
		s.Go(func() { s.push(ctx, address, secret) })
	}
	s.Notify()
}

func (s *Server) getWebhookInfo(context.Context, params, bool) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	info := map[string]any{
		"url": s.hook.url, "has_custom_certificate": false, "pending_update_count": len(s.updates.waiting),
	}
	if s.hook.lastErrorAt != 0 {
		info["last_error_date"], info["last_error_message"] = s.hook.lastErrorAt, s.hook.lastError
	}
	return result(info)
}

// push posts the oldest update again and again until the bot answers 2xx, then the next.
func (s *Server) push(ctx context.Context, address, secret string) {
	client := standin.HookClient(time.Minute)
	defer client.CloseIdleConnections()
	first := cmp.Or(s.HookRetry, 20*time.Millisecond)
	wait := first
	for {
		var u update
		if s.Wait(ctx, func() bool {
			if len(s.updates.waiting) == 0 {
				return false
			}
			u = s.updates.waiting[0]
			return true
		}) != nil {
			return
		}
		failed := post(ctx, client, address, secret, u.raw)
		if ctx.Err() != nil {
			return
		}
		s.Mu.Lock()
		if failed == "" {
			s.updates.confirm(u.id + 1)
			wait = first
		} else {
			s.hook.lastError, s.hook.lastErrorAt = failed, time.Now().Unix()
		}
		s.Notify()
		s.Mu.Unlock()
		if failed != "" {
			if standin.Pause(ctx, wait) != nil {
				return
			}
			wait = min(2*wait, time.Second)
		}
	}
}

// post makes one web hook request and says how it failed, or "".
func post(ctx context.Context, client *http.Client, address, secret string, body []byte) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return "Invalid address"
	}
	req.Header.Set("Content-Type", "application/json")
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "Connection failed"
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return "Wrong response from the webhook: " + resp.Status
	}
	return ""
}
