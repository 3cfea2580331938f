package hotline

import (
	"context"
	"strings"

	"treem/channels"
)

// Chat tells a group or person in a chat of one of the service's own channels, with buttons to act on the case.
type Chat struct {
	channel channels.Channel
	chat    string
}

// NewChat returns a target that tells the chat with that identifier.
func NewChat(c channels.Channel, chatID string) *Chat { return &Chat{channel: c, chat: chatID} }

// Name is the channel's name.
func (c *Chat) Name() string { return c.channel.Name() }

// Address is where a notice to that address goes; empty: the configured chat.
func (c *Chat) Address(to string) channels.Address {
	if to == "" {
		to = c.chat
	}
	return channels.Address{Channel: c.channel.Name(), ID: to}
}

// Notify sends the notice as one message, behind what the person sent, if anything, and returns the provider's identifier
// for it. Its error is a *channels.SendError; then all of it is to be tried again.
func (c *Chat) Notify(ctx context.Context, n Notice) (string, error) {
	if p, ok := c.channel.(channels.Passer); ok && n.Media != nil && n.Media.From.Channel == c.channel.Name() {
		err := p.Pass(ctx, n.Media.From, n.Media.ID, c.Address(n.To))
		if se := channels.AsSendError(err); se != nil && se.Verdict != channels.Fault { // what is gone does not hold up the words
			return "", se
		}
	}
	var parts []string
	for _, part := range []string{n.Title, n.Text, n.Words} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	id, err := c.channel.Send(ctx, channels.Outbound{ID: n.ID, To: c.Address(n.To), Text: strings.Join(parts, "\n\n"), Buttons: n.Buttons, Urgent: true})
	return id[strings.LastIndex(id, " ")+1:], err // the last part has the buttons, and is answered
}
