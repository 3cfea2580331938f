package kannel

import (
	"net/http"
	"strings"

	"treem/channels"
	"treem/channels/httpcall"
)

// Numbers of our own for Kannel's answers, which have none but HTTP's.
const (
	codeAuthorisation = 4031 // 403: user name, password or address refused
	codeNoRoute       = 4032 // 403: no connection takes the number
	codeListed        = 4001 // 400: the number is on a list
	codeNoReceiver    = 4002 // 400: the number is missing, which Check provokes
)

// words are the answers of smsbox that need a meaning of their own, by how they begin.
var words = []struct {
	status  int
	begins  string
	code    int
	verdict channels.Verdict
	text    string // ours, with what to do
}{
	{403, "Authorization failed", codeAuthorisation, channels.Fault, "smsbox refuses kannel.username and kannel.password, " +
		"or user-allow-ip of its sendsms-user does not name this machine"},
	{403, "Not routable", codeNoRoute, channels.Fault, "no smsc group of kannel.conf takes this number or kannel.smsc"},
	{400, "Number(s) has/have been denied", codeListed, channels.Stop, "the number is on a black-list of kannel.conf or on " +
		"no white-list"},
	{400, "Missing receiver", codeNoReceiver, channels.Fault, "no number given"},
	{404, "Unknown request", 404, channels.Fault, "unknown address; kannel.send_url must end as sendsms-url in kannel.conf " +
		"(/cgi-bin/sendsms)"},
}

// exchange makes one call and returns nil if Kannel took the message, or else an *httpcall.Error. Kannel's own words,
// which may quote the number, are not kept.
func (c *Channel) exchange(req *http.Request) error {
	resp, answer, err := c.client.Do(req)
	if resp == nil {
		return err
	}
	if !strings.HasPrefix(resp.Header.Get("Server"), "Kannel/") {
		return provider.Stranger(resp)
	}
	if resp.StatusCode == http.StatusAccepted { // taken, whatever the rest of the answer would have been
		return nil
	}
	if err != nil && resp.StatusCode/100 == 2 {
		return err
	}
	return refusal(resp.StatusCode, string(answer))
}

// refusal is Kannel's no.
func refusal(status int, answer string) *httpcall.Error {
	out := &httpcall.Error{Provider: provider, Kind: httpcall.Refused, Status: status, Text: "Kannel refuses the request"}
	if status >= 500 {
		out.Text = "Kannel cannot take the message now: its queue is full, or bearerbox is not running"
	}
	for _, w := range words {
		if w.status == status && strings.HasPrefix(answer, w.begins) {
			out.Code, out.Text = w.code, w.text
		}
	}
	return out
}

// refusedVerdict goes by the table and, for what is not in it, by HTTP's status.
func refusedVerdict(e *httpcall.Error) channels.Verdict {
	for _, w := range words {
		if w.code == e.Code {
			return w.verdict
		}
	}
	if e.Status == http.StatusTooManyRequests || e.Status >= 500 {
		return channels.Retry
	}
	return channels.Fault
}
