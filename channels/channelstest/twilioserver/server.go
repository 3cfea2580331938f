// Package twilioserver is a local HTTP server that behaves like Twilio's REST API towards one account, for tests: of the
// Twilio channel, and of the whole program started as another process with TREEM_TWILIO_API_URL set to its URL.
//
// Every request, and every answer of its own, is measured by Twilio's published description of the API
// (twilio_api_v2010.json, twilio_messaging_v1.json). Beyond it, it keeps to what the pages say (https://www.twilio.com/docs/messaging/api/message-resource),
// and is stricter where the real service forgives: a parameter treem does not use or repeats, or two senders, are
// rejected, so that mistakes show. It
// reports on every message it took by signed status callbacks, and delivers messages from people by signed web hook
// requests (Deliver). Failures are injected one by one (Fail) or by a seeded schedule (SetSchedule).
//
// All methods are safe for concurrent use.
package twilioserver

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"time"

	"treem/channels/channelstest/standin"
)

// The account, and what it can send from. AuthToken is also the key of every signature.
const (
	AccountSID = "AC00000000000000000000000000000111"
	AuthToken  = "0localtesttokennotasecret0000000"
	ServiceSID = "MG00000000000000000000000000000111"
	Number     = "+15005550006"
	SenderName = "TREEM111"
)

// The endpoints, as Fail and Calls name them.
const (
	Messages = "Messages"
	Account  = "Account"
	Numbers  = "IncomingPhoneNumbers"
	Log      = "Log" // of messages
	Service  = "Service"

	ServiceNumbers = "Service/PhoneNumbers"
	ServiceCodes   = "Service/ShortCodes"
	ServiceNames   = "Service/AlphaSenders"
)

// Server is the stand-in for api.twilio.com and messaging.twilio.com. Make it with New, then Listen.
type Server struct {
	// RetryWait is the first wait before a web hook request is sent again; it doubles each time. Set it before use; zero
	// is 20 ms.
	RetryWait time.Duration

	standin.Base[Sent]
	hooks     *http.Client
	published published

	// Mu guards what follows.
	statuses  []string // the callbacks each message leads to, in order
	callbacks []Callback
	people    map[string]state
	account   string // its status
	smsURL    string // where its number's incoming messages go
	service   MessagingService
	incoming  []any // as the log shows them, the latest first
}

// Sent is one message the server took.
type Sent struct {
	SID            string // as answered
	To             string
	From           string // or ServiceSID
	Body           string
	StatusCallback string
	ValidityPeriod int  // seconds; 0 if none was given
	Lost           bool // taken, but the answer was dropped on purpose
}

// New makes a server without messages and failures. Each message it takes leads to the callbacks "sent" and "delivered".
func New() *Server {
	s := &Server{
		people: map[string]state{}, account: "active", statuses: []string{"sent", "delivered"},
		service: MessagingService{Names: 1}, hooks: standin.HookClient(15 * time.Second), // as Twilio waits
	}
	var err error
	if s.published, err = readDescriptions(); err != nil {
		panic(err) // the files beside this one
	}
	s.Init("twilioserver", s, Messages)
	return s
}

// Start makes a server that listens on a free local port until the test ends.
func Start(t standin.TB) *Server {
	t.Helper()
	return standin.Start(t, New())
}

// Close ends everything at once, connections in use included.
func (s *Server) Close() {
	s.Base.Close()
	s.hooks.CloseIdleConnections()
}

// ServeHTTP answers the addresses that are used: one account, its numbers, its messages and its Messaging Service.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint := ""
	for name, c := range calls {
		if r.Method == c.method && r.URL.Path == c.address() {
			endpoint = name
		}
	}
	failure := s.Arrived(endpoint)
	if !authentic(r) {
		s.Reject("wrong account SID or auth token")
		refuse(http.StatusUnauthorized, 20003, "Authenticate").Write(w)
		return
	}
	if endpoint == "" {
		s.Reject("unknown address or method")
		refuse(http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found").Write(w)
		return
	}
	s.serve(w, r, endpoint, failure)
}

// authentic checks the user name and the password.
func authentic(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	return subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(AccountSID+":"+AuthToken)) == 1
}

// serve checks the request and answers it, with the failure due.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, endpoint string, f Failure) {
	p, bad := s.read(r, endpoint)
	if bad != nil {
		s.Reject(bad.note)
		refuse(http.StatusBadRequest, bad.code, bad.message).Write(w)
		return
	}
	s.Serve(w, r, f, func(f Failure) answer { return refusal(f, p["To"]) }, func(lost bool) answer {
		a := s.do(r, endpoint, p, lost)
		if a.Status/100 == 2 {
			if err := s.published.answer(endpoint, r, a); err != nil {
				s.Reject("the stand-in's own answer, " + err.Error())
			}
		}
		return a
	})
}

// read measures a request by the description, and a new message also by the rules.
func (s *Server) read(r *http.Request, endpoint string) (params, *problem) {
	var p params
	if endpoint == Messages {
		var bad *problem
		if p, bad = readMessage(r); bad != nil {
			return nil, bad
		}
	}
	if err := s.published.request(endpoint, r); err != nil {
		return nil, &problem{20001, "Invalid parameter", err.Error()}
	}
	return p, nil
}

// do does what was asked.
func (s *Server) do(r *http.Request, endpoint string, p params, lost bool) answer {
	switch endpoint {
	case Messages:
		return s.take(p, lost)
	case Log:
		return s.answerLog(r.URL.Query())
	case Numbers:
		return s.answerNumbers(r.URL.Query().Get("PhoneNumber"))
	case Service:
		return s.answerService()
	case ServiceNumbers, ServiceCodes, ServiceNames:
		return s.answerSenders(endpoint)
	}
	return s.answerAccount()
}

// answer is what one call returns.
type answer = standin.Answer

func reply(status int, body map[string]any) answer {
	return answer{Status: status, Type: "application/json;charset=utf-8", Body: body}
}

// refuse makes an error in Twilio's form.
func refuse(status, code int, message string) answer {
	return reply(status, map[string]any{
		"code": code, "message": message, "status": status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	})
}
