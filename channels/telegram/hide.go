package telegram

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot"

	"treem/channels"
)

// maxDelete is how many messages one deleteMessages takes.
const maxDelete = 100

// Hide deletes messages the bot sent, on both sides of the chat. Telegram passes over those that are gone already and
// refuses a whole list for one that it does not let go; then they are deleted one by one, as far as it allows. The
// person's own messages and the chat itself are not the bot's to delete.
func (c *Channel) Hide(ctx context.Context, from channels.Address, ids []string) error {
	at, err := placeOf(from)
	if err != nil {
		return provider.Fault("address", err)
	}
	numbers, err := messageNumbers(ids)
	if err != nil {
		return provider.Fault("message", err)
	}
	for list := range slices.Chunk(numbers, maxDelete) {
		p := &bot.DeleteMessagesParams{ChatID: c.moves.now(at.chat), MessageIDs: list}
		_, err := c.api.bot.DeleteMessages(ctx, p)
		if notAllowed(err) {
			err = c.deleteEach(ctx, p)
		}
		if err != nil {
			return sendError(err)
		}
	}
	return nil
}

// deleteEach deletes what Telegram lets go. Its error is one that is worth another try, or says that the chat is gone.
func (c *Channel) deleteEach(ctx context.Context, p *bot.DeleteMessagesParams) error {
	for _, id := range p.MessageIDs {
		_, err := c.api.bot.DeleteMessage(ctx, &bot.DeleteMessageParams{ChatID: p.ChatID, MessageID: id})
		if err != nil && !notAllowed(err) {
			return err
		}
	}
	return nil
}

// notAllowed reports whether Telegram refuses to delete: a message too old, or not there. An older self-hosted server
// does not know the method.
func notAllowed(err error) bool {
	if err == nil || sendError(err).Verdict != channels.Fault {
		return false
	}
	e := provider.Of(err)
	return e.RefusedWith(http.StatusBadRequest) || e.RefusedWith(http.StatusNotFound)
}

// messageNumbers reads what Send returned, in rising order.
func messageNumbers(ids []string) ([]int, error) {
	var numbers []int
	for _, id := range strings.Fields(strings.Join(ids, " ")) {
		n, err := strconv.Atoi(id)
		if err != nil || n <= 0 {
			return nil, errors.New("a message's number is not one of Telegram's")
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}
