package telegramserver

import (
	"math"
	"net/http"
	"strconv"

	"treem/channels/channelstest/standin"
)

// What the stand-ins have in common.
type (
	Failure  = standin.Failure
	Kind     = standin.Kind
	Schedule = standin.Schedule // its usual calls are sendMessage and getUpdates
)

// The ways to fail.
const (
	None, TooMany, ServerError, BadGateway = standin.None, standin.TooMany, standin.ServerError, standin.BadGateway
	Malformed, Unauthorized, Delay         = standin.Malformed, standin.Unauthorized, standin.Delay
	DropBefore, DropAfter, Hang            = standin.DropBefore, standin.DropAfter, standin.Hang
)

// Telegram's own.
const (
	Blocked  = standin.Own + iota // 403: the person blocked the bot
	NotFound                      // 400: chat not found
)

// refusal is a failure in Telegram's form.
func refusal(f Failure) answer {
	switch f.Kind {
	case TooMany:
		seconds := int(math.Ceil(f.After.Seconds()))
		a := refuse(http.StatusTooManyRequests, "Too Many Requests: retry after "+strconv.Itoa(seconds))
		a.Body["parameters"] = map[string]any{"retry_after": seconds}
		return a
	case Blocked:
		return refuse(http.StatusForbidden, "Forbidden: bot was blocked by the user")
	case NotFound:
		return refuse(http.StatusBadRequest, "Bad Request: chat not found")
	case Malformed:
		return refuse(http.StatusBadRequest, "Bad Request: can't parse reply keyboard markup JSON object")
	case Unauthorized:
		return refuse(http.StatusUnauthorized, "Unauthorized")
	}
	return refuse(http.StatusInternalServerError, "Internal Server Error: restart")
}

// state is what is special about a chat.
type state int

const (
	open state = iota
	blocked
	unknown
)

// Block makes the chat refuse messages, as a person does who blocked the bot.
func (s *Server) Block(chat int64) { s.setState(chat, blocked) }

// Forget makes the chat unknown to Telegram.
func (s *Server) Forget(chat int64) { s.setState(chat, unknown) }

// Unblock makes the chat an ordinary one again.
func (s *Server) Unblock(chat int64) { s.setState(chat, open) }

func (s *Server) setState(chat int64, st state) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.chats[strconv.FormatInt(chat, 10)] = st
}

// Migrate gives a group a new number; messages to the old one are refused with it.
func (s *Server) Migrate(from, to int64) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.moved[strconv.FormatInt(from, 10)] = to
}
