package web_test

import (
	"bufio"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
)

// growing is a store with one conversation that grows.
type growing struct {
	mu    sync.Mutex
	lines []channels.Line
}

func (g *growing) Transcript(context.Context, channels.Address, int) ([]channels.Line, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lines, false, nil
}

func (g *growing) say(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines[:len(g.lines):len(g.lines)], channels.Line{Text: text})
}

// listen opens the stream of events of a session and returns how to read the next line that is no comment.
func listen(t *testing.T, url, session, lastID string) (next func() string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "phien", Value: session})
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("status %d, type %q", resp.StatusCode, kind)
	}
	lines := bufio.NewScanner(resp.Body)
	return func() string {
		t.Helper()
		for lines.Scan() {
			if l := lines.Text(); l != "" && l != ":" && !strings.HasPrefix(l, "retry:") {
				return l
			}
		}
		return "end"
	}
}

func wake(t *testing.T, ch channels.Channel) {
	t.Helper()
	if _, err := ch.Send(t.Context(), channels.Outbound{ID: "1", To: channels.Address{Channel: "web", ID: person(0)}}); err != nil {
		t.Fatal(err)
	}
}

func TestEventsTellOfChangesOnce(t *testing.T) {
	said := &growing{}
	said.say("chào")
	ch := newChannel(t, config(), said, slog.New(slog.DiscardHandler))
	s := serve(t, ch)
	next := listen(t, s.URL, person(0), "")
	id, ok := strings.CutPrefix(next(), "id: ")
	if !ok || next() != "data: "+id {
		t.Fatal("the first event does not carry the state as its id and data")
	}
	wake(t, ch) // nothing changed: no event
	said.say("một câu nữa")
	wake(t, ch)
	later, ok := strings.CutPrefix(next(), "id: ")
	if !ok || later == id || next() != "data: "+later {
		t.Fatal("a change was not told, or something else was")
	}

	again := listen(t, s.URL, person(0), later) // comes back having seen everything
	said.say("tin của cán bộ")
	wake(t, ch)
	newest, ok := strings.CutPrefix(again(), "id: ")
	if !ok || newest == later {
		t.Errorf("back with the newest state, the first event is %q, want the change after it", newest)
	}
	missed := listen(t, s.URL, person(0), id) // comes back having missed two
	if got := missed(); got != "id: "+newest {
		t.Errorf("back with an old state: %q, want %q", got, newest)
	}
	if err := ch.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for got := next(); got != "end"; got = next() {
	}
}

// The listener's time limits are for ordinary requests; an open page outlives them.
func TestEventsOutliveTimeLimits(t *testing.T) {
	said := &growing{}
	ch := newChannel(t, config(), said, slog.New(slog.DiscardHandler))
	s := httptest.NewUnstartedServer(channelstest.Mux(ch))
	s.Config.ReadTimeout, s.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	next := listen(t, s.URL, person(0), "")
	first := next()
	next()
	over := time.NewTimer(4 * s.Config.ReadTimeout)
	<-over.C
	said.say("tin đến muộn")
	wake(t, ch)
	if got := next(); got == "end" || got == first {
		t.Errorf("after the time limits: %q, want the late message", got)
	}
	if err := ch.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestEventsNeedSession(t *testing.T) {
	s := serve(t, newChannel(t, config(), noTranscript{}, slog.New(slog.DiscardHandler)))
	resp, err := http.Get(s.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Errorf("status %d, want 204, which ends the browser's tries", resp.StatusCode)
	}
}
