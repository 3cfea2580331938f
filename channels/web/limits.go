package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"treem/channels"

	"golang.org/x/time/rate"
)

// limits holds back senders of too many messages. Network addresses are kept only as keyed hashes, in memory, and for a
// day: then the key is thrown away and with it whatever the hashes could tell.
type limits struct {
	perMinute int
	proxies   channels.Proxies
	now       func() time.Time

	mu   sync.Mutex
	day  int64 // days since 1970 that the key is for
	key  []byte
	seen map[[sha256.Size]byte]*rate.Limiter
}

// maxSenders bounds the memory; beyond it every sender starts afresh.
const maxSenders = 50_000

func newLimits(perMinute int, trusted []string, now func() time.Time) (*limits, error) {
	proxies, err := channels.ParseProxies(trusted)
	return &limits{perMinute: perMinute, proxies: proxies, now: now}, err
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
	m.Write([]byte(l.proxies.Sender(r)))
	id := [sha256.Size]byte(m.Sum(nil))
	one, ok := l.seen[id]
	if !ok {
		one = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
		l.seen[id] = one
	}
	return one.AllowN(now, 1)
}
