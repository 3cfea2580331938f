package twilio

import (
	"context"
	"errors"
	"net/http"

	"treem/channels/httpcall"
)

// Check asks Twilio whether the account works, without sending anything. Its error says what to do. It cannot tell
// whether the sender is allowed in a country, nor whether Twilio reaches public_url; see Note for Viet Nam.
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
		return nil
	case "suspended":
		return errors.New("twilio: the account is suspended, so nothing is sent or received; see billing and notices " +
			"in Twilio's console")
	case "closed":
		return errors.New("twilio: the account is closed; use another one")
	}
	return errors.New("twilio: what answers at twilio.api_url does not tell the account's status; check the address")
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
