package twilioserver

import (
	"net/http"

	"treem/channels/channelstest/standin"
)

// What the stand-ins have in common.
type (
	Failure  = standin.Failure
	Kind     = standin.Kind
	Schedule = standin.Schedule // its usual call is Messages
)

// The ways to fail.
const (
	None, TooMany, ServerError, BadGateway = standin.None, standin.TooMany, standin.ServerError, standin.BadGateway
	Malformed, Unauthorized, Delay         = standin.Malformed, standin.Unauthorized, standin.Delay
	DropBefore, DropAfter, Hang            = standin.DropBefore, standin.DropAfter, standin.Hang
)

// Twilio's own.
const (
	OptedOut     = standin.Own + iota // 400, 21610: the person answered STOP
	NotMobile                         // 400, 21614: the number gets no SMS
	NoPermission                      // 400, 21408: sending to this country is off
	Suspended                         // 403, 20403
)

// refusal is a failure in Twilio's words, which quote the number.
func refusal(f Failure, to string) answer {
	switch f.Kind {
	case TooMany:
		a := refuse(http.StatusTooManyRequests, 20429, "Too Many Requests")
		a.After = f.After
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
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.people[number] = st
}

// SetAccount sets the account's status: active, suspended or closed.
func (s *Server) SetAccount(status string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.account = status
}
