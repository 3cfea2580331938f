package httpcall_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/httpcall"
)

const (
	provider = httpcall.Provider("test")
	secret   = "a-secret-token"
)

// do posts to a server and returns how that ended.
func do(t *testing.T, ctx context.Context, address string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/"+secret, strings.NewReader("lời mật"))
	if err != nil {
		t.Fatal(err)
	}
	resp, answer, err := httpcall.New(provider, secret, 2, 64).Do(req)
	return resp, string(answer), err
}

func TestDo(t *testing.T) {
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc // nil: nobody listens
		verdict channels.Verdict // "": no error
		answer  string
	}{
		{"fine", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "done") }, "", "done"},
		{"long answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 99)) },
			"", strings.Repeat("x", 64)},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "", ""},
		{"nobody listens", nil, channels.Retry, ""},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, channels.Unknown, ""},
		{"answer breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "half")
		}, channels.Unknown, "half"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			handler := tc.handler
			if handler == nil {
				handler = http.NotFound
			}
			server := httptest.NewServer(handler)
			defer server.Close()
			if tc.handler == nil {
				server.Close()
			}
			guard := channelstest.NewGuard(t)
			guard.Forbid("private", secret, strings.TrimPrefix(server.URL, "http://"), "lời mật")
			_, answer, err := do(t, t.Context(), server.URL)
			if answer != tc.answer || (err == nil) != (tc.verdict == "") {
				t.Fatalf("answer %q, error %v", answer, err)
			}
			if err == nil {
				return
			}
			guard.Error(t, err)
			if se := provider.Of(err).SendError(nil); se.Verdict != tc.verdict || !strings.HasPrefix(se.Err.Error(), "test: ") {
				t.Errorf("%v, want %s", se, tc.verdict)
			}
		})
	}
}

func TestDoGivenUp(t *testing.T) {
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-gone }))
	defer server.Close()
	defer close(gone)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err := do(t, ctx, server.URL)
	if !errors.Is(err, context.DeadlineExceeded) || provider.Of(err).Kind != httpcall.Unclear {
		t.Errorf("no answer: %v", err)
	}
	cancel()
	if _, _, err := do(t, ctx, server.URL); provider.Of(err).Kind != httpcall.NotSent {
		t.Errorf("with no time left: %v", err)
	}
}

func TestSendError(t *testing.T) {
	refused := func(*httpcall.Error) channels.Verdict { return channels.Stop }
	for _, tc := range []struct {
		err     *httpcall.Error
		verdict channels.Verdict
		code    string
		after   time.Duration
		says    string
	}{
		{provider.NotSent("x"), channels.Retry, "unreachable", 0, "test: x"},
		{provider.Of(errors.New("lời mật")), channels.Unknown, "no-answer", 0, "test: the answer cannot be read"},
		{&httpcall.Error{Kind: httpcall.Refused, Status: 400, Code: 21610, Text: "x", After: time.Second},
			channels.Stop, "21610", 0, ": 21610 x"},
		{&httpcall.Error{Kind: httpcall.Stranger, Status: 403, After: time.Second}, channels.Retry, "403", time.Second, ": 403"},
		{&httpcall.Error{Kind: httpcall.Stranger, Status: 504, After: time.Second}, channels.Unknown, "504", 0, ": 504"},
		{&httpcall.Error{Kind: httpcall.Stranger, Status: 404}, channels.Fault, "404", 0, ": 404"},
	} {
		se := tc.err.SendError(refused)
		if se.Verdict != tc.verdict || se.Code != tc.code || se.After != tc.after || se.Err.Error() != tc.says {
			t.Errorf("%+v after %v, want %+v", se, se.After, tc)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for given, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "Wed, 21 Oct 2026 07:28:00 GMT": 0,
		"9000000000000000000": (1<<31 - 1) * time.Second,
	} {
		if got := httpcall.RetryAfter(http.Header{"Retry-After": {given}}); got != want {
			t.Errorf("RetryAfter(%q) = %v, want %v", given, got, want)
		}
	}
}
