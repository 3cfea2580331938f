package twilio_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"treem/channels/channelstest"
	"treem/channels/channelstest/twilioserver"
	"treem/channels/twilio"
)

// FuzzHook posts forms with a right signature: whatever stands in them, the channel neither breaks down nor lets through
// what no message can be; and without the signature nothing is let through at all.
func FuzzHook(f *testing.F) {
	f.Add("/twilio/sms", twilioserver.Inbound("SM1", "+84905123456", "xin chào").Encode())
	f.Add("/twilio/status", "MessageSid=SM1&MessageStatus=delivered")
	f.Add("/twilio/sms", "MessageSid=SM1&From=%2B84905123456&Body=%FF%FE&NumMedia=9999999999999999999")
	f.Add("/twilio/sms", "From=&MessageSid=&Body=a&OptOutType=STOP")
	f.Fuzz(func(t *testing.T, path, body string) {
		form, err := url.ParseQuery(body)
		if err != nil || (path != "/twilio/sms" && path != "/twilio/status") {
			t.Skip()
		}
		for _, values := range form {
			if len(values) > 1 { // the stand-in signs a name once
				t.Skip()
			}
		}
		const public = "https://treem.test"
		c := newChannel(t, twilio.Config{AccountSID: twilioserver.AccountSID, AuthToken: twilioserver.AuthToken, From: twilioserver.Number,
			APIURL: "http://127.0.0.1:9", PublicURL: public, PerSecond: 1}, slog.New(slog.DiscardHandler))
		sink := channelstest.NewSink()
		if err := c.Start(t.Context(), sink); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Stop(context.Background()) }()
		mux := channelstest.Mux(c)
		call := func(signature string) int {
			r := httptest.NewRequest("POST", public+path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Twilio-Signature", signature)
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			return w.Code
		}
		if code := call("Zm9yZ2Vk"); code != http.StatusForbidden || len(sink.Tried()) > 0 {
			t.Fatalf("a forged form was answered %d and let in %d messages", code, len(sink.Tried()))
		}
		if code := call(twilioserver.Sign(twilioserver.AuthToken, public+path, form)); code >= http.StatusInternalServerError {
			t.Errorf("answered %d", code)
		}
		for _, in := range sink.Tried() {
			if in.ProviderID == "" || in.From.ID == "" || !utf8.ValidString(in.Text) {
				t.Errorf("let through: %+v", in)
			}
		}
	})
}
