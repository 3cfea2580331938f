package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/go-telegram/bot"

	"treem/channels"
	"treem/channels/posted"
)

// webhookPath is where Telegram posts updates, below PublicURL.
const webhookPath = "/telegram"

// maxUpdate is the longest body of a web hook request.
const maxUpdate = 1 << 20

// Routes returns the web hook and the pages to call from. The web hook is there in polling mode too, where it takes what Telegram may still deliver after a
// change of mode; without a secret in the settings it refuses everything.
func (c *Channel) Routes() []channels.Route {
	return []channels.Route{{Pattern: "POST " + webhookPath, Handler: http.HandlerFunc(c.receive)}, c.callRoute()}
}

// receive answers one web hook request. Telegram takes 2xx for "received" and sends again after anything else:
//
//	401  the secret is missing or wrong, or none is set here
//	415  the body is not declared as JSON
//	413  the body is longer than a mebibyte
//	400  the body is not an update at all
//	503  the program is starting or stopping
//	500  the message could not be stored
//	200  stored, or of no interest to us
func (c *Channel) receive(w http.ResponseWriter, r *http.Request) {
	if !c.authentic(r.Header.Get("X-Telegram-Bot-Api-Secret-Token")) {
		http.Error(w, "wrong secret", http.StatusUnauthorized)
		return
	}
	body, status := posted.Body(w, r, "application/json", maxUpdate)
	if status == http.StatusOK {
		status = c.receiveUpdate(body)
	}
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
	}
}

// receiveUpdate stores the update in body, if it is one we want, and returns the status to answer.
func (c *Channel) receiveUpdate(body []byte) int {
	u, err := decode(body)
	if u == nil {
		return http.StatusBadRequest
	}
	if err != nil {
		// Sending it again would not make it readable, and Telegram holds back later updates meanwhile.
		c.log.Error("an update cannot be read and was skipped", "update", u.ID)
		return http.StatusOK
	}
	if c.me.Load() == nil && needsIdentity(u) {
		return http.StatusServiceUnavailable // a group message before we know our own name
	}
	in, ok := c.read(u)
	if !ok {
		return http.StatusOK
	}
	// The request's own context is not used: a connection lost half way must not undo what is being stored.
	work, ok := c.life.Enter()
	if !ok {
		return http.StatusServiceUnavailable
	}
	defer c.life.Leave()
	if err := c.accept(work, u, in); err != nil {
		c.log.Warn("update not stored; Telegram will send it again", "update", u.ID, "error", err)
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

// authentic compares in constant time, whatever the lengths. It fails if no secret is set.
func (c *Channel) authentic(given string) bool {
	want, got := sha256.Sum256([]byte(c.cfg.WebhookSecret)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1 && c.cfg.WebhookSecret != ""
}

// register tells Telegram where to post, for as long as it takes.
func (c *Channel) register(soft context.Context) {
	if c.cfg.WebhookSecret == "" {
		c.fail("telegram.webhook_secret is not set, so every update is refused; set it and start again")
		c.log.Error("receiving stopped: telegram.webhook_secret is not set")
		return
	}
	if !c.introduce(soft) {
		return
	}
	if c.cfg.PublicURL == "" {
		c.log.Warn("public_url is not set: the web hook must be registered with Telegram by hand")
		return
	}
	if c.persist(soft, "setWebhook", func(ctx context.Context) error {
		_, err := c.api.bot.SetWebhook(ctx, &bot.SetWebhookParams{
			URL: c.webhookURL(), SecretToken: c.cfg.WebhookSecret, AllowedUpdates: wanted,
		})
		return err
	}) {
		c.log.Info("receiving by web hook")
	}
}

func (c *Channel) webhookURL() string { return strings.TrimRight(c.cfg.PublicURL, "/") + webhookPath }
