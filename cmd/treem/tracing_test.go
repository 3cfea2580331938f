package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// TestTracing has the program report to a collector: a message's way can be followed, and nothing of what its sender wrote
// or asked for is in any span.
func TestTracing(t *testing.T) {
	var mu sync.Mutex
	var raw []byte
	names := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		var req collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(data, &req) != nil {
			t.Errorf("the collector got %s %s: %v", r.Method, r.URL, err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		raw = append(raw, data...)
		for _, res := range req.ResourceSpans {
			for _, scope := range res.ScopeSpans {
				for _, span := range scope.Spans {
					names[span.Name]++
				}
			}
		}
	}))
	defer s.Close()
	cfg := testConfig(t)
	cfg.Tracing.URL = s.URL + "/v1/traces"
	a := openTestApp(t, cfg)
	p := person(t)
	for _, text := range []string{"trẻ em là người bao nhiêu tuổi", "bố Trần Văn Thử đánh em, gọi 0905123456 giúp em với"} {
		resp, err := p.PostForm(a.Address(), url.Values{"text": {text}})
		body(t, resp, err)
	}
	resp, err := p.Get(a.Address() + "e/drowning-first-aid?from=0905123456")
	body(t, resp, err)
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for name, n := range map[string]int{"POST /{$}": 2, "accept": 2, "handle": 2, "deliver": 2, "GET /e/{id}": 1} {
		if names[name] < n {
			t.Errorf("%d spans named %q, want %d: %v", names[name], name, n, names)
		}
	}
	for _, word := range []string{"Thử", "0905123456", "bao nhiêu", "drowning-first-aid", "127.0.0.1"} {
		if bytes.Contains(raw, []byte(word)) {
			t.Errorf("the collector was told %q", word)
		}
	}
}
