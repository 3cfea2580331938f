package twilioserver

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"treem/channels/sms"
)

// answerAccount describes the account. As Twilio does, it gives away the token.
func (s *Server) answerAccount() answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return reply(http.StatusOK, map[string]any{
		"sid": AccountSID, "owner_account_sid": AccountSID, "friendly_name": "treem", "status": s.account, "type": "Full",
		"auth_token": AuthToken, "date_created": "Mon, 05 Oct 2026 03:04:05 +0000",
		"date_updated": "Mon, 05 Oct 2026 03:04:05 +0000", "uri": "/2010-04-01/Accounts/" + AccountSID + ".json",
		"subresource_uris": map[string]any{},
	})
}

// answerNumbers lists the account's only number, if the filter lets it through.
func (s *Server) answerNumbers(filter string) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	numbers := []any{}
	if filter == "" || filter == Number {
		numbers = append(numbers, map[string]any{"sid": "PN00000000000000000000000000000111", "account_sid": AccountSID,
			"phone_number": Number, "sms_url": s.smsURL, "sms_method": "POST"})
	}
	return reply(http.StatusOK, map[string]any{"incoming_phone_numbers": numbers, "page": 0, "page_size": 50,
		"uri": "/2010-04-01/Accounts/" + AccountSID + "/IncomingPhoneNumbers.json"})
}

// SetSMSURL sets where the number's incoming messages are sent, as in Twilio's console.
func (s *Server) SetSMSURL(address string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.smsURL = address
}

// take sends a message to a person, if the account and the person allow it.
func (s *Server) take(p params, lost bool) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.account != "active" {
		return refusal(Failure{Kind: Suspended}, p["To"])
	}
	switch s.people[p["To"]] {
	case optedOut:
		return refusal(Failure{Kind: OptedOut}, p["To"])
	case landline:
		return refusal(Failure{Kind: NotMobile}, p["To"])
	}
	validity, _ := strconv.Atoi(p["ValidityPeriod"]) // checked before
	m := Sent{
		SID: fmt.Sprintf("SM%032x", 0xabc000+len(s.Taken)), To: p["To"],
		From: cmp.Or(p["From"], p["MessagingServiceSid"]), Body: p["Body"],
		StatusCallback: p["StatusCallback"], ValidityPeriod: validity, Lost: lost,
	}
	s.Taken = append(s.Taken, m)
	if m.StatusCallback != "" {
		statuses := s.statuses
		s.Go(func() { s.report(m, statuses) })
	}
	s.Notify()
	return reply(http.StatusCreated, m.json(p))
}

// json is the message as the API describes it right after taking it.
func (m Sent) json(p params) map[string]any {
	_, segments := sms.Measure(m.Body)
	out := map[string]any{
		"sid": m.SID, "account_sid": AccountSID, "to": m.To, "from": m.From, "body": m.Body, "status": "queued",
		"messaging_service_sid": nil, "num_segments": strconv.Itoa(segments), "num_media": "0",
		"direction": "outbound-api", "api_version": "2010-04-01", "price": nil, "price_unit": "USD",
		"error_code": nil, "error_message": nil, "date_sent": nil,
		"date_created": time.Now().UTC().Format(time.RFC1123Z), "date_updated": time.Now().UTC().Format(time.RFC1123Z),
		"uri":              "/2010-04-01/Accounts/" + AccountSID + "/Messages/" + m.SID + ".json",
		"subresource_uris": map[string]any{"media": "/2010-04-01/Accounts/" + AccountSID + "/Messages/" + m.SID + "/Media.json"},
	}
	if service := p["MessagingServiceSid"]; service != "" {
		out["messaging_service_sid"], out["from"], out["status"], out["num_segments"] = service, nil, "accepted", "0"
	}
	return out
}

// Keep puts a person's message into the log only: it came while the web hook could not be reached.
func (s *Server) Keep(sid, from, body string, at time.Time) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.incoming = append([]any{map[string]any{"sid": sid, "account_sid": AccountSID, "direction": "inbound", "from": from,
		"to": Number, "body": body, "num_media": "0", "num_segments": "1", "status": "received",
		"messaging_service_sid": ServiceSID, "date_sent": at.UTC().Format(time.RFC1123Z)}}, s.incoming...)
}

// logPage is how many messages the log shows at once, whatever is asked for, so that few messages make pages.
const logPage = 2

// answerLog lists messages by the published filters and pages. Besides those kept it always shows one of ours, as
// Twilio's log does if no recipient is given.
func (s *Server) answerLog(q url.Values) answer {
	since, err := time.Parse(time.RFC3339, q.Get("DateSent>"))
	if err != nil {
		return refuse(http.StatusBadRequest, 20001, "Invalid parameter DateSent")
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	shown := []any{}
	if q.Get("To") == "" {
		shown = append(shown, map[string]any{"sid": "SM" + AccountSID[2:], "direction": "outbound-api", "from": Number, "to": "+84905000000",
			"body": "x", "messaging_service_sid": ServiceSID})
	}
	for _, m := range s.incoming {
		at, _ := time.Parse(time.RFC1123Z, m.(map[string]any)["date_sent"].(string))
		if (q.Get("To") == "" || q.Get("To") == Number) && !at.Before(since) {
			shown = append(shown, m)
		}
	}
	page, _ := strconv.Atoi(q.Get("Page"))
	from := min(page*logPage, len(shown))
	to := min(from+logPage, len(shown))
	body := map[string]any{"messages": shown[from:to], "page": page, "page_size": logPage, "next_page_uri": nil}
	if to < len(shown) {
		body["next_page_uri"] = fmt.Sprintf("/2010-04-01/Accounts/%s/Messages.json?Page=%d&PageToken=PA%d", AccountSID, page+1, page+1)
	}
	return reply(http.StatusOK, body)
}
