package kannel

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"treem/channels"
	"treem/channels/posted"
)

// The paths Kannel calls, below CallbackURL.
const (
	smsPath = "/kannel/sms"
	dlrPath = "/kannel/dlr"
)

const (
	maxBody    = 64 << 10         // longest body of a request
	acceptTime = 12 * time.Second // how long storing may take; the sample configuration lets Kannel wait 30 s
	warnAgain  = time.Minute      // between two log lines of one sort
)

// request is what Kannel sent: parameters of the address and of a form, X-Kannel headers, and with post-url the text.
type request struct {
	values url.Values
	header http.Header
	body   []byte
	posted bool // the text is the body
}

// Routes returns what Kannel calls: for messages, with get-url or post-url, and for delivery reports.
func (c *Channel) Routes() []channels.Route {
	var all []channels.Route
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		all = append(all, channels.Route{Pattern: method + " " + smsPath, Handler: c.guarded(c.receive)},
			channels.Route{Pattern: method + " " + dlrPath, Handler: c.guarded(c.report)})
	}
	return all
}

// guarded lets through to next what comes from an allowed address with the secret, and answers:
//
//	403  neither
//	415  a body that is neither text nor form
//	413  a body longer than 64 KiB
//	400  the body cannot be read, or a field we need is missing
//	503  the program is starting or stopping, or the message could not be stored
//	200  stored, or of no interest to us; the answer is empty, so that Kannel has nothing to send
//
// Kannel asks again after anything but 200 and 202.
func (c *Channel) guarded(next func(request) int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(c.answer(w, r, next))
	})
}

func (c *Channel) answer(w http.ResponseWriter, r *http.Request, next func(request) int) int {
	if !c.fromKannel(r) {
		c.warn(warnSource, "a request was refused: kannel.allow does not name the address it came from, or it came through a "+
			"proxy that trusted_proxy does not name")
		return http.StatusForbidden
	}
	req, status := read(w, r)
	if !c.authentic(r, req.values) {
		c.warn(warnSecret, "a request was refused: post-url or get-url in kannel.conf does not carry kannel.secret")
		return http.StatusForbidden
	}
	if status != http.StatusOK {
		return status
	}
	return next(req)
}

// fromKannel reports whether the request comes from where Kannel is. Kannel itself sends no X-Forwarded-For; behind a
// proxy on this machine everybody seems to come from here, so a proxy must be known for its word to count.
func (c *Channel) fromKannel(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	from := peer.Addr().Unmap().WithZone("")
	forwarded := r.Header.Values("X-Forwarded-For")
	if len(forwarded) == 0 && r.Header.Get("Forwarded") == "" {
		return inside(c.allow, from)
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		if !inside(c.proxies, from) {
			break
		}
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return false
		}
		from = hop.Unmap().WithZone("")
		if !inside(c.proxies, from) || i == 0 {
			return inside(c.allow, from)
		}
	}
	return false
}

func inside(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// authentic compares the secret in constant time: the password of HTTP Basic, as Kannel sends it for an address with
// user and password, or the parameter "secret".
func (c *Channel) authentic(r *http.Request, values url.Values) bool {
	given := values.Get("secret")
	if _, password, ok := r.BasicAuth(); ok {
		given = password
	}
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(c.cfg.Secret))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// read takes a request apart and returns 200, or the status to answer. The parameters of the address are there in any
// case.
func read(w http.ResponseWriter, r *http.Request) (request, int) {
	req := request{values: r.URL.Query(), header: r.Header}
	if r.Method != http.MethodPost {
		return req, http.StatusOK
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	switch kind {
	case "application/x-www-form-urlencoded":
		form, status := posted.Form(w, r, maxBody)
		for name, values := range form {
			req.values[name] = append(req.values[name], values...)
		}
		return req, status
	case "text/plain", "application/octet-stream":
		body, status := posted.Body(w, r, kind, maxBody)
		req.body, req.posted = body, true
		return req, status
	}
	return req, http.StatusUnsupportedMediaType
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
		c.log.Warn("not stored; Kannel has to send it again", "error", err)
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// The warnings that are held back, so that neither a stranger nor a wrong setting fills the log.
const (
	warnSource = iota
	warnSecret
	warnField
	warnNobody
	warnings
)

// warn tells of one sort of trouble now and then.
func (c *Channel) warn(which int, text string) {
	now, last := c.now().UnixNano(), c.warned[which].Load()
	if now-last < int64(warnAgain) || !c.warned[which].CompareAndSwap(last, now) {
		return
	}
	c.log.Warn(text)
}
