package kannel

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"treem/channels/httpcall"
)

// Check asks smsbox whether it takes the account, by a request without receiver, which sends nothing; and, with
// StatusURL, bearerbox whether a connection to the operator is up. Its error says what to do.
func (c *Channel) Check(ctx context.Context) error {
	req, fault := c.request(ctx, "UTF-8", nil)
	if fault != nil {
		return errors.New("kannel: " + fault.Text)
	}
	if e := provider.Of(c.exchange(req)); !e.RefusedWith(codeNoReceiver) {
		return errors.New("kannel: " + explain(e, "smsbox", "kannel.send_url"))
	}
	if c.cfg.StatusURL == "" {
		return nil
	}
	return c.checkStatus(ctx)
}

// explain says in plain words what a failed call means and what to do.
func explain(e *httpcall.Error, who, setting string) string {
	switch e.Kind {
	case httpcall.NotSent, httpcall.Unclear:
		return who + " cannot be reached (" + e.Text + "); is it running, and is " + setting + " right?"
	case httpcall.Stranger:
		return "something else answers at " + setting + " (" + e.Said() + "); check the address"
	}
	return e.Text
}

// status is what we read of bearerbox's status.xml.
type status struct {
	Denied string `xml:",chardata"`
	Boxes  []struct {
		Type string `xml:"type"`
	} `xml:"boxes>box"`
	Connections []struct {
		ID     string `xml:"id"`
		Status string `xml:"status"`
	} `xml:"smscs>smsc"`
}

// checkStatus wants a connection to an operator or modem that is up, and the smsbox beside it.
func (c *Channel) checkStatus(ctx context.Context) error {
	address := c.cfg.StatusURL + "?" + url.Values{"password": {c.cfg.StatusPassword}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("kannel: kannel.status_url cannot be used")
	}
	resp, answer, err := c.client.Do(req)
	if err != nil {
		return errors.New("kannel: " + explain(provider.Of(err), "bearerbox", "kannel.status_url"))
	}
	var s status
	if resp.StatusCode != http.StatusOK || xml.Unmarshal(answer, &s) != nil {
		return errors.New("kannel: what answers at kannel.status_url is not bearerbox's status.xml; check the address")
	}
	if strings.Contains(s.Denied, "Denied") {
		return errors.New("kannel: bearerbox refuses kannel.status_password; it is status-password in kannel.conf")
	}
	var down []string
	for _, one := range s.Connections {
		if strings.HasPrefix(one.Status, "online") {
			down = nil
			break
		}
		down = append(down, one.ID+": "+one.Status)
	}
	switch {
	case len(s.Connections) == 0:
		return errors.New("kannel: kannel.conf has no smsc group, so nothing is sent or received")
	case len(down) > 0:
		return errors.New("kannel: no connection to the operator is up (" + strings.Join(down, "; ") + "); see the smsc group " +
			"in kannel.conf and bearerbox's log")
	case len(s.Boxes) == 0:
		return errors.New("kannel: no smsbox is connected to bearerbox, so no message comes in; start it")
	}
	return nil
}
