package twilio

import (
	"context"
	"errors"
	"net/http"
	"strings"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"
	messaging "github.com/twilio/twilio-go/rest/messaging/v1"

	"treem/channels/httpcall"
)

// Check asks Twilio whether the account works, and whether twilio.from is its number, or the Messaging Service is there and
// has a sender, and calls our web hook, without sending anything. Its error says what to do. It cannot tell whether the sender is allowed in a country, nor whether Twilio
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
		if c.cfg.MessagingServiceSID != "" {
			return c.checkService(ctx)
		}
		return c.checkNumber(ctx)
	case "suspended":
		return errors.New("twilio: the account is suspended, so nothing is sent or received; see billing and notices " +
			"in Twilio's console")
	case "closed":
		return errors.New("twilio: the account is closed; use another one")
	}
	return errors.New("twilio: what answers at twilio.api_url does not tell the account's status; check the address")
}

// checkNumber looks whether the sending number is one of this account and calls our web hook. A sender
// name is nothing an account lists.
func (c *Channel) checkNumber(ctx context.Context) error {
	if !numberForm.MatchString(c.cfg.From) {
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
		if !c.calls(n.SmsUrl) {
			return errors.New("twilio: the web hook of twilio.from for incoming messages is not <public_url>" + smsPath +
				"; set it at the number in Twilio's console")
		}
		return nil
	}
	return errors.New("twilio: twilio.from is no number of this account; buy or register it, or set twilio.messaging_service_sid")
}

// checkService looks whether the Messaging Service is there, has a sender and calls our web hook. Where it leaves incoming
// messages to the web hooks of its numbers, those are not asked for.
func (c *Channel) checkService(ctx context.Context) error {
	api, sid := c.api.messaging(ctx), c.cfg.MessagingServiceSID
	service, err := api.FetchService(sid)
	if err != nil {
		ce := provider.Of(err)
		if ce.Code == notFound {
			return errors.New("twilio: twilio.messaging_service_sid is no Messaging Service of this account; copy it from " +
				"Twilio's console")
		}
		return errors.New("twilio: " + explain(ce))
	}
	sender, err := hasSender(api, sid)
	if err != nil {
		return errors.New("twilio: " + explain(provider.Of(err)))
	}
	if !sender {
		return errors.New("twilio: the Messaging Service has no sender, so nothing can be sent; add a number or a sender name " +
			"to its sender pool in Twilio's console")
	}
	byNumber := service.UseInboundWebhookOnNumber != nil && *service.UseInboundWebhookOnNumber
	if !byNumber && !c.calls(service.InboundRequestUrl) {
		return errors.New("twilio: the web hook of the Messaging Service for incoming messages is not <public_url>" + smsPath +
			"; set it under Integration of the service in Twilio's console")
	}
	return nil
}

// calls reports whether a web hook's address is ours; behind # Twilio takes how often to try again.
func (c *Channel) calls(address *string) bool {
	if address == nil {
		return false
	}
	plain, _, _ := strings.Cut(*address, "#")
	return plain == c.cfg.PublicURL+smsPath
}

// notFound is Twilio's code for what is not there.
const notFound = 20404

// hasSender reports whether a Messaging Service has any number, short code or sender name.
func hasSender(api *messaging.ApiService, sid string) (bool, error) {
	numbers, err := api.PagePhoneNumber(sid, &messaging.ListPhoneNumberParams{}, "", "")
	if err != nil || len(numbers.PhoneNumbers) > 0 {
		return err == nil, err
	}
	codes, err := api.PageShortCode(sid, &messaging.ListShortCodeParams{}, "", "")
	if err != nil || len(codes.ShortCodes) > 0 {
		return err == nil, err
	}
	names, err := api.PageAlphaSender(sid, &messaging.ListAlphaSenderParams{}, "", "")
	return err == nil && len(names.AlphaSenders) > 0, err
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
