package web

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestLimitsKeepNoAddressAndForgetDaily(t *testing.T) {
	now := time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC)
	l, err := newLimits(1, nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", nil)
	r.RemoteAddr = "203.0.113.77:4711"
	if !l.allow(r) || l.allow(r) {
		t.Fatal("want one message a minute")
	}
	if kept := fmt.Sprintf("%#v %s", l.seen, l.key); strings.Contains(kept, "203.0.113.77") || len(l.seen) != 1 {
		t.Errorf("kept in clear, or not at all: %s", kept)
	}
	key := string(l.key)
	now = now.Add(time.Minute)
	if !l.allow(r) || string(l.key) != key {
		t.Error("a minute later the sender is still held back, or the key changed")
	}
	now = now.Add(time.Hour) // the next day
	if !l.allow(r) || string(l.key) == key || len(l.seen) != 1 {
		t.Error("the key and what it hid outlive the day")
	}
}

func TestSender(t *testing.T) {
	l, err := newLimits(1, []string{"127.0.0.1", "10.0.0.0/8"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ remote, forwarded, want string }{
		"direct":               {"203.0.113.7:1", "", "203.0.113.7"},
		"a stranger's header":  {"203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
		"through the proxy":    {"127.0.0.1:1", "203.0.113.7", "203.0.113.7"},
		"forged before it":     {"127.0.0.1:1", "198.51.100.1, 203.0.113.7", "203.0.113.7"},
		"through two proxies":  {"127.0.0.1:1", "203.0.113.7, 10.1.2.3", "203.0.113.7"},
		"nonsense":             {"127.0.0.1:1", "nobody", "127.0.0.1"},
		"IPv6 counts as a /64": {"[2001:db8:1:2:3:4:5:6]:1", "", "2001:db8:1:2::/64"},
		"IPv4 within IPv6":     {"[::ffff:203.0.113.7]:1", "", "203.0.113.7"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", nil)
			r.RemoteAddr = c.remote
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			if got := l.sender(r); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
