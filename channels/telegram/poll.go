package telegram

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"treem/channels"
	"treem/channels/httpcall"
	"treem/channels/lifecycle"
)

// wanted are the kinds of update asked for; Telegram keeps the rest to itself.
var wanted = []string{"message", "edited_message", "callback_query", "my_chat_member"}

// acceptTime is how long storing one update may take. Telegram waits a minute for a web hook's answer.
const acceptTime = 30 * time.Second

// hasty is the shortest time between polls without news.
const hasty = 200 * time.Millisecond

// confirmTime is how long the last word to Telegram may take while stopping.
const confirmTime = 5 * time.Second

// poll receives until soft ends. The offset, by which Telegram forgets updates, is only ever one past an update that
// the sink took; if the sink refuses one, the same offset is asked for again, after a pause.
func (c *Channel) poll(w lifecycle.Work) {
	soft := w.Soft
	if !c.introduce(soft) || !c.persist(soft, "deleteWebhook", func(ctx context.Context) error {
		_, err := c.api.bot.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
		return err
	}) {
		return
	}
	c.log.Info("receiving by polling")
	var offset, confirmed int64
	for fails := 0; soft.Err() == nil; {
		timeout := int(c.cfg.PollTimeout.Seconds())
		if c.trouble.Load() != nil {
			timeout = 0 // a short poll shows at once whether the trouble is over
		}
		begun := time.Now()
		updates, err := c.api.updates(soft, pollParams{Offset: offset, Timeout: timeout, AllowedUpdates: wanted})
		if soft.Err() != nil {
			break
		}
		if err != nil {
			if !c.again(soft, "getUpdates", err, fails) {
				break
			}
			fails++
			continue
		}
		c.succeed()
		confirmed = offset
		next, ok := c.take(w, updates)
		if next != 0 {
			offset = next
		}
		if fails++; ok {
			fails = 0
			if len(updates) == 0 && timeout > 0 && time.Since(begun) < hasty {
				pause(soft, hasty) // a server that does not wait for news is not to be asked without a break
			}
			continue
		}
		pause(soft, c.cfg.Backoff(fails-1))
	}
	if offset != confirmed {
		c.confirm(w.Hard, offset)
	}
}

// take hands updates to the sink in order. It returns the offset after the last one dealt with, 0 if none was, and
// false if the sink refused one. Once soft ends the rest is left to Telegram.
func (c *Channel) take(w lifecycle.Work, updates []json.RawMessage) (next int64, ok bool) {
	for _, raw := range updates {
		if w.Soft.Err() != nil {
			return next, true
		}
		u, err := decode(raw)
		if u == nil {
			c.log.Error("the Bot API sent an update without a number; it can be neither stored nor confirmed")
			return next, false
		}
		if err != nil {
			c.log.Error("an update cannot be read and was skipped", "update", u.ID)
		} else if in, wanted := c.read(u); wanted {
			if err := c.accept(w, u, in); err != nil {
				c.log.Warn("update not stored; it will be asked for again", "update", u.ID, "error", err)
				return next, false
			}
		}
		next = u.ID + 1
	}
	return next, true
}

// confirm tells Telegram the last offset, best effort: without it the last updates come again and the store drops
// them as repeats.
func (c *Channel) confirm(ctx context.Context, offset int64) {
	ctx, cancel := context.WithTimeout(ctx, confirmTime)
	defer cancel()
	if _, err := c.api.updates(ctx, pollParams{Offset: offset, Limit: 1, AllowedUpdates: wanted}); err != nil {
		c.log.Info("the last updates stay unconfirmed and will come again", "error", err)
	}
}

// introduce learns who the bot is, for as long as it takes, and then sets the menu.
func (c *Channel) introduce(soft context.Context) bool {
	if !c.persist(soft, "getMe", func(ctx context.Context) error {
		me, err := c.api.bot.GetMe(ctx)
		if err == nil {
			c.me.Store(me)
		}
		return err
	}) {
		return false
	}
	c.life.Go(func() { c.describe(soft) })
	return true
}

// persist calls f until it works. It returns false if soft ends or trying is pointless.
func (c *Channel) persist(soft context.Context, method string, f func(context.Context) error) bool {
	for n := 0; soft.Err() == nil; n++ {
		err := f(soft)
		if err == nil {
			c.succeed()
			return true
		}
		if soft.Err() != nil || !c.again(soft, method, err, n) {
			return false
		}
	}
	return false
}

// again notes a failed call and waits as long as is due. It returns false if trying again is pointless: Telegram
// refuses the token.
func (c *Channel) again(soft context.Context, method string, err error, n int) bool {
	ce := provider.Of(err)
	text := explain(ce)
	c.fail(text)
	if ce.RefusedWith(http.StatusUnauthorized) {
		c.log.Error("receiving stopped: "+text, "method", method)
		return false
	}
	wait := max(c.cfg.Backoff(n), ce.After)
	c.log.Warn("cannot receive: "+text, "method", method, "failures", n+1, "wait", wait)
	pause(soft, wait)
	return true
}

// explain says in plain words what a failed call means and what to do.
func explain(ce *httpcall.Error) string {
	switch {
	case ce.RefusedWith(http.StatusUnauthorized):
		return "Telegram refuses the token; take the current one from @BotFather, set telegram.token and start again"
	case ce.RefusedWith(http.StatusConflict):
		return "another program uses this token, by polling or by web hook; stop it or give it a bot of its own (" +
			ce.Text + ")"
	case ce.RefusedWith(http.StatusNotFound), ce.Kind == httpcall.Stranger && ce.Status == http.StatusNotFound:
		return "the Bot API does not know this token or method; check telegram.token and telegram.api_url"
	case ce.Kind == httpcall.NotSent, ce.Kind == httpcall.Unclear:
		return "Telegram cannot be reached (" + ce.Text + ")"
	case ce.Kind == httpcall.Stranger:
		return "something on the way to Telegram answers in its place (" + ce.Said() + ")"
	}
	return "Telegram answers " + ce.Said()
}

// accept stores one inbound message and then, for a pressed button, lets the app's waiting sign end.
func (c *Channel) accept(w lifecycle.Work, u *models.Update, in channels.Inbound) error {
	storing, cancel := context.WithTimeout(w.Hard, acceptTime)
	defer cancel()
	if err := w.Sink.Accept(storing, in); err != nil {
		return err
	}
	if u.CallbackQuery != nil {
		c.answer(w.Hard, u.CallbackQuery.ID)
	}
	return nil
}

// answer ends the waiting sign on a pressed button, best effort and beside the intake.
func (c *Channel) answer(ctx context.Context, query string) {
	select {
	case c.answers <- struct{}{}:
	default:
		return
	}
	c.life.Go(func() {
		defer func() { <-c.answers }()
		ctx, cancel := context.WithTimeout(ctx, confirmTime)
		defer cancel()
		if _, err := c.api.bot.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{
			CallbackQueryID: query,
		}); err != nil {
			c.log.Debug("button not answered", "error", provider.Of(err))
		}
	})
}

// pause waits for d or for ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
