package twilioserver

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// Failure is what goes wrong with one call.
type Failure struct {
	Kind  Kind
	After time.Duration // Delay: how long; TooMany: Retry-After, in whole seconds, rounded up
}

// Kind is a way to fail.
type Kind int

// The ways to fail. Only Delay and DropAfter do what was asked.
const (
	None         Kind = iota
	TooMany           // 429 with Retry-After
	ServerError       // 500 in Twilio's form
	BadGateway        // 502 with a page of HTML, as from the servers in front
	OptedOut          // 400, 21610: the person answered STOP
	NotMobile         // 400, 21614: the number gets no SMS
	NoPermission      // 400, 21408: sending to this country is off
	Malformed         // 400, 20001: something is wrong with the request
	Unauthorized      // 401, 20003
	Suspended         // 403, 20403
	Delay             // a late answer
	DropBefore        // the connection ends, nothing was done
	DropAfter         // the connection ends, but all was done
	Hang              // no answer until the client gives up; nothing was done
)

// Schedule makes calls fail at random, the same way each time for the same seed and the same order of calls.
type Schedule struct {
	Seed      uint64
	Endpoints []string         // empty: Messages
	Rates     map[Kind]float64 // how likely each kind is, together at most 1
	After     time.Duration    // for Delay and TooMany
}

// Fail plans failures for the next calls of an endpoint, one each. None lets a call through.
func (s *Server) Fail(endpoint string, failures ...Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans[endpoint] = append(s.plans[endpoint], failures...)
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
func (s *Server) nextFailure(endpoint string) Failure {
	if plan := s.plans[endpoint]; len(plan) > 0 {
		s.plans[endpoint] = plan[1:]
		return plan[0]
	}
	if s.schedule == nil {
		return Failure{}
	}
	among := s.schedule.Endpoints
	if len(among) == 0 {
		among = []string{Messages}
	}
	if !slices.Contains(among, endpoint) {
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

// answer is the refusal in Twilio's words, which quote the number.
func (f Failure) answer(to string) answer {
	switch f.Kind {
	case TooMany:
		a := refuse(http.StatusTooManyRequests, 20429, "Too Many Requests")
		a.after = f.After
		return a
	case OptedOut:
		return refuse(http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient: "+to)
	case NotMobile:
		return refuse(http.StatusBadRequest, 21614, "'To' number is not a valid mobile number: "+to)
	case NoPermission:
		return refuse(http.StatusBadRequest, 21408,
			"Permission to send an SMS has not been enabled for the region indicated by the 'To' number: "+to)
	case Malformed:
		return refuse(http.StatusBadRequest, 20001, "Invalid parameter in the message to "+to)
	case Unauthorized:
		return refuse(http.StatusUnauthorized, 20003, "Authenticate")
	case Suspended:
		return refuse(http.StatusForbidden, 20403, "Account "+AccountSID+" is suspended")
	}
	return refuse(http.StatusInternalServerError, 20500, "An internal server error has occurred sending to "+to)
}

// state is what is special about a person's number.
type state int

const (
	open state = iota
	optedOut
	landline
)

// OptOut makes the number refuse messages, as after STOP.
func (s *Server) OptOut(number string) { s.setState(number, optedOut) }

// OptIn makes the number an ordinary one again, as after START.
func (s *Server) OptIn(number string) { s.setState(number, open) }

// Landline makes the number one that gets no SMS.
func (s *Server) Landline(number string) { s.setState(number, landline) }

func (s *Server) setState(number string, st state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people[number] = st
}

// SetAccount sets the account's status: active, suspended or closed.
func (s *Server) SetAccount(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account = status
}
