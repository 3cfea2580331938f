package twilio

import (
	"context"
	"errors"
	"strings"
	"unicode/utf16"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"treem/channels"
	"treem/channels/sms"
)

// maxBody is the longest text Twilio takes, in UTF-16 units.
const maxBody = 1600

// The most segments that stay below maxBody: 10 of 153, or 23 of 67 units.
const (
	maxGSM7 = maxBody / sms.GSM7Multi
	maxUCS2 = maxBody / sms.UCS2Multi
)

// Send delivers one text and returns its message SID. It waits for its turn as long as ctx allows; an urgent one does
// not wait. Buttons are not shown.
//
// Twilio offers nothing to drop repeats by, so a message sent again after an Unknown may arrive twice. A text beyond
// Twilio's 1600 characters goes out in several messages, one after the other, and the last one's SID is returned; the
// operators may deliver them in any order, and if a later part fails, a repeat sends the first ones again. The bot
// composes texts that need none of this.
func (c *Channel) Send(ctx context.Context, out channels.Outbound) (string, error) {
	if out.To.Channel != Name || !numberForm.MatchString(out.To.ID) {
		return "", provider.Fault("address", errors.New("the address is not a telephone number as +84901234567"))
	}
	parts := split(out.Text)
	if len(parts) == 0 {
		return "", provider.Fault("empty", errors.New("the text is empty"))
	}
	var sid string
	for _, part := range parts {
		if after, err := c.pace.wait(ctx, out.Urgent); err != nil {
			return "", &channels.SendError{Verdict: channels.Retry, Code: "rate", After: after, Err: err}
		}
		m, err := c.api.service(ctx).CreateMessage(c.params(out.To.ID, part))
		if err != nil {
			return "", sendError(err)
		}
		if m.Sid == nil || *m.Sid == "" {
			return "", sendError(errors.New("no SID in the answer"))
		}
		sid = *m.Sid
	}
	return sid, nil
}

// params are the parameters for one message.
func (c *Channel) params(to, text string) *openapi.CreateMessageParams {
	p := &openapi.CreateMessageParams{}
	p.SetTo(to)
	p.SetBody(text)
	p.SetStatusCallback(c.cfg.PublicURL + statusPath)
	p.SetValidityPeriod(int(c.cfg.Validity.Seconds()))
	if c.cfg.MessagingServiceSID != "" {
		p.SetMessagingServiceSid(c.cfg.MessagingServiceSID)
	} else {
		p.SetFrom(c.cfg.From)
	}
	return p
}

// split cuts a text into what Twilio takes, one part if at all possible. There are no parts without anything to see.
func split(text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var parts []string
	for text != "" {
		if len(utf16.Encode([]rune(text))) <= maxBody {
			return append(parts, text)
		}
		most := maxGSM7
		if encoding, _ := sms.Measure(text); encoding == sms.UCS2 {
			most = maxUCS2
		}
		// Only the first part is taken: what follows may need another encoding, and so other lengths.
		head := sms.Split(text, most)[0]
		text = strings.TrimLeft(text[len(head):], " \n")
		if strings.TrimSpace(head) != "" {
			parts = append(parts, head)
		}
	}
	return parts
}
