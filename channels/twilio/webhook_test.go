package twilio_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/twilioserver"
	"treem/channels/twilio"
)

const (
	public = "https://tre-em.example:8443/treem" // as Twilio sees it; a proxy takes off port and /treem
	formed = "application/x-www-form-urlencoded"
	person = "+84905123456"
	sid    = "SM000000000000000000000000000000ff"
)

// hooked is a started channel at the public address, called without a network.
func hooked(t *testing.T, address string, now func() time.Time) (*http.ServeMux, *channelstest.Sink, *channelstest.Guard) {
	t.Helper()
	guard := channelstest.NewGuard(t)
	guard.Forbid("secret", twilioserver.AuthToken, person)
	cfg := config(twilioserver.New(), address)
	cfg.APIURL = "http://127.0.0.1:9"
	c, err := twilio.New(cfg, guard.Logger(), now)
	must(t, err)
	sink := channelstest.NewSink()
	must(t, c.Start(t.Context(), sink))
	m := channelstest.Mux(c)
	t.Cleanup(func() { must(t, c.Stop(context.Background())) })
	return m, sink, guard
}

// request is one request as it arrives behind the proxy.
func request(method, target, contentType, body, signature string) *http.Request {
	r := httptest.NewRequest(method, "http://10.0.0.5:8080"+target, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if signature != "" {
		r.Header.Set("X-Twilio-Signature", signature)
	}
	return r
}

func answer(m *http.ServeMux, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w
}

// TestSignature: the signature covers what Twilio was told, not what the request says about itself.
func TestSignature(t *testing.T) {
	f := twilioserver.Inbound(sid, person, "cứu em với & + = %")
	sign := func(address string) string { return twilioserver.Sign(twilioserver.AuthToken, address, f) }
	extra := maps.Clone(f)
	extra["Late"] = []string{"x"}
	twice := f.Encode() + "&Body=" + url.QueryEscape("lời khác")
	for _, tc := range []struct {
		name, public, target, body, signature string
		want                                  int
	}{
		{"path and port", public, "/twilio/sms", "", sign(public + "/twilio/sms"), 200},
		{"slash at the end", public + "/", "/twilio/sms", "", sign(public + "/twilio/sms"), 200},
		{"signed without port", public, "/twilio/sms", "", sign("https://tre-em.example/treem/twilio/sms"), 200},
		{"signed with usual port", "https://a.example", "/twilio/sms", "", sign("https://a.example:443/twilio/sms"), 200},
		{"query", public, "/twilio/sms?b=2&a=1+%C3%A9'", "", sign(public + "/twilio/sms?b=2&a=1+%C3%A9'"), 200},
		{"fragment at Twilio", public, "/twilio/sms", "", sign(public + "/twilio/sms#rc=5&rp=all"), 200},
		{"a new field", public, "/twilio/sms", extra.Encode(), twilioserver.Sign(twilioserver.AuthToken, public+"/twilio/sms", extra), 200},
		{"second value is not read", public, "/twilio/sms", twice, sign(public + "/twilio/sms"), 200},
		{"body hash is a query like others", public, "/twilio/sms?bodySHA256=00", "", sign(public + "/twilio/sms?bodySHA256=00"), 200},
		{"missing", public, "/twilio/sms", "", "", 403},
		{"nonsense", public, "/twilio/sms", "", "nonsense", 403},
		{"other token", public, "/twilio/sms", "", twilioserver.Sign("another", public+"/twilio/sms", f), 403},
		{"empty token", public, "/twilio/sms", "", twilioserver.Sign("", public+"/twilio/sms", f), 403},
		{"other path", public, "/twilio/sms", "", sign(public + "/twilio/status"), 403},
		{"other scheme", public, "/twilio/sms", "", sign("http://tre-em.example:8443/treem/twilio/sms"), 403},
		{"the request's own host", public, "/twilio/sms", "", sign("http://10.0.0.5:8080/twilio/sms"), 403},
		{"forwarded host", public, "/twilio/sms", "", sign("https://evil.example/twilio/sms"), 403},
		{"without our path", public, "/twilio/sms", "", sign("https://tre-em.example:8443/twilio/sms"), 403},
		{"query left out", public, "/twilio/sms?a=1", "", sign(public + "/twilio/sms"), 403},
		{"query added", public, "/twilio/sms", "", sign(public + "/twilio/sms?a=1"), 403},
		{"field added", public, "/twilio/sms", extra.Encode(), sign(public + "/twilio/sms"), 403},
		{"field changed", public, "/twilio/sms", strings.Replace(f.Encode(), "Body=c", "Body=d", 1), sign(public + "/twilio/sms"), 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, sink, _ := hooked(t, tc.public, time.Now)
			body := tc.body
			if body == "" {
				body = f.Encode()
			}
			r := request("POST", tc.target, formed, body, tc.signature)
			r.Header.Set("X-Forwarded-Host", "evil.example")
			r.Header.Set("X-Forwarded-Proto", "https")
			if got := answer(m, r).Code; got != tc.want {
				t.Fatalf("status %d, want %d", got, tc.want)
			}
			stored := sink.Stored()
			if (len(stored) == 1) != (tc.want == 200) {
				t.Fatalf("%d stored", len(stored))
			}
			if len(stored) == 1 && stored[0].Text != "cứu em với & + = %" {
				t.Errorf("text %q", stored[0].Text)
			}
		})
	}
}

func TestStatusCodes(t *testing.T) {
	good := twilioserver.Inbound(sid, person, "xin chào")
	status := twilioserver.Status(twilioserver.Sent{SID: sid, To: person, From: twilioserver.Number}, "delivered", "")
	without := func(f url.Values, name string) url.Values {
		f = maps.Clone(f)
		f.Del(name)
		return f
	}
	for _, tc := range []struct {
		name, method, path, contentType string
		form                            url.Values
		raw                             string // instead of the form
		refuse, want                    int
	}{
		{"message", "POST", "/twilio/sms", formed, good, "", 0, 200},
		{"charset", "POST", "/twilio/sms", formed + "; charset=UTF-8", good, "", 0, 200},
		{"not stored", "POST", "/twilio/sms", formed, good, "", 1, 503},
		{"receipt", "POST", "/twilio/status", formed, status, "", 0, 200},
		{"receipt not stored", "POST", "/twilio/status", formed, status, "", 1, 503},
		{"no type", "POST", "/twilio/sms", "", good, "", 0, 415},
		{"JSON", "POST", "/twilio/sms", "application/json", good, "", 0, 415},
		{"multipart", "POST", "/twilio/sms", "multipart/form-data; boundary=x", good, "", 0, 415},
		{"too long", "POST", "/twilio/sms", formed, good, "Body=" + strings.Repeat("x", 64<<10), 0, 413},
		{"no form", "POST", "/twilio/sms", formed, good, "Body=%zz", 0, 400},
		{"no SID", "POST", "/twilio/sms", formed, without(good, "MessageSid"), "", 0, 400},
		{"no sender", "POST", "/twilio/sms", formed, without(good, "From"), "", 0, 400},
		{"receipt without SID", "POST", "/twilio/status", formed, without(status, "MessageSid"), "", 0, 400},
		{"receipt without status", "POST", "/twilio/status", formed, without(status, "MessageStatus"), "", 0, 400},
		{"GET", "GET", "/twilio/sms", formed, good, "", 0, 405},
		{"PUT", "PUT", "/twilio/status", formed, good, "", 0, 405},
		{"other path", "POST", "/twilio/voice", formed, good, "", 0, 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, sink, _ := hooked(t, public, time.Now)
			sink.Refuse(tc.refuse)
			body := tc.raw
			if body == "" {
				body = tc.form.Encode()
			}
			w := answer(m, request(tc.method, tc.path, tc.contentType, body,
				twilioserver.Sign(twilioserver.AuthToken, public+tc.path, tc.form)))
			if w.Code != tc.want {
				t.Fatalf("status %d, want %d", w.Code, tc.want)
			}
			isTwiML := w.Header().Get("Content-Type") == "text/xml; charset=utf-8" && strings.HasSuffix(w.Body.String(), "<Response/>")
			if isTwiML != (tc.want == 200) {
				t.Errorf("answer %q, %q", w.Header().Get("Content-Type"), w.Body)
			}
			if n := len(sink.Stored()) + len(sink.Receipts()); (n == 1) != (tc.want == 200) {
				t.Errorf("%d stored", n)
			}
		})
	}
}

func TestBeforeStartAndAfterStop(t *testing.T) {
	c := newChannel(t, config(twilioserver.New(), public), slog.New(slog.DiscardHandler))
	m := channelstest.Mux(c)
	f := twilioserver.Inbound(sid, person, "có ai không")
	post := func() int {
		return answer(m, request("POST", "/twilio/sms", formed, f.Encode(),
			twilioserver.Sign(twilioserver.AuthToken, public+"/twilio/sms", f))).Code
	}
	if got := post(); got != 503 {
		t.Errorf("before Start: status %d, want 503", got)
	}
	must(t, c.Start(t.Context(), channelstest.NewSink()))
	if c.Start(t.Context(), channelstest.NewSink()) == nil {
		t.Error("started twice")
	}
	if got := post(); got != 200 {
		t.Errorf("after Start: status %d, want 200", got)
	}
	must(t, c.Stop(within(t)))
	if got := post(); got != 503 {
		t.Errorf("after Stop: status %d, want 503", got)
	}
}

func TestInbound(t *testing.T) {
	set := func(pairs ...string) url.Values {
		f := twilioserver.Inbound(sid, person, "")
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	for _, tc := range []struct {
		name string
		form url.Values
		want channels.Inbound
	}{
		{"text", set("Body", " tre em "), channels.Inbound{Kind: channels.KindText, Text: " tre em "}},
		{"empty", set(), channels.Inbound{Kind: channels.KindText}},
		{"NUL and broken UTF-8", set("Body", "a\x00b\xffc"), channels.Inbound{Kind: channels.KindText, Text: "a\uFFFDb\uFFFDc"}},
		{"picture", set("NumMedia", "2", "Body", "xem"), channels.Inbound{Kind: channels.KindMedia, Text: "xem"}},
		{"odd NumMedia", set("NumMedia", "many", "Body", "xem"), channels.Inbound{Kind: channels.KindText, Text: "xem"}},
		{"STOP", set("OptOutType", "STOP", "Body", "Stop"), channels.Inbound{Kind: channels.KindLeft}},
		{"START", set("OptOutType", "START", "Body", "start"), channels.Inbound{Kind: channels.KindJoined}},
		{"HELP", set("OptOutType", "HELP", "Body", "help"), channels.Inbound{Kind: channels.KindText, Text: "help"}},
		{"plain STOP", set("Body", "STOP"), channels.Inbound{Kind: channels.KindText, Text: "STOP"}},
		{"fallback", set("Body", "x", "ErrorCode", "11200", "ErrorUrl", "https://x"), channels.Inbound{Kind: channels.KindText, Text: "x"}},
		{"short code", set("From", "12345", "Body", "x"), channels.Inbound{Kind: channels.KindText, Text: "x",
			From: channels.Address{Channel: "twilio", ID: "12345"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, sink, _ := hooked(t, public, time.Now)
			w := answer(m, request("POST", "/twilio/sms", formed, tc.form.Encode(),
				twilioserver.Sign(twilioserver.AuthToken, public+"/twilio/sms", tc.form)))
			if w.Code != 200 {
				t.Fatalf("status %d", w.Code)
			}
			tc.want.ProviderID = sid
			if tc.want.From.ID == "" {
				tc.want.From = channels.Address{Channel: "twilio", ID: person}
			}
			if got := sink.Stored()[0]; got != tc.want {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

func TestReceipts(t *testing.T) {
	for _, tc := range []struct {
		status, code string
		want         *channels.Receipt
	}{
		{"accepted", "", &channels.Receipt{Delivery: channels.DeliverySent}},
		{"queued", "", &channels.Receipt{Delivery: channels.DeliverySent}},
		{"sending", "", &channels.Receipt{Delivery: channels.DeliverySent}},
		{"sent", "", &channels.Receipt{Delivery: channels.DeliverySent}},
		{"Delivered", "", &channels.Receipt{Delivery: channels.DeliveryDelivered}},
		{"read", "", &channels.Receipt{Delivery: channels.DeliveryDelivered}},
		{"undelivered", "30003", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "30003"}},
		{"failed", "30008", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "30008"}},
		{"failed", "21610", &channels.Receipt{Delivery: channels.DeliveryFailed, Code: "21610", OptedOut: true}},
		{"failed", person, &channels.Receipt{Delivery: channels.DeliveryFailed}},
		{"canceled", "", &channels.Receipt{Delivery: channels.DeliveryFailed}},
		{"received", "", nil},
		{"telepathy", "", nil},
	} {
		t.Run(tc.status+tc.code, func(t *testing.T) {
			m, sink, _ := hooked(t, public, time.Now)
			f := twilioserver.Status(twilioserver.Sent{SID: sid, To: person}, tc.status, tc.code)
			w := answer(m, request("POST", "/twilio/status", formed, f.Encode(),
				twilioserver.Sign(twilioserver.AuthToken, public+"/twilio/status", f)))
			if w.Code != 200 {
				t.Fatalf("status %d", w.Code)
			}
			got := sink.Receipts()
			if tc.want == nil {
				if len(got) != 0 {
					t.Errorf("got %+v, want nothing", got)
				}
				return
			}
			tc.want.Channel, tc.want.ProviderID = "twilio", sid
			if len(got) != 1 || got[0] != *tc.want {
				t.Errorf("got %+v, want %+v", got, *tc.want)
			}
		})
	}
}

// TestWrongSignaturesDoNotFillTheLog runs in made-up time.
func TestWrongSignaturesDoNotFillTheLog(t *testing.T) {
	clock := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	var lines strings.Builder
	c, err := twilio.New(config(twilioserver.New(), public), slog.New(slog.NewTextHandler(&lines, nil)),
		func() time.Time { return clock })
	must(t, err)
	m := http.NewServeMux()
	m.Handle(c.Routes()[0].Pattern, c.Routes()[0].Handler)
	for range 5 {
		answer(m, request("POST", "/twilio/sms", formed, "From=a", "wrong"))
	}
	clock = clock.Add(time.Minute)
	answer(m, request("POST", "/twilio/sms", formed, "From=a", "wrong"))
	if n := strings.Count(lines.String(), "public_url"); n != 2 {
		t.Errorf("%d lines, want 2:\n%s", n, &lines)
	}
}
