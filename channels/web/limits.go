package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits holds back senders of too many messages. Network addresses are kept only as keyed hashes, in memory, and for a
// day: then the key is thrown away and with it whatever the hashes could tell.
type limits struct {
	perMinute int
	trusted   []netip.Prefix
	now       func() time.Time

	mu   sync.Mutex
	day  int64 // days since 1970 that the key is for
	key  []byte
	seen map[[sha256.Size]byte]*rate.Limiter
}

// maxSenders bounds the memory; beyond it every sender starts afresh.
const maxSenders = 50_000

func newLimits(perMinute int, trusted []string, now func() time.Time) (*limits, error) {
	l := &limits{perMinute: perMinute, now: now}
	for _, t := range trusted {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			a, aerr := netip.ParseAddr(t)
			if aerr != nil {
				return nil, fmt.Errorf("trusted_proxy %q: %w", t, err)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		l.trusted = append(l.trusted, p)
	}
	return l, nil
}

// allow says whether the sender is below its limit.
func (l *limits) allow(r *http.Request) bool {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if day := now.Unix() / (24 * 60 * 60); l.key == nil || day != l.day || len(l.seen) > maxSenders {
		l.day, l.key, l.seen = day, []byte(rand.Text()), map[[sha256.Size]byte]*rate.Limiter{}
	}
	m := hmac.New(sha256.New, l.key)
	m.Write([]byte(l.sender(r)))
	id := [sha256.Size]byte(m.Sum(nil))
	one, ok := l.seen[id]
	if !ok {
		one = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
		l.seen[id] = one
	}
	return one.AllowN(now, 1)
}

// sender is the network the request comes from: the address itself, or behind a trusted proxy the last address that is
// none. An IPv6 sender counts as its /64.
func (l *limits) sender(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := from.Addr().Unmap()
	hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	for i := len(hops) - 1; i >= 0 && l.isTrusted(a); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		a = hop.Unmap()
	}
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

func (l *limits) isTrusted(a netip.Addr) bool {
	for _, p := range l.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
