// Package telegramserver is a local HTTP server that behaves like Telegram's Bot API towards one bot, for tests: of the
// Telegram channel, and of the whole program started as another process with TREEM_TELEGRAM_API_URL set to its URL.
//
// It keeps to the published rules (https://core.telegram.org/bots/api), and is stricter where the real service forgives:
// an unknown parameter or a button with two actions is rejected, so that mistakes show. Updates are forgotten only when
// a greater offset or a 2xx of the web hook confirms them. Failures are injected one by one (Fail) or by a seeded
// schedule (SetSchedule).
//
// All methods are safe for concurrent use.
package telegramserver

import (
	"net/http"
	"strings"
	"time"

	"treem/channels/channelstest/standin"
)

// Token and Username are the bot's. BotID is the number Telegram puts before the colon.
const (
	Token    = "123456789:AAlocal-test_token-not-a-secret0000"
	Username = "treem_test_bot"
	BotID    = 123456789
)

// Server is the stand-in for api.telegram.org. Make it with New, then Listen.
type Server struct {
	// HookRetry is the first wait before a web hook request is sent again; it doubles up to a second. Set it before
	// Listen; zero is 20 ms.
	HookRetry time.Duration

	standin.Base[Sent]

	// Mu guards what follows.
	updates  queue
	hook     hook
	poll     chan struct{}    // closed when a newer getUpdates takes over; nil when none waits
	lastID   int              // of messages
	chats    map[string]state // what is special about a chat
	moved    map[string]int64
	answered []string
	deleted  []Sent
	files    []string
	held     []string // what people sent, "chat/message"

	described map[string]string // by part and language
}

// Sent is one message the server took.
type Sent struct {
	ID      int    // as answered; rising in the order taken
	Chat    string // as given in chat_id
	Topic   int    // message_thread_id, if given
	Text    string // or the caption
	Copied  string // for a copy: "chat/message" of what a person sent
	File    string // what the server calls the picture or recording, if it is one
	Buttons [][]Button
	Old     bool // more than 48 hours old, see Age
	Lost    bool // taken, but the answer was dropped on purpose
}

// Button is one button of a message's inline keyboard.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data"`
	URL  string `json:"url"`
}

// New makes a server with no updates and no failures.
func New() *Server {
	s := &Server{
		chats: map[string]state{}, moved: map[string]int64{}, described: map[string]string{},
		updates: queue{next: 700_000_001, known: map[int64]update{}},
	}
	s.Init("telegramserver", s, "sendMessage", "getUpdates")
	return s
}

// Start makes a server that listens on a free local port until the test ends.
func Start(t standin.TB) *Server {
	t.Helper()
	return standin.Start(t, New())
}

// ServeHTTP answers /bot<token>/<method>.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, name, named := strings.Cut(rest, "/")
	if !ok || !named {
		refuse(http.StatusNotFound, "Not Found").Write(w)
		return
	}
	if token != Token {
		refuse(http.StatusUnauthorized, "Unauthorized").Write(w)
		return
	}
	m, known := methods[strings.ToLower(name)]
	if !known {
		s.Reject(name, "unknown method")
		refuse(http.StatusNotFound, "Not Found: method not found").Write(w)
		return
	}
	p, err := readParams(r)
	if err == nil {
		err = m.check(p)
	}
	failure := s.Arrived(m.name)
	if err != nil {
		s.Reject(m.name, err.Error())
		refuse(http.StatusBadRequest, "Bad Request: "+err.Error()).Write(w)
		return
	}
	s.Serve(w, r, failure, refusal, func(lost bool) answer { return m.run(s, r.Context(), p, lost) })
}

// answer is what one call returns.
type answer = standin.Answer

func result(v any) answer {
	return answer{Status: http.StatusOK, Body: map[string]any{"ok": true, "result": v}}
}

func refuse(code int, description string) answer {
	return answer{Status: code, Body: map[string]any{"ok": false, "error_code": code, "description": description}}
}
