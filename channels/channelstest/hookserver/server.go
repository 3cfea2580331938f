// Package hookserver stands in for a program that receives case notices by web hook. It checks every call against the
// Standard Webhooks rules: form, signature, age; and drops repeats by their id, as a good receiver does.
package hookserver

import (
	"encoding/json"
	"io"
	"net/http"

	"treem/channels/channelstest/standin"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Secret is what both sides know.
const Secret = "whsec_dHJlZW0tdGVzdC1ob29rLXNlY3JldC0wMDAwMDAwMDA="

// Call is the name of the one call, for Fail.
const Call = "notice"

// Notice is one notice taken; a repeat is taken once.
type Notice struct {
	ID   string
	Type string
	Case map[string]any
	Body string
}

// Server is the stand-in.
type Server struct {
	standin.Base[Notice]
	verify  *standardwebhooks.Webhook
	repeats int
	seen    map[string]bool
}

// Start runs one until the test ends.
func Start(t standin.TB) *Server {
	verify, err := standardwebhooks.NewWebhook(Secret)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{verify: verify, seen: map[string]bool{}}
	s.Init("hookserver", http.HandlerFunc(s.serve), Call)
	return standin.Start(t, s)
}

// Repeats is how many calls repeated a notice.
func (s *Server) Repeats() int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.repeats
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client went away
	}
	f := s.Arrived(Call)
	s.Serve(w, r, f, refusal, func(bool) standin.Answer { return s.take(r, body) })
}

func refusal(f standin.Failure) standin.Answer {
	status := map[standin.Kind]int{standin.TooMany: 429, standin.ServerError: 500, standin.Malformed: 400, standin.Unauthorized: 401}[f.Kind]
	return standin.Answer{Status: status, After: f.After, Body: map[string]any{"error": "planned"}}
}

func (s *Server) take(r *http.Request, body []byte) standin.Answer {
	wrong := func(why string) standin.Answer {
		s.Reject("web hook", why)
		return standin.Answer{Status: http.StatusBadRequest, Body: map[string]any{"error": why}}
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		return wrong("not a POST of JSON")
	}
	if s.verify.Verify(body, r.Header) != nil {
		return wrong("signature or time is wrong")
	}
	var read struct {
		Type string
		Data struct {
			Notice string
			Case   map[string]any
		}
	}
	id := r.Header.Get(standardwebhooks.HeaderWebhookID)
	if json.Unmarshal(body, &read) != nil || read.Type == "" || read.Data.Notice != id || read.Data.Case["id"] == "" {
		return wrong("the body lacks type, notice or case")
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.seen[id] {
		s.repeats++
	} else {
		s.seen[id] = true
		s.Taken = append(s.Taken, Notice{ID: id, Type: read.Type, Case: read.Data.Case, Body: string(body)})
	}
	s.Notify()
	return standin.Answer{Status: http.StatusOK, Body: map[string]any{}}
}
