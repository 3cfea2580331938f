package kannel

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"treem/channels"
)

// The kinds of delivery report, as bits of dlr-mask and values of %d.
const (
	dlrDelivered = 1
	dlrFailed    = 2
	dlrQueued    = 4
	dlrSubmitted = 8
	dlrRejected  = 16
)

var deliveries = map[string]channels.Delivery{
	strconv.Itoa(dlrDelivered): channels.DeliveryDelivered,
	strconv.Itoa(dlrFailed):    channels.DeliveryFailed,
	strconv.Itoa(dlrQueued):    channels.DeliverySent,
	strconv.Itoa(dlrSubmitted): channels.DeliverySent,
	strconv.Itoa(dlrRejected):  channels.DeliveryFailed,
}

// reportURL is where Kannel reports on the message with this identifier. The secret stands where Kannel puts it into a
// header; %d, %D and %i are Kannel's to fill in. The operator's own words (%A) are not asked for: they quote the text.
func (c *Channel) reportURL(id string) string {
	scheme, rest, _ := strings.Cut(c.cfg.CallbackURL, "://")
	return scheme + "://treem:" + c.cfg.Secret + "@" + rest + dlrPath + "?id=" + url.QueryEscape(id) + "&type=%d&meta=%D"
}

// report passes one delivery report on and returns the status to answer. Reports arrive in any order; the store sorts
// that out.
func (c *Channel) report(req request) int {
	id, kind := req.values.Get("id"), req.values.Get("type")
	if id == "" || kind == "" {
		c.warn(warnField, "a delivery report came without id or type")
		return http.StatusBadRequest
	}
	delivery, known := deliveries[kind]
	if !known {
		return http.StatusOK
	}
	r := channels.Receipt{Channel: Name, ProviderID: channels.CleanText(id), Delivery: delivery}
	if delivery == channels.DeliveryFailed {
		r.Code = failureCode(kind, req.values.Get("meta"))
	}
	return c.store(func(ctx context.Context, sink channels.Sink) error { return sink.Receipt(ctx, r) })
}

// failureCode is the operator's error of a failed message, or else how Kannel calls the failure.
func failureCode(kind, meta string) string {
	_, rest, _ := strings.Cut(meta, "dlr_err=")
	value, _, _ := strings.Cut(rest, "&")
	if value, err := url.QueryUnescape(value); err == nil && value != "" {
		if strings.Trim(value, "0123456789") == "" && len(value) <= 6 {
			return "err-" + value
		}
		// network_error_code: a kind of network and a number of two octets
		if len(value) == 3 && value[0] <= 9 {
			return "err-" + strconv.Itoa(int(value[1])<<8|int(value[2]))
		}
	}
	if kind == strconv.Itoa(dlrRejected) {
		return "rejected"
	}
	return "failed"
}
