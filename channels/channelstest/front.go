package channelstest

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest/standin"
)

// Front is the public address of a channel that receives by web hook. It outlives the channel.
type Front struct {
	URL string
	mux atomic.Pointer[http.ServeMux]
}

// NewFront returns an address with nothing behind it yet; it is gone when the test ends.
func NewFront(t testing.TB) *Front {
	t.Helper()
	f := &Front{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mux.Load().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Serve puts a channel behind the address, in place of the one before.
func (f *Front) Serve(c channels.Router) { f.mux.Store(Mux(c)) }

// Mux serves a channel's routes.
func Mux(c channels.Router) *http.ServeMux {
	m := http.NewServeMux()
	for _, r := range c.Routes() {
		m.Handle(r.Pattern, r.Handler)
	}
	return m
}

// Answering returns the address of a server that has the same answer to everything. It asks to be left alone for seven
// seconds and to be looked for elsewhere, which only matters with some statuses.
func Answering(t testing.TB, status int, body string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// BusyFor is how long a stand-in that fails by Failing asks to wait.
const BusyFor = 3 * time.Second

// Failing is Rig.Fail for a stand-in whose call sends messages; person is how it refuses one for the person's sake.
func Failing(api interface {
	Fail(call string, failures ...standin.Failure)
	Close()
}, call string, person standin.Kind) func(*testing.T, Failure) {
	kinds := map[Failure]standin.Kind{
		FailBusy: standin.TooMany, FailServer: standin.ServerError, FailPerson: person,
		FailRequest: standin.Malformed, FailAuth: standin.Unauthorized, FailSilent: standin.Hang,
		FailLost: standin.DropAfter,
	}
	return func(t *testing.T, f Failure) {
		t.Helper()
		if f == FailRefused {
			api.Close()
			return
		}
		kind, known := kinds[f]
		if !known {
			t.Fatalf("the stand-in cannot fail by %q", f)
		}
		failure := standin.Failure{Kind: kind}
		if f == FailBusy {
			failure.After = BusyFor
		}
		api.Fail(call, failure)
	}
}
