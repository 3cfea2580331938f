package channels

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSender(t *testing.T) {
	proxies, err := ParseProxies([]string{"127.0.0.1", "10.0.0.0/8"})
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
			if got := proxies.Sender(r); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestParseProxiesNamesTheSetting(t *testing.T) {
	if _, err := ParseProxies([]string{"10.0.0.0/8", "proxy.example"}); err == nil || !strings.Contains(err.Error(), "trusted_proxy \"proxy.example\"") {
		t.Errorf("a name gives %v", err)
	}
}
