package terminal_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/terminal"
)

// screen is a writer that several goroutines may use.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) sent() []channelstest.Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []channelstest.Sent
	for _, text := range strings.Split(s.b.String(), "\n\n") {
		if text != "" {
			all = append(all, channelstest.Sent{To: "me", Text: text})
		}
	}
	return all
}

func TestSuite(t *testing.T) {
	channelstest.Suite(t, channelstest.Harness{Name: "terminal", New: func(t *testing.T, _ *slog.Logger) *channelstest.Rig {
		in, keyboard := io.Pipe()
		t.Cleanup(func() { keyboard.Close() })
		out := &screen{}
		return &channelstest.Rig{
			Channel: terminal.New(in, out, time.Now),
			Deliver: func(t *testing.T, m channelstest.Message) <-chan struct{} {
				acked := make(chan struct{})
				go func() {
					defer close(acked)
					io.WriteString(keyboard, m.Text+"\n")
				}()
				return acked
			},
			Once:   true,
			Raw:    true,
			Skips:  func(text string) bool { return strings.ContainsAny(text, "\r\n") },
			Person: func(int) string { return "me" },
			Sent:   out.sent,
		}
	}})
}

func TestSendKeepsWordsOutOfErrors(t *testing.T) {
	c := terminal.New(strings.NewReader(""), brokenScreen{}, time.Now)
	_, err := c.Send(t.Context(), channels.Outbound{Text: "điều bí mật"})
	if se := channels.AsSendError(err); se == nil || se.Verdict != channels.Fault || strings.Contains(err.Error(), "bí mật") {
		t.Errorf("Send to a broken screen: %v", err)
	}
}

type brokenScreen struct{}

func (brokenScreen) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
