package twilio

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"treem/channels/httpcall"
	"treem/channels/lifecycle"
)

// Twilio gives up a web hook request after 15 seconds. What came while we could not be reached is only in its log, so
// that is read: at the start, and now and then for the outages that did not end the program.
const (
	longestOutage = 72 * time.Hour   // how far back the first look goes
	lookAgain     = 10 * time.Minute // between two looks
	lookOverlap   = 30 * time.Minute // how far a later look goes back beyond the one before
	lookRetry     = time.Minute      // after a look that failed
	pageOfLog     = 1000             // the most Twilio lists at once
	maxPages      = 20
)

// receives reports whether people can write to our sender.
func (c *Channel) receives() bool {
	return c.cfg.MessagingServiceSID != "" || !letter.MatchString(c.cfg.From)
}

// catchUp passes on what Twilio took for us and the web hook never stored, until the work is to end. The store knows
// what it has by the SID.
func (c *Channel) catchUp(w lifecycle.Work) {
	since, warned := c.now().Add(-longestOutage), false
	for {
		begun, wait := c.now(), lookAgain
		if err := c.lookBack(w, since); err == nil {
			since, warned = begun.Add(-lookOverlap), false
		} else {
			wait = lookRetry
			if !warned && w.Soft.Err() == nil {
				c.log.Warn("Twilio's log of incoming messages was not read; what came during an outage may be missing "+
					"until it is", "error", err)
				warned = true
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-w.Soft.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// lookBack passes on what came since then, the oldest first.
func (c *Channel) lookBack(w lifecycle.Work, since time.Time) error {
	all, err := c.incoming(w.Soft, since)
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(all) { // Twilio lists the latest first
		f := fields{"MessageSid": *m.Sid, "From": *m.From, "Body": text(m.Body), "NumMedia": text(m.NumMedia)}
		in := inbound(f)
		if at, err := time.Parse(time.RFC1123Z, text(m.DateSent)); err == nil {
			in.SentAt = at.UTC()
		}
		ctx, cancel := context.WithTimeout(w.Hard, acceptTime)
		err := w.Sink.Accept(ctx, in)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// incoming lists what people sent to our sender since then.
func (c *Channel) incoming(ctx context.Context, since time.Time) (all []openapi.ApiV2010Message, err error) {
	p := &openapi.ListMessageParams{}
	p.SetDateSentAfter(since.UTC())
	p.SetPageSize(pageOfLog)
	if c.cfg.MessagingServiceSID == "" {
		p.SetTo(c.cfg.From)
	}
	token, number := "", ""
	for range maxPages {
		page, err := c.api.service(ctx).PageMessage(p, token, number)
		if err != nil {
			return nil, provider.Of(err)
		}
		for _, m := range page.Messages {
			if c.ours(m) {
				all = append(all, m)
			}
		}
		next, err := url.Parse(text(page.NextPageUri))
		if err != nil || next.Query().Get("PageToken") == "" {
			return all, nil
		}
		token, number = next.Query().Get("PageToken"), next.Query().Get("Page")
	}
	return nil, &httpcall.Error{Provider: provider, Kind: httpcall.Unclear, Text: "the log has no end"}
}

// ours reports whether m is a whole message of a person to our sender.
func (c *Channel) ours(m openapi.ApiV2010Message) bool {
	if text(m.Direction) != "inbound" || text(m.Sid) == "" || text(m.From) == "" {
		return false
	}
	if c.cfg.MessagingServiceSID != "" {
		return text(m.MessagingServiceSid) == c.cfg.MessagingServiceSID
	}
	return strings.EqualFold(text(m.To), c.cfg.From)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
