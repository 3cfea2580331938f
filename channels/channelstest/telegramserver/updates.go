package telegramserver

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// update is one event, whole, with its number inside.
type update struct {
	id   int64
	kind string // the name of its only other field, "message" for instance
	raw  json.RawMessage
}

// queue holds the updates not yet confirmed. Server.Mu guards it.
type queue struct {
	next    int64
	waiting []update
	known   map[int64]update // all there ever were, for Repeat
	allowed []string         // as last given by allowed_updates
}

// quiet are the kinds that must be asked for by name.
var quiet = []string{"chat_member", "message_reaction", "message_reaction_count"}

func (q *queue) wants(kind string) bool {
	if len(q.allowed) == 0 {
		return !slices.Contains(quiet, kind)
	}
	return slices.Contains(q.allowed, kind)
}

func (q *queue) holds(id int64) bool {
	return slices.ContainsFunc(q.waiting, func(u update) bool { return u.id == id })
}

// confirm forgets everything before offset; a negative offset keeps that many of the newest.
func (q *queue) confirm(offset int64) {
	switch {
	case offset > 0:
		q.waiting = slices.DeleteFunc(q.waiting, func(u update) bool { return u.id < offset })
	case offset < 0:
		q.waiting = q.waiting[max(0, int64(len(q.waiting))+offset):]
	}
}

// Push adds an update given as JSON without a number, for instance `{"message":{…}}`, and returns the number it got.
// An update of a kind the bot did not ask for is dropped, as Telegram does; it has a number all the same.
func (s *Server) Push(payload string) int64 {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(payload), &fields); err != nil {
		panic(fmt.Sprintf("telegramserver: Push: %v", err))
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	u := update{id: s.updates.next}
	s.updates.next++
	fields["update_id"] = json.RawMessage(strconv.FormatInt(u.id, 10))
	for name := range fields {
		if name != "update_id" {
			u.kind = name
		}
	}
	var err error
	if u.raw, err = json.Marshal(fields); err != nil {
		panic(fmt.Sprintf("telegramserver: Push: %v", err))
	}
	s.updates.known[u.id] = u
	if s.updates.wants(u.kind) {
		s.updates.waiting = append(s.updates.waiting, u)
	}
	s.Notify()
	return u.id
}

// PushText adds a private text message and returns its update's number. The person's number is the chat's.
func (s *Server) PushText(chat int64, text string) int64 {
	body, err := json.Marshal(map[string]any{"message": map[string]any{
		"message_id": 1, "date": time.Now().Unix(), "text": text,
		"from": map[string]any{"id": chat, "is_bot": false, "first_name": "Người dùng"},
		"chat": map[string]any{"id": chat, "type": "private", "first_name": "Người dùng"},
	}})
	if err != nil {
		panic(fmt.Sprintf("telegramserver: PushText: %v", err))
	}
	return s.Push(string(body))
}

// Repeat delivers an earlier update once more under the same number. The web hook gets it in any case; a poller only
// if its offset has not passed it.
func (s *Server) Repeat(id int64) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if u, ok := s.updates.known[id]; ok && !s.updates.holds(id) {
		s.updates.waiting = append(s.updates.waiting, u)
		slices.SortStableFunc(s.updates.waiting, func(a, b update) int { return cmp.Compare(a.id, b.id) })
		s.Notify()
	}
}

// getUpdates is the long poll. The newest poll wins: an older one still waiting is answered 409.
func (s *Server) getUpdates(ctx context.Context, p params, _ bool) answer {
	s.Mu.Lock()
	if s.hook.url != "" {
		s.Mu.Unlock()
		return refuse(http.StatusConflict, "Conflict: can't use getUpdates method while webhook is active; "+
			"use deleteWebhook to delete the webhook first")
	}
	if s.poll != nil {
		close(s.poll)
	}
	mine := make(chan struct{})
	s.poll = mine
	s.updates.confirm(p.integer("offset"))
	if list, given := p.list("allowed_updates"); given {
		s.updates.allowed = list
	}
	s.Notify()
	s.Mu.Unlock()
	defer s.endPoll(mine)

	limit := int(cmp.Or(p.integer("limit"), 100))
	timeout := time.NewTimer(time.Duration(min(p.integer("timeout"), 50)) * time.Second)
	defer timeout.Stop()
	for {
		s.Mu.Lock()
		found, changed := s.updates.waiting, s.Changed()
		out := make([]json.RawMessage, 0, min(limit, len(found)))
		for _, u := range found[:min(limit, len(found))] {
			out = append(out, u.raw)
		}
		s.Mu.Unlock()
		if len(out) > 0 || p.integer("timeout") == 0 {
			return result(out)
		}
		select {
		case <-changed:
		case <-timeout.C:
			return result(out)
		case <-mine:
			return refuse(http.StatusConflict, "Conflict: terminated by other getUpdates request; "+
				"make sure that only one bot instance is running")
		case <-ctx.Done():
			return result(out)
		case <-s.Alive().Done():
			return refuse(http.StatusInternalServerError, "Internal Server Error: restart")
		}
	}
}

func (s *Server) endPoll(mine chan struct{}) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.poll == mine {
		s.poll = nil
	}
}
