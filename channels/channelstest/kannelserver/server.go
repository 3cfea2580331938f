// Package kannelserver is a local HTTP server that behaves like Kannel's smsbox towards one account, for tests: of the
// Kannel channel, and of the whole program started as another process with TREEM_KANNEL_SEND_URL set to its SendURL.
//
// It keeps to the user guide's chapter on sendsms by POST (parameters in X-Kannel headers, the text as the body), gives
// smsbox's own answers, and is stricter where smsbox forgives: a header it would not know, or text and coding that do
// not fit together, are rejected, so that mistakes show. It hands on people's messages as post-url does (Post) and
// delivery reports as dlr-url does (Report). Tests against the real Kannel stand beside those against this one, which
// can fail on request as the real one cannot.
//
// All methods are safe for concurrent use.
package kannelserver

import (
	"crypto/subtle"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"treem/channels/channelstest/standin"
)

// The account.
const (
	Username       = "treem"
	Password       = "0localsendsmsnotasecret"
	StatusPassword = "0localstatusnotasecret"
	Sender         = "8085"
)

// The calls, as Fail and Calls name them.
const (
	SendSMS = "sendsms"
	Status  = "status"
)

// What the stand-ins have in common.
type (
	Failure  = standin.Failure
	Kind     = standin.Kind
	Schedule = standin.Schedule // its usual call is SendSMS
)

// The ways to fail.
const (
	None, TooMany, ServerError, BadGateway = standin.None, standin.TooMany, standin.ServerError, standin.BadGateway
	Malformed, Unauthorized, Delay         = standin.Malformed, standin.Unauthorized, standin.Delay
	DropBefore, DropAfter, Hang            = standin.DropBefore, standin.DropAfter, standin.Hang
)

// Kannel's own.
const (
	Listed      = standin.Own + iota // 400: the number is on a black-list
	NotRoutable                      // 403: no connection takes the number
)

// Server is the stand-in for smsbox and for bearerbox's status page. Make it with New, then Listen.
type Server struct {
	standin.Base[Sent]
	hooks *http.Client

	connections []Connection // Mu guards it
}

// Sent is one message the server took.
type Sent struct {
	To, From string
	Text     string
	UCS2     bool
	Header   string // user data header, in hexadecimal digits
	Priority int
	Validity int // minutes
	SMSC     string
	Mask     int
	URL      string // dlr-url as given
	Lost     bool   // taken, but the answer was dropped on purpose
}

// Connection is one connection to an operator on the status page.
type Connection struct {
	ID     string `xml:"id"`
	Status string `xml:"status"`
}

// New makes a server without messages and failures, with one connection that is up.
func New() *Server {
	s := &Server{hooks: standin.HookClient(30 * time.Second), connections: []Connection{{"operator", "online 12s"}}}
	s.Init("kannelserver", s, SendSMS)
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

// SendURL and StatusURL are the settings of those names.
func (s *Server) SendURL() string   { return s.URL() + "/cgi-bin/sendsms" }
func (s *Server) StatusURL() string { return s.URL() + "/status.xml" }

// SetConnections sets what the status page shows.
func (s *Server) SetConnections(all ...Connection) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.connections = all
}

// ServeHTTP answers the two addresses that are used.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := ""
	switch r.Method + " " + r.URL.Path {
	case "POST /cgi-bin/sendsms":
		call = SendSMS
	case "GET /status.xml":
		call = Status
	}
	failure := s.Arrived(call)
	own := func(a standin.Answer) standin.Answer {
		w.Header().Set("Server", "Kannel/1.4.5")
		return a
	}
	switch call {
	case SendSMS:
		m, bad := read(r)
		if bad != nil {
			if !bad.probe {
				s.Reject(bad.note)
			}
			own(standin.Answer{Status: bad.status, Text: bad.text}).Write(w)
			return
		}
		s.Serve(w, r, failure, func(f Failure) standin.Answer { return own(refusal(f)) }, func(lost bool) standin.Answer {
			m.Lost = lost
			s.Mu.Lock()
			defer s.Mu.Unlock()
			s.Taken = append(s.Taken, m)
			s.Notify()
			return own(standin.Answer{Status: http.StatusAccepted, Text: "0: Accepted for delivery"})
		})
	case Status:
		s.Serve(w, r, failure, func(f Failure) standin.Answer { return own(refusal(f)) }, func(bool) standin.Answer {
			return own(s.status(r))
		})
	default:
		s.Reject("unknown address or method")
		own(standin.Answer{Status: http.StatusNotFound, Text: "Unknown request."}).Write(w)
	}
}

// status is bearerbox's page, which says Denied under 200 to a wrong password.
func (s *Server) status(r *http.Request) standin.Answer {
	a := standin.Answer{Status: http.StatusOK, Type: "text/plain"}
	if !same(r.URL.Query().Get("password"), StatusPassword) {
		a.Text = "<?xml version=\"1.0\"?>\n<gateway>\nDenied</gateway>\n"
		return a
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	all, err := xml.MarshalIndent(struct {
		XMLName xml.Name     `xml:"smscs"`
		Count   int          `xml:"count"`
		All     []Connection `xml:"smsc"`
	}{Count: len(s.connections), All: s.connections}, "", "\t")
	if err != nil {
		return standin.Answer{Status: http.StatusInternalServerError, Text: "no status"}
	}
	a.Text = fmt.Sprintf("<?xml version=\"1.0\"?>\n<gateway>\n<status>running, uptime 0d 0h 0m 2s</status>\n"+
		"<boxes>\n<box><type>smsbox</type><id></id></box></boxes>\n%s\n</gateway>\n", all)
	return a
}

// refusal is a failure in Kannel's words.
func refusal(f Failure) standin.Answer {
	switch f.Kind {
	case TooMany:
		return standin.Answer{Status: http.StatusServiceUnavailable, Text: "Temporal failure, try again later."}
	case Malformed:
		return standin.Answer{Status: http.StatusBadRequest, Text: "Coding field misformed, rejected"}
	case Unauthorized:
		return unauthorised.answer()
	case Listed:
		return standin.Answer{Status: http.StatusBadRequest,
			Text: "Number(s) has/have been denied by white- and/or black-lists."}
	case NotRoutable:
		return standin.Answer{Status: http.StatusForbidden, Text: "Not routable. Do not try again."}
	}
	return standin.Answer{Status: http.StatusInternalServerError, Text: "Sending failed."}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
