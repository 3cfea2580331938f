package channelstest

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// Guard is a log that keeps everything, down to the debug level, and knows the words that must be in no log and no
// error: what people wrote, who they are, our secrets.
type Guard struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	words map[string]string // word → what it is
}

// NewGuard returns a guard that checks its log when the test ends.
func NewGuard(t *testing.T) *Guard {
	t.Helper()
	g := &Guard{words: map[string]string{}}
	t.Cleanup(func() {
		t.Helper()
		g.mu.Lock()
		log := g.buf.String()
		g.mu.Unlock()
		g.check(t, "log", log)
	})
	return g
}

// Logger returns the logger to give to the channel.
func (g *Guard) Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(g, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Write implements io.Writer for the logger.
func (g *Guard) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buf.Write(p)
}

// Forbid adds a secret or an address, whole.
func (g *Guard) Forbid(what string, words ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range words {
		if len(w) >= 5 { // shorter ones turn up by chance
			g.words[w] = what
		}
	}
}

// ForbidText adds the longer words of somebody's message.
func (g *Guard) ForbidText(text string) {
	for _, w := range strings.Fields(text) {
		if n := utf8.RuneCountInString(w); n >= 6 && n <= 40 {
			g.Forbid("message text", w)
		}
	}
}

// Error checks what an error says, printed in the usual ways.
func (g *Guard) Error(t testing.TB, err error) {
	t.Helper()
	g.check(t, "error", fmt.Sprintf("%v\n%+v", err, err))
}

func (g *Guard) check(t testing.TB, where, said string) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for word, what := range g.words {
		if strings.Contains(said, word) {
			t.Errorf("%s contains a %s, %q:\n%.2000s", where, what, word, said)
		}
	}
}
