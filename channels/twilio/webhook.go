package twilio

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"treem/channels"
	"treem/channels/posted"
)

// The web hooks' paths, below PublicURL.
const (
	smsPath    = "/twilio/sms"
	statusPath = "/twilio/status"
)

const (
	maxForm     = 64 << 10         // longest body of a request
	acceptTime  = 12 * time.Second // how long storing may take; Twilio waits 15 s for the answer
	warnAgain   = time.Minute      // between two log lines about wrong signatures
	emptyAnswer = `<?xml version="1.0" encoding="UTF-8"?><Response/>`
)

// fields are the fields of a form, each with its first value: that is what the signature covers, so nothing else is
// looked at.
type fields map[string]string

// Routes returns the web hooks for messages and for receipts.
func (c *Channel) Routes() []channels.Route {
	return []channels.Route{
		{Pattern: "POST " + smsPath, Handler: c.verified(smsPath, c.receive)},
		{Pattern: "POST " + statusPath, Handler: c.verified(statusPath, c.receipt)},
	}
}

// verified lets through to next what Twilio signed for this path, and answers:
//
//	403  the signature is missing or wrong
//	415  the body is not declared as a form
//	413  the body is longer than 64 KiB
//	400  the body is no form, or a field we need is missing
//	503  the program is starting or stopping, or the message could not be stored; Twilio tries again or elsewhere
//	200  stored, or of no interest to us; the answer is an empty TwiML document, by which Twilio sends nothing itself
func (c *Channel) verified(path string, next func(fields) int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusForbidden
		if signature := r.Header.Get("X-Twilio-Signature"); signature != "" {
			var f fields
			if f, status = readForm(w, r); status == http.StatusOK && !c.signed(path, r.URL.RawQuery, f, signature) {
				status = http.StatusForbidden
				c.warn(path)
			}
			if status == http.StatusOK {
				status = next(f)
			}
		}
		if status != http.StatusOK {
			http.Error(w, http.StatusText(status), status)
			return
		}
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = io.WriteString(w, emptyAnswer)
	})
}

// readForm returns the fields and 200, or the status to answer.
func readForm(w http.ResponseWriter, r *http.Request) (fields, int) {
	values, status := posted.Form(w, r, maxForm)
	if status != http.StatusOK {
		return nil, status
	}
	f := fields{}
	for name, v := range values {
		f[name] = v[0]
	}
	return f, http.StatusOK
}

// signed compares with the signature over the address Twilio was given, in constant time. The address is put together
// from the settings: behind a proxy the request's own host, scheme and path may all be others, and anybody can write
// what they like into its headers. The library tries the address with and without its port, as Twilio is not consistent
// about it.
func (c *Channel) signed(path, query string, f fields, signature string) bool {
	address := c.cfg.PublicURL + path
	if query != "" {
		address += "?" + query
	}
	return c.validator.Validate(address, f, signature)
}

// warn tells of a wrong signature, now and then: it is either a stranger, who must not fill the log, or a wrong setting.
func (c *Channel) warn(path string) {
	now, last := c.now().UnixNano(), c.warned.Load()
	if now-last < int64(warnAgain) || !c.warned.CompareAndSwap(last, now) {
		return
	}
	c.log.Warn("a request with a wrong signature was refused; if Twilio's error log shows 403 for it, public_url or "+
		"twilio.auth_token is not what Twilio has", "path", path)
}

// receive stores one message and returns the status to answer.
func (c *Channel) receive(f fields) int {
	if f["MessageSid"] == "" || f["From"] == "" {
		return http.StatusBadRequest
	}
	return c.store(func(ctx context.Context, sink channels.Sink) error { return sink.Accept(ctx, inbound(f)) })
}

// receipt passes one receipt on and returns the status to answer. Receipts arrive in any order; the store sorts that
// out.
func (c *Channel) receipt(f fields) int {
	if f["MessageSid"] == "" || f["MessageStatus"] == "" {
		return http.StatusBadRequest
	}
	delivery, known := deliveries[strings.ToLower(f["MessageStatus"])]
	if !known {
		c.log.Debug("a receipt of an unknown sort was ignored")
		return http.StatusOK
	}
	r := channels.Receipt{Channel: Name, ProviderID: channels.CleanText(f["MessageSid"]), Delivery: delivery}
	if errorCode.MatchString(f["ErrorCode"]) {
		r.Code = f["ErrorCode"]
	}
	r.OptedOut = r.Code == strconv.Itoa(optedOut)
	return c.store(func(ctx context.Context, sink channels.Sink) error { return sink.Receipt(ctx, r) })
}

// store runs one call of the sink and returns the status to answer. The request's own context is not used: a connection
// lost half way must not undo what is being stored.
func (c *Channel) store(put func(context.Context, channels.Sink) error) int {
	work, ok := c.life.Enter()
	if !ok {
		return http.StatusServiceUnavailable
	}
	defer c.life.Leave()
	ctx, cancel := context.WithTimeout(work.Hard, acceptTime)
	defer cancel()
	if err := put(ctx, work.Sink); err != nil {
		c.log.Warn("not stored; Twilio has to send it again", "error", err)
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// deliveries are Twilio's message statuses. Those that only incoming messages have are missing.
var deliveries = map[string]channels.Delivery{
	"accepted":    channels.DeliverySent,
	"scheduled":   channels.DeliverySent,
	"queued":      channels.DeliverySent,
	"sending":     channels.DeliverySent,
	"sent":        channels.DeliverySent,
	"delivered":   channels.DeliveryDelivered,
	"read":        channels.DeliveryDelivered,
	"undelivered": channels.DeliveryFailed,
	"failed":      channels.DeliveryFailed,
	"canceled":    channels.DeliveryFailed,
}

var errorCode = regexp.MustCompile(`^[1-9][0-9]{2,5}$`)

// inbound turns a form into the message it stands for. Twilio answers STOP and START itself and says so in OptOutType
// (with Advanced Opt-Out; without it they come as text). HELP is also answered by the bot.
func inbound(f fields) channels.Inbound {
	in := channels.Inbound{
		ProviderID: channels.CleanText(f["MessageSid"]),
		From:       channels.Address{Channel: Name, ID: channels.CleanText(f["From"])},
		Kind:       channels.KindText,
		Text:       channels.CleanText(f["Body"]),
	}
	media, _ := strconv.Atoi(f["NumMedia"])
	switch {
	case strings.EqualFold(f["OptOutType"], "STOP"):
		in.Kind, in.Text = channels.KindLeft, ""
	case strings.EqualFold(f["OptOutType"], "START"):
		in.Kind, in.Text = channels.KindJoined, ""
	case media > 0:
		in.Kind = channels.KindMedia
	}
	return in
}
