package telegram

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"treem/channels"
)

// Send delivers one message as plain text, without previews of links, and returns Telegram's number for it, or those
// of its parts, which are unique within the chat only. It waits for its turn under Telegram's limits as long as ctx allows.
//
// Telegram offers nothing to drop repeats by, so a message sent again after an Unknown may arrive twice. A text beyond
// Telegram's length goes out in several messages, the buttons under the last; if a later part fails, a repeat sends the
// first ones again. The bot composes texts that need neither.
func (c *Channel) Send(ctx context.Context, out channels.Outbound) (string, error) {
	at, err := placeOf(out.To)
	if err != nil {
		return "", provider.Fault("address", err)
	}
	if out.Media != nil {
		return c.sendMedia(ctx, at, out)
	}
	keyboard, calls, err := layOut(out.Text, out.Buttons, c.links())
	if err != nil {
		return "", provider.Fault("buttons", err)
	}
	parts := partsOf(out.Text, calls)
	if len(parts) == 0 {
		return "", provider.Fault("empty", errors.New("the text is empty"))
	}
	var ids []string
	for i, part := range parts {
		if err := c.limits.wait(ctx, at.String(), out.Urgent); err != nil {
			return "", &channels.SendError{Verdict: channels.Retry, Code: "rate", Err: err}
		}
		p := &bot.SendMessageParams{ChatID: c.moves.now(at.chat), MessageThreadID: at.topic, Text: part,
			LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: bot.True()}}
		if keyboard != nil && i == len(parts)-1 {
			p.ReplyMarkup = keyboard
		}
		id, err := c.sendPart(ctx, p)
		if err != nil {
			return "", sendError(err)
		}
		ids = append(ids, id)
	}
	return strings.Join(ids, " "), nil
}

// sendPart makes one call, and one more if the group has moved to a new number.
func (c *Channel) sendPart(ctx context.Context, p *bot.SendMessageParams) (string, error) {
	m, err := c.api.bot.SendMessage(ctx, p)
	if c.follow(&p.ChatID, err) {
		m, err = c.api.bot.SendMessage(ctx, p)
	}
	if err != nil {
		return "", err
	}
	return strconv.Itoa(m.ID), nil
}

// follow puts a group's new number in place of the old one, if that is what err tells.
func (c *Channel) follow(chat *any, err error) bool {
	var to moved
	old, isNumber := (*chat).(int64)
	if !errors.As(err, &to) || !isNumber {
		return false
	}
	c.log.Warn("a group has a new number; sending there. If it is the duty group, set hotline.telegram_chat to the new one")
	c.moves.add(old, int64(to))
	*chat = int64(to)
	return true
}

// Typing shows "is typing…" for some seconds, best effort.
func (c *Channel) Typing(ctx context.Context, to channels.Address) {
	at, err := placeOf(to)
	if err != nil {
		return
	}
	_, err = c.api.bot.SendChatAction(ctx, &bot.SendChatActionParams{ChatID: c.moves.now(at.chat), MessageThreadID: at.topic,
		Action: models.ChatActionTyping})
	if err != nil {
		c.log.Debug("typing not shown", "error", provider.Of(err))
	}
}
