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

// Send delivers one message as plain text, without previews of links, and returns Telegram's number for it, which is
// unique within the chat only. It waits for its turn under Telegram's limits as long as ctx allows.
//
// Telegram offers nothing to drop repeats by, so a message sent again after an Unknown may arrive twice. A text beyond
// Telegram's length goes out in several messages, the buttons under the last; if a later part fails, a repeat sends the
// first ones again. The bot composes texts that need neither.
func (c *Channel) Send(ctx context.Context, out channels.Outbound) (string, error) {
	chat, err := chatID(out.To)
	if err != nil {
		return "", provider.Fault("address", err)
	}
	keyboard, calls, err := layOut(out.Buttons)
	if err != nil {
		return "", provider.Fault("buttons", err)
	}
	parts := split(strings.Join(append([]string{out.Text}, calls...), "\n"), maxMessage)
	if len(parts) == 0 {
		return "", provider.Fault("empty", errors.New("the text is empty"))
	}
	var id string
	for i, part := range parts {
		if err := c.limits.wait(ctx, out.To.ID, out.Urgent); err != nil {
			return "", &channels.SendError{Verdict: channels.Retry, Code: "rate", Err: err}
		}
		p := &bot.SendMessageParams{
			ChatID: chat, Text: part, LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: bot.True()},
		}
		if keyboard != nil && i == len(parts)-1 {
			p.ReplyMarkup = keyboard
		}
		if id, err = c.sendPart(ctx, p); err != nil {
			return "", sendError(err)
		}
	}
	return id, nil
}

// sendPart makes one call, and one more if the group has moved to a new number.
func (c *Channel) sendPart(ctx context.Context, p *bot.SendMessageParams) (string, error) {
	m, err := c.api.bot.SendMessage(ctx, p)
	if err != nil {
		var to moved
		if !errors.As(err, &to) {
			return "", err
		}
		c.log.Info("a group has a new number; sending there")
		p.ChatID = int64(to)
		if m, err = c.api.bot.SendMessage(ctx, p); err != nil {
			return "", err
		}
	}
	return strconv.Itoa(m.ID), nil
}

// Typing shows "is typing…" for some seconds, best effort.
func (c *Channel) Typing(ctx context.Context, to channels.Address) {
	chat, err := chatID(to)
	if err != nil {
		return
	}
	_, err = c.api.bot.SendChatAction(ctx, &bot.SendChatActionParams{ChatID: chat, Action: models.ChatActionTyping})
	if err != nil {
		c.log.Debug("typing not shown", "error", provider.Of(err))
	}
}

// chatID reads the address: a chat's number, or the @name of a public group such as a duty group in the settings.
func chatID(to channels.Address) (any, error) {
	if to.Channel != Name {
		return nil, errors.New("the address is not one of Telegram")
	}
	if strings.HasPrefix(to.ID, "@") && len(to.ID) > 1 {
		return to.ID, nil
	}
	n, err := strconv.ParseInt(to.ID, 10, 64)
	if err != nil || n == 0 {
		return nil, errors.New("the address is not the number of a chat")
	}
	return n, nil
}
