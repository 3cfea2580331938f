package twilio

import (
	"context"
	"errors"
	"net/http"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"treem/channels/httpcall"
)

// Check asks Twilio whether the account works, whether twilio.from is its number and calls our web hook, without sending
// anything. Its error says what to do. It cannot tell whether the sender is allowed in a country, nor whether Twilio
// reaches public_url; see Note for Viet Nam.
func (c *Channel) Check(ctx context.Context) error {
	account, err := c.api.service(ctx).FetchAccount(c.cfg.AccountSID)
	if err != nil {
		return errors.New("twilio: " + explain(provider.Of(err)))
	}
	// The answer also holds the auth token: nothing of it may be printed but these words.
	status := ""
	if account.Status != nil {
		status = *account.Status
	}
	switch status {
	case "active":
		return c.checkNumber(ctx)
	case "suspended":
		return errors.New("twilio: the account is suspended, so nothing is sent or received; see billing and notices " +
			"in Twilio's console")
	case "closed":
		return errors.New("twilio: the account is closed; use another one")
	}
	return errors.New("twilio: what answers at twilio.api_url does not tell the account's status; check the address")
}

// checkNumber looks whether the sending number is one of this account and calls our web hook. A Messaging Service picks
// its senders itself, and a sender name is nothing an account lists.
func (c *Channel) checkNumber(ctx context.Context) error {
	if c.cfg.MessagingServiceSID != "" || !numberForm.MatchString(c.cfg.From) {
		return nil
	}
	p := &openapi.ListIncomingPhoneNumberParams{}
	p.SetPhoneNumber(c.cfg.From)
	page, err := c.api.service(ctx).PageIncomingPhoneNumber(p, "", "")
	if err != nil {
		return errors.New("twilio: " + explain(provider.Of(err)))
	}
	for _, n := range page.IncomingPhoneNumbers {
		if n.PhoneNumber == nil || *n.PhoneNumber != c.cfg.From {
			continue
		}
		if n.SmsUrl == nil || *n.SmsUrl != c.cfg.PublicURL+smsPath {
			return errors.New("twilio: the web hook of twilio.from for incoming messages is not <public_url>" + smsPath +
				"; set it at the number in Twilio's console")
		}
		return nil
	}
	return errors.New("twilio: twilio.from is no number of this account; buy or register it, or set twilio.messaging_service_sid")
}

// explain says in plain words what a failed call means and what to do.
func explain(ce *httpcall.Error) string {
	switch {
	case ce.Kind == httpcall.Refused && inactive[ce.Code]:
		return "Twilio says " + ce.Said()
	case ce.Kind == httpcall.Refused && ce.Status == http.StatusUnauthorized:
		return "Twilio refuses account SID and auth token; copy both from the console's first page into " +
			"twilio.account_sid and twilio.auth_token"
	case ce.Kind == httpcall.NotSent, ce.Kind == httpcall.Unclear:
		return "Twilio cannot be reached (" + ce.Text + ")"
	case ce.Kind == httpcall.Stranger:
		return "something on the way to Twilio answers in its place (" + ce.Said() + "); check twilio.api_url"
	}
	return "Twilio answers " + ce.Said()
}
