package telegram

import (
	"context"
	"errors"
	"strconv"

	"github.com/go-telegram/bot"

	"treem/channels"
)

// Pass copies a message to another chat. A copy does not say whom it comes from, and Telegram's servers make it: the file
// itself never comes here.
func (c *Channel) Pass(ctx context.Context, from channels.Address, mediaID string, to channels.Address) error {
	source, err := placeOf(from)
	if err != nil {
		return provider.Fault("address", err)
	}
	at, err := placeOf(to)
	if err != nil {
		return provider.Fault("address", err)
	}
	id, err := strconv.Atoi(mediaID)
	if err != nil || id <= 0 {
		return provider.Fault("message", errors.New("a message's number is not one of Telegram's"))
	}
	if err := c.limits.wait(ctx, at.String(), true); err != nil {
		return &channels.SendError{Verdict: channels.Retry, Code: "rate", Err: err}
	}
	p := &bot.CopyMessageParams{ChatID: c.moves.now(at.chat), MessageThreadID: at.topic, FromChatID: c.moves.now(source.chat), MessageID: id}
	_, err = c.api.bot.CopyMessage(ctx, p)
	if c.follow(&p.ChatID, err) {
		_, err = c.api.bot.CopyMessage(ctx, p)
	}
	if err != nil {
		return sendError(err)
	}
	return nil
}
