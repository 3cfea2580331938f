package hotline

import (
	"context"
	"errors"

	"treem/channels"
)

// Text sends notices as SMS to duty phones, over a channel that can send to any number.
type Text struct {
	channel channels.Channel
	to      string
}

// NewText sends over an SMS channel; to is the phone of notices that name none, +84….
func NewText(channel channels.Channel, to string) *Text { return &Text{channel: channel, to: to} }

// Name is "sms".
func (t *Text) Name() string { return "sms" }

// Notify sends one notice in one segment, without the person's words.
func (t *Text) Notify(ctx context.Context, n Notice) (string, error) {
	to := n.To
	if to == "" {
		to = t.to
	}
	if to == "" {
		return "", &channels.SendError{Verdict: channels.Fault, Code: "address", Err: errors.New("hotline sms: the notice names no phone and none is configured")}
	}
	return t.channel.Send(ctx, channels.Outbound{ID: n.ID, To: channels.Address{Channel: t.channel.Name(), ID: to}, Text: n.Short, Urgent: true})
}
