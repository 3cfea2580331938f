// Package primeroserver stands in for a Primero system: log-in, POST and PATCH of cases by its API version 2, with its
// answers to repeats, unknown fields and tokens that have run out.
package primeroserver

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"treem/channels/channelstest/standin"
)

// The user that may log in.
const (
	User     = "treem"
	Password = "primero-test-password"
)

// Names of the calls, for Fail.
const (
	CallToken  = "token"
	CallCreate = "create"
	CallUpdate = "update"
)

// Record is one case, as it stands.
type Record struct {
	ID     string
	Fields map[string]any
}

// Server is the stand-in. Sent returns every accepted change in order.
type Server struct {
	standin.Base[Record]
	cases map[string]map[string]any
	token int
}

// Start runs one until the test ends.
func Start(t standin.TB) *Server {
	s := &Server{cases: map[string]map[string]any{}}
	s.Init("primeroserver", http.HandlerFunc(s.serve), CallCreate, CallUpdate)
	return standin.Start(t, s)
}

// ExpireTokens makes every token given so far worthless.
func (s *Server) ExpireTokens() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.token++
}

// Cases returns the cases as they stand.
func (s *Server) Cases() map[string]map[string]any {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return maps.Clone(s.cases)
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// fields are those of Primero's case form that a client may set here.
var fields = []string{"id", "case_id_display", "status", "registration_date", "risk_level", "urgent_protection_concern",
	"protection_concerns", "module_id", "record_state", "location_current"}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client went away
	}
	call, do := "", func(map[string]any) standin.Answer { return detail(http.StatusNotFound, "no such path") }
	switch id, isCase := strings.CutPrefix(r.URL.Path, "/api/v2/cases/"); {
	case r.Method == http.MethodPost && r.URL.Path == "/api/v2/tokens":
		call, do = CallToken, s.logIn
	case r.Method == http.MethodPost && r.URL.Path == "/api/v2/cases":
		call, do = CallCreate, s.create
	case r.Method == http.MethodPatch && isCase:
		call, do = CallUpdate, func(data map[string]any) standin.Answer { return s.update(id, data) }
	}
	s.Serve(w, r, s.Arrived(call), refusal, func(bool) standin.Answer { return s.checked(r, call, body, do) })
}

func refusal(f standin.Failure) standin.Answer {
	status := map[standin.Kind]int{standin.TooMany: 429, standin.ServerError: 500, standin.Malformed: 422, standin.Unauthorized: 401}[f.Kind]
	a := detail(status, "planned")
	a.After = f.After
	return a
}

func detail(status int, text string) standin.Answer {
	return standin.Answer{Status: status, Body: map[string]any{"errors": []any{map[string]any{"status": status, "detail": text}}}}
}

func (s *Server) checked(r *http.Request, call string, body []byte, do func(map[string]any) standin.Answer) standin.Answer {
	if r.Header.Get("Content-Type") != "application/json" {
		s.Reject(call, "not JSON")
		return detail(http.StatusUnsupportedMediaType, "not JSON")
	}
	var read map[string]map[string]any
	if err := json.Unmarshal(body, &read); err != nil {
		s.Reject(call, "malformed body")
		return detail(http.StatusBadRequest, "malformed")
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if call == CallToken {
		return do(read["user"])
	}
	if r.Header.Get("Authorization") != "Bearer "+s.current() {
		return detail(http.StatusUnauthorized, "log in")
	}
	for name := range read["data"] {
		if !slices.Contains(fields, name) {
			s.Mu.Unlock()
			s.Reject(call, "unknown field", name)
			s.Mu.Lock()
			return detail(http.StatusUnprocessableEntity, "unknown field "+name)
		}
	}
	return do(read["data"])
}

func (s *Server) current() string { return strings.Repeat("t", 20+s.token) }

func (s *Server) logIn(user map[string]any) standin.Answer {
	if user["user_name"] != User || user["password"] != Password {
		return detail(http.StatusUnauthorized, "wrong user or password")
	}
	return standin.Answer{Status: http.StatusOK, Body: map[string]any{"id": 1, "user_name": User, "token": s.current()}}
}

func (s *Server) create(data map[string]any) standin.Answer {
	id, _ := data["id"].(string)
	if !uuid.MatchString(id) {
		return detail(http.StatusUnprocessableEntity, "id is no UUID")
	}
	if s.cases[id] != nil {
		return detail(http.StatusConflict, "the record is there")
	}
	return s.keep(id, map[string]any{}, data)
}

func (s *Server) update(id string, data map[string]any) standin.Answer {
	if s.cases[id] == nil {
		return detail(http.StatusNotFound, "no such record")
	}
	if _, set := data["id"]; set {
		return detail(http.StatusUnprocessableEntity, "an id cannot be changed")
	}
	return s.keep(id, maps.Clone(s.cases[id]), data)
}

func (s *Server) keep(id string, record, data map[string]any) standin.Answer {
	maps.Copy(record, data)
	s.cases[id] = record
	s.Taken = append(s.Taken, Record{id, record})
	s.Notify()
	return standin.Answer{Status: http.StatusOK, Body: map[string]any{"data": record}}
}
