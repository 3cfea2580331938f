package kannel_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/kannelserver"
	"treem/channels/kannel"
)

const kannelID = "712f2dab-238d-4ffb-bcf8-430bf31bc9f6"

// answering is a server with one answer to everything.
func answering(t *testing.T, status int, server, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", server)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// hooked is a started channel called without a network.
func hooked(t *testing.T, change func(*kannel.Config)) (*http.ServeMux, *channelstest.Sink, *channelstest.Guard) {
	t.Helper()
	guard := channelstest.NewGuard(t)
	guard.Forbid("secret", secret, person, "0905123456")
	cfg := kannel.Config{SendURL: "http://127.0.0.1:9/x", Username: "treem", Password: "password", From: "8085",
		Secret: secret, CallbackURL: "http://127.0.0.1:8080"}
	if change != nil {
		change(&cfg)
	}
	c := newChannel(t, cfg, guard.Logger())
	sink := channelstest.NewSink()
	must(t, c.Start(t.Context(), sink))
	t.Cleanup(func() { must(t, c.Stop(context.Background())) })
	return channelstest.Mux(c), sink, guard
}

// request is one request from this machine; headers are names and values by turns.
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:40000"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func status(m *http.ServeMux, r *http.Request) int {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if w.Body.Len() != 0 && w.Code == http.StatusOK {
		return -1 // Kannel would send it to the person
	}
	return w.Code
}

// values makes a query.
func values(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// TestWhoIsBelieved: the address must be allowed and the secret right, whichever way it comes.
func TestWhoIsBelieved(t *testing.T) {
	message := func(more ...string) string {
		return "/kannel/sms?" + values(append([]string{"id", kannelID, "from", person, "text", "x"}, more...)...)
	}
	proxied := func(c *kannel.Config) { c.TrustedProxy = []string{"127.0.0.1"} }
	for _, tc := range []struct {
		name    string
		change  func(*kannel.Config)
		path    string
		peer    string // "": this machine
		user    string // "": none; else its password
		headers []string
		want    int
	}{
		{"parameter", nil, message("secret", secret), "", "", nil, 200},
		{"password", nil, message(), "", secret, nil, 200},
		{"IPv6", nil, message("secret", secret), "[::1]:4000", "", nil, 200},
		{"IPv4 in IPv6", nil, message("secret", secret), "[::ffff:127.0.0.1]:4000", "", nil, 200},
		{"none", nil, message(), "", "", nil, 403},
		{"empty", nil, message("secret", ""), "", "", nil, 403},
		{"wrong", nil, message("secret", secret+"x"), "", "", nil, 403},
		{"wrong password", nil, message("secret", secret), "", "wrong", nil, 403},
		{"second one right", nil, message("secret", "wrong", "secret", secret), "", "", nil, 403},
		{"elsewhere", nil, message("secret", secret), "192.0.2.7:4000", "", nil, 403},
		{"elsewhere, allowed", func(c *kannel.Config) { c.Allow = []string{"192.0.2.0/24"} }, message("secret", secret),
			"192.0.2.7:4000", "", nil, 200},
		{"this machine, not allowed", func(c *kannel.Config) { c.Allow = []string{"192.0.2.0/24"} }, message("secret", secret),
			"", "", nil, 403},
		{"no address", nil, message("secret", secret), "@", "", nil, 403},
		{"through a proxy nobody named", nil, message("secret", secret), "", "", []string{"X-Forwarded-For", "127.0.0.1"}, 403},
		{"through a proxy of another sort", nil, message("secret", secret), "", "", []string{"Forwarded", "for=127.0.0.1"}, 403},
		{"through a proxy, from the world", proxied, message("secret", secret), "", "",
			[]string{"X-Forwarded-For", "198.51.100.9"}, 403},
		{"through a proxy, forged", proxied, message("secret", secret), "", "",
			[]string{"X-Forwarded-For", "127.0.0.1, 198.51.100.9"}, 403},
		{"through a proxy, nonsense", proxied, message("secret", secret), "", "", []string{"X-Forwarded-For", "me"}, 403},
		{"through a proxy, allowed", func(c *kannel.Config) {
			c.TrustedProxy, c.Allow = []string{"127.0.0.1"}, []string{"192.0.2.7"}
		}, message("secret", secret), "", "", []string{"X-Forwarded-For", "203.0.113.1", "X-Forwarded-For", "192.0.2.7"}, 200},
		{"reports too", nil, "/kannel/dlr?" + values("id", "a", "type", "1"), "", "", nil, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, sink, _ := hooked(t, tc.change)
			r := request("GET", tc.path, "", tc.headers...)
			if tc.peer != "" {
				r.RemoteAddr = tc.peer
			}
			if tc.user != "" {
				r.SetBasicAuth("treem", tc.user)
			}
			if got := status(m, r); got != tc.want {
				t.Errorf("status %d, want %d", got, tc.want)
			}
			if n := len(sink.Stored()) + len(sink.Receipts()); (n == 1) != (tc.want == 200) {
				t.Errorf("%d stored", n)
			}
		})
	}
}

func TestStatusCodes(t *testing.T) {
	auth := "?secret=" + secret
	for _, tc := range []struct {
		name, method, path, kind, body string
		refuse, want                   int
	}{
		{"get", "GET", "/kannel/sms" + auth + "&id=1&from=0905123456&text=a", "", "", 0, 200},
		{"without text", "GET", "/kannel/sms" + auth + "&id=1&from=0905123456", "", "", 0, 200},
		{"post", "POST", "/kannel/sms" + auth + "&id=1&from=0905123456", "text/plain", "a", 0, 200},
		{"form", "POST", "/kannel/sms", "application/x-www-form-urlencoded", "secret=" + secret + "&id=1&from=0905123456&text=a", 0, 200},
		{"not stored", "GET", "/kannel/sms" + auth + "&id=1&from=0905123456", "", "", 1, 503},
		{"no sender", "GET", "/kannel/sms" + auth + "&id=1", "", "", 0, 400},
		{"no id, no time", "GET", "/kannel/sms" + auth + "&from=0905123456&text=a", "", "", 0, 400},
		{"no id, time", "GET", "/kannel/sms" + auth + "&from=0905123456&text=a&time=2026-11-25+08:00:00", "", "", 0, 200},
		{"XML", "POST", "/kannel/sms" + auth, "text/xml", "<message/>", 0, 415},
		{"too long", "POST", "/kannel/sms" + auth, "text/plain", strings.Repeat("x", 64<<10+1), 0, 413},
		{"report", "GET", "/kannel/dlr" + auth + "&id=1&type=1", "", "", 0, 200},
		{"report posted", "POST", "/kannel/dlr", "application/x-www-form-urlencoded", "secret=" + secret + "&id=1&type=8", 0, 200},
		{"report not stored", "GET", "/kannel/dlr" + auth + "&id=1&type=1", "", "", 1, 503},
		{"report without id", "GET", "/kannel/dlr" + auth + "&type=1", "", "", 0, 400},
		{"report without type", "GET", "/kannel/dlr" + auth + "&id=1", "", "", 0, 400},
		{"PUT", "PUT", "/kannel/sms" + auth + "&id=1&from=0905123456", "", "", 0, 405},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, sink, _ := hooked(t, nil)
			sink.Refuse(tc.refuse)
			if got := status(m, request(tc.method, tc.path, tc.body, "Content-Type", tc.kind)); got != tc.want {
				t.Errorf("status %d, want %d", got, tc.want)
			}
			if n := len(sink.Stored()) + len(sink.Receipts()); (n == 1) != (tc.want == 200) {
				t.Errorf("%d stored", n)
			}
		})
	}
}

func TestBeforeStartAndAfterStop(t *testing.T) {
	box := kannelserver.Start(t)
	c := newChannel(t, config(box, "http://127.0.0.1:8080"), slog.New(slog.DiscardHandler))
	m := channelstest.Mux(c)
	get := func() int { return status(m, request("GET", "/kannel/sms?secret="+secret+"&id=1&from=0905123456", "")) }
	if got := get(); got != 503 {
		t.Errorf("before Start: status %d, want 503", got)
	}
	must(t, c.Start(t.Context(), channelstest.NewSink()))
	if c.Start(t.Context(), channelstest.NewSink()) == nil {
		t.Error("started twice")
	}
	if got := get(); got != 200 {
		t.Errorf("after Start: status %d, want 200", got)
	}
	must(t, c.Stop(within(t)))
	if got := get(); got != 503 {
		t.Errorf("after Stop: status %d, want 503", got)
	}
}

// TestInbound: what Kannel may send for a message, by get-url and by post-url.
func TestInbound(t *testing.T) {
	at := time.Date(2026, 11, 25, 8, 30, 0, 0, time.UTC)
	text := func(s string) channels.Inbound { return channels.Inbound{Kind: channels.KindText, Text: s, SentAt: at} }
	utf16 := "\x00G\x1e\xcd\x00i\x00 \x00\x31\x00\x31\x00\x31" // Gọi 111
	for _, tc := range []struct {
		name    string
		query   []string
		body    string // posted if kind is not empty
		kind    string
		headers []string
		want    channels.Inbound
	}{
		{"UTF-8", []string{"text", " Gọi  111\n", "charset", "UTF-8", "coding", "0"}, "", "", nil, text(" Gọi  111\n")},
		{"no charset", []string{"text", "Gọi 111"}, "", "", nil, text("Gọi 111")},
		{"UTF-16BE", []string{"text", utf16, "charset", "UTF-16BE", "coding", "2"}, "", "", nil, text("Gọi 111")},
		{"coding only", []string{"text", utf16, "coding", "2"}, "", "", nil, text("Gọi 111")},
		{"Latin-1", []string{"text", "caf\xe9", "charset", "ISO-8859-1", "coding", "0"}, "", "", nil, text("café")},
		{"unknown charset", []string{"text", "a\xffb", "charset", "x-own"}, "", "", nil, text("a\uFFFDb")},
		{"seconds", []string{"text", "a", "time", "1795595400"}, "", "", nil, text("a")},
		{"no time", []string{"text", "a", "time", "soon"}, "", "", nil, channels.Inbound{Kind: channels.KindText, Text: "a"}},
		{"data", []string{"text", "\x06\x05", "coding", "1"}, "", "", nil, channels.Inbound{Kind: channels.KindMedia, SentAt: at}},
		{"posted", nil, "Gọi 111", `text/plain; charset="UTF-8"`, []string{"X-Kannel-Coding", "0"}, text("Gọi 111")},
		{"posted UTF-16BE", nil, utf16, `text/plain; charset="UTF-16BE"`, []string{"X-Kannel-Coding", "2"}, text("Gọi 111")},
		{"posted data", nil, "\x06\x05", "application/octet-stream", []string{"X-Kannel-Coding", "1"},
			channels.Inbound{Kind: channels.KindMedia, SentAt: at}},
		{"posted empty", nil, "", "text/plain", nil, text("")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, sink, _ := hooked(t, nil)
			query := url.Values{"secret": {secret}, "id": {kannelID}, "from": {person}, "time": {"2026-11-25 08:30:00"}}
			for i := 0; i < len(tc.query); i += 2 {
				query.Set(tc.query[i], tc.query[i+1])
			}
			method := "GET"
			if tc.kind != "" {
				method = "POST"
				query.Del("from")
				query.Del("time")
				tc.headers = append(tc.headers, "Content-Type", tc.kind, "X-Kannel-From", person, "X-Kannel-Time", "2026-11-25 08:30:00")
			}
			if got := status(m, request(method, "/kannel/sms?"+query.Encode(), tc.body, tc.headers...)); got != 200 {
				t.Fatalf("status %d", got)
			}
			tc.want.ProviderID, tc.want.From = kannelID, to(person)
			if got := sink.Stored()[0]; got != tc.want {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

// TestSenders: one person has one address, however the operator writes the number; what is nobody is put aside.
func TestSenders(t *testing.T) {
	for raw, want := range map[string]string{
		"+84905123456": person, "84905123456": person, "0084905123456": person, "0905123456": person, "905123456": person,
		"+0905123456": person, "+84 905-123.456": person, "02563822222": "+842563822222", "+15005550006": "+15005550006",
		"8085": "", "19001234": "", "Viettel": "", "+12": "", "+": "", "84905123456789012": "", "０９０５": "",
	} {
		t.Run(raw, func(t *testing.T) {
			m, sink, guard := hooked(t, nil)
			guard.Forbid("address", raw)
			if got := status(m, request("GET", "/kannel/sms?"+values("secret", secret, "id", "1", "from", raw, "text", "a"), "")); got != 200 {
				t.Fatalf("status %d", got)
			}
			got := ""
			for _, in := range sink.Stored() {
				got = in.From.ID
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestWithoutID: a repeat has the same identifier, another message another.
func TestWithoutID(t *testing.T) {
	m, sink, _ := hooked(t, nil)
	send := func(pairs ...string) string {
		t.Helper()
		base := url.Values{"secret": {secret}, "from": {person}, "time": {"2026-11-25 08:30:00"}, "text": {"a"}, "smsc": {"x"}}
		for i := 0; i < len(pairs); i += 2 {
			base.Set(pairs[i], pairs[i+1])
		}
		if got := status(m, request("GET", "/kannel/sms?"+base.Encode(), "")); got != 200 {
			t.Fatalf("status %d", got)
		}
		tried := sink.Tried()
		return tried[len(tried)-1].ProviderID
	}
	first := send()
	if again := send(); again != first || strings.Contains(first, "905") {
		t.Errorf("a repeat has %q, the first %q", again, first)
	}
	for _, change := range [][]string{{"time", "2026-11-25 08:30:01"}, {"text", "b"}, {"from", "+84905123457"}, {"smsc", "y"}, {"udh", "050003010201"}} {
		if other := send(change...); other == first {
			t.Errorf("another %s, the same identifier", change[0])
		}
	}
}

func TestReports(t *testing.T) {
	for _, tc := range []struct {
		kind, meta string
		want       *channels.Receipt
	}{
		{"1", "", &channels.Receipt{Delivery: channels.DeliveryDelivered}},
		{"1", "?smpp?dlr_err=%03%00%00&", &channels.Receipt{Delivery: channels.DeliveryDelivered}},
		{"2", "?smpp?dlr_err=%03%00%1F&", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "err-31"}},
		{"2", "?smpp?dlr_err=031&", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "err-031"}},
		{"2", "", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "failed"}},
		{"2", "?smpp?dlr_err=" + person + "&", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "failed"}},
		{"4", "", &channels.Receipt{Delivery: channels.DeliverySent}},
		{"8", "", &channels.Receipt{Delivery: channels.DeliverySent}},
		{"16", "", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "rejected"}},
		{"32", "", nil},
		{"telepathy", "", nil},
	} {
		t.Run(tc.kind+tc.meta, func(t *testing.T) {
			m, sink, _ := hooked(t, nil)
			r := request("GET", "/kannel/dlr?"+values("secret", secret, "id", "out-1", "type", tc.kind, "meta", tc.meta), "")
			if got := status(m, r); got != 200 {
				t.Fatalf("status %d", got)
			}
			got := sink.Receipts()
			if tc.want == nil {
				if len(got) != 0 {
					t.Errorf("got %+v, want nothing", got)
				}
				return
			}
			tc.want.Channel, tc.want.ProviderID = "kannel", "out-1"
			if len(got) != 1 || got[0] != *tc.want {
				t.Errorf("got %+v, want %+v", got, *tc.want)
			}
		})
	}
}

// TestReportsGoTheWholeWay: a message out, its reports back to the address it named.
func TestReportsGoTheWholeWay(t *testing.T) {
	box := kannelserver.Start(t)
	f := channelstest.NewFront(t)
	c := newChannel(t, config(box, f.URL), channelstest.NewGuard(t).Logger())
	f.Serve(c)
	sink := channelstest.NewSink()
	must(t, c.Start(t.Context(), sink))
	t.Cleanup(func() { must(t, c.Stop(context.Background())) })
	id, err := c.Send(within(t), channels.Outbound{ID: "7-0", To: to(person), Text: "chào em"})
	must(t, err)
	for _, kind := range []int{1, 2, 16} {
		if got, err := box.Report(within(t), box.Sent()[0], kind, "?smpp?dlr_err=\x03\x00\x0b&"); err != nil || got != 200 {
			t.Errorf("report %d: status %d, %v", kind, got, err)
		}
	}
	for _, r := range sink.WaitReceipts(t, 3) {
		if r.ProviderID != id {
			t.Errorf("receipt %+v, want one for %q", r, id)
		}
	}
}

// TestWarningsDoNotFillTheLog runs in made-up time.
func TestWarningsDoNotFillTheLog(t *testing.T) {
	clock := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	var lines strings.Builder
	c, err := kannel.New(config(kannelserver.Start(t), "http://127.0.0.1:8080"), slog.New(slog.NewTextHandler(&lines, nil)),
		func() time.Time { return clock })
	must(t, err)
	m := channelstest.Mux(c)
	for range 5 {
		status(m, request("GET", "/kannel/sms?secret=wrong", ""))
	}
	clock = clock.Add(time.Minute)
	status(m, request("GET", "/kannel/sms?secret=wrong", ""))
	if n := strings.Count(lines.String(), "kannel.secret"); n != 2 || strings.Contains(lines.String(), "wrong") {
		t.Errorf("%d lines, want 2:\n%s", n, &lines)
	}
}
