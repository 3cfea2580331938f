package kannel_test

import (
	"net/http"
	"testing"
	"unicode/utf8"
)

// FuzzHook calls the hook as Kannel may, and as somebody may who knows the secret: whatever comes, the channel neither
// breaks down nor lets through what no message can be.
func FuzzHook(f *testing.F) {
	f.Add("POST", "/kannel/sms", "id=1", "xin chào", "0905123456", "text/plain; charset=UTF-8", "2026-11-24 08:00:00")
	f.Add("GET", "/kannel/sms", "id=1&from=0905123456&to=8085&text=a", "", "", "", "")
	f.Add("GET", "/kannel/dlr", "id=2&type=1&answer=0%3A+Accepted", "", "", "", "")
	f.Add("POST", "/kannel/sms", "id=%zz&id=2", "\xff\xfe\x00", "VIETTEL", "application/octet-stream", "0")
	f.Fuzz(func(t *testing.T, method, path, query, body, from, kind, at string) {
		if (method != "GET" && method != "POST") || (path != "/kannel/sms" && path != "/kannel/dlr") {
			t.Skip()
		}
		mux, sink, _ := hooked(t, nil)
		r := request(method, path, body, "X-Kannel-From", from, "Content-Type", kind, "X-Kannel-Time", at)
		r.URL.RawQuery = query
		r.SetBasicAuth("treem", secret)
		if code := status(mux, r); code >= http.StatusInternalServerError {
			t.Errorf("answered %d", code)
		}
		for _, in := range sink.Tried() {
			if in.ProviderID == "" || in.From.ID == "" || !utf8.ValidString(in.Text) {
				t.Errorf("let through: %+v", in)
			}
		}
	})
}
