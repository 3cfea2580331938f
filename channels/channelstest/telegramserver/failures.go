package telegramserver

import (
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Failure is what goes wrong with one call.
type Failure struct {
	Kind  Kind
	After time.Duration // Delay: how long; TooMany: retry_after, in whole seconds, rounded up
}

// Kind is a way to fail.
type Kind int

// The ways to fail. Only Delay and DropAfter do what was asked.
const (
	None         Kind = iota
	TooMany           // 429 with retry_after
	ServerError       // 500 in Telegram's form
	BadGateway        // 502 with a page of HTML, as from the servers in front
	Blocked           // 403: the person blocked the bot
	NotFound          // 400: chat not found
	Malformed         // 400: something is wrong with the request
	Unauthorized      // 401
	Delay             // a late answer
	DropBefore        // the connection ends, nothing was done
	DropAfter         // the connection ends, but all was done
	Hang              // no answer until the client gives up; nothing was done
)

// Schedule makes calls fail at random, the same way each time for the same seed and the same order of calls.
type Schedule struct {
	Seed    uint64
	Methods []string         // which methods; empty: sendMessage and getUpdates
	Rates   map[Kind]float64 // how likely each kind is, together at most 1
	After   time.Duration    // for Delay and TooMany
}

// Fail plans failures for the next calls of a method, one each. None lets a call through.
func (s *Server) Fail(method string, failures ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans[method] = append(s.plans[method], failures...)
}

// SetSchedule starts failing at random, beside what Fail plans; nil ends it.
func (s *Server) SetSchedule(schedule *Schedule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedule = schedule
	if schedule != nil {
		s.dice = rand.New(rand.NewPCG(schedule.Seed, 0))
	}
}

// nextFailure decides about one call; s.mu must be held.
func (s *Server) nextFailure(method string) Failure {
	if plan := s.plans[method]; len(plan) > 0 {
		s.plans[method] = plan[1:]
		return plan[0]
	}
	if s.schedule == nil {
		return Failure{}
	}
	among := s.schedule.Methods
	if len(among) == 0 {
		among = []string{"sendMessage", "getUpdates"}
	}
	if !slices.Contains(among, method) {
		return Failure{}
	}
	x := s.dice.Float64()
	for kind := None; kind <= Hang; kind++ { // in a fixed order, which a map does not give
		if x -= s.schedule.Rates[kind]; x < 0 {
			return Failure{Kind: kind, After: s.schedule.After}
		}
	}
	return Failure{}
}

// answer is the refusal in Telegram's form.
func (f Failure) answer() answer {
	switch f.Kind {
	case TooMany:
		seconds := int(math.Ceil(f.After.Seconds()))
		a := refuse(http.StatusTooManyRequests, "Too Many Requests: retry after "+strconv.Itoa(seconds))
		a.body["parameters"] = map[string]any{"retry_after": seconds}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[strconv.FormatInt(chat, 10)] = st
}

// Migrate gives a group a new number; messages to the old one are refused with it.
func (s *Server) Migrate(from, to int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved[strconv.FormatInt(from, 10)] = to
}
