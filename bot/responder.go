package bot

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"treem/bot/dialogue"
	"treem/bot/triage"
	"treem/channels"
	"treem/kb"
	"treem/kb/vitext"
)

// Searcher finds answers.
type Searcher interface {
	Search(ctx context.Context, q kb.Query) (kb.Result, error)
}

// Responder works out the reply to one message: normalise, triage, dialogue, search. It stores nothing.
type Responder struct {
	Text     *vitext.Normaliser
	Triage   triage.Triager
	Book     *dialogue.Book
	Search   Searcher
	Latest   func() (*dialogue.Book, Searcher) // what to answer from now, where that changes while running; nil: Book and Search
	SafeWord string
	Duty     func(now time.Time) dialogue.Duty // who is told of cases, and when; nil: nobody
	Log      *slog.Logger
}

// searchLimit bounds one search: the person gets 111 rather than silence.
const searchLimit = 5 * time.Second

// Respond decides about one message. It does not fail: if search or dialogue do, the decision still holds what triage
// found and the numbers to call.
func (r *Responder) Respond(ctx context.Context, s dialogue.State, in channels.Inbound, m dialogue.Medium, newCaseID string, now time.Time) (d dialogue.Decision, a triage.Assessment) {
	text := r.Text.Normalise(in.Text)
	book, search := r.knowledge()
	a = r.assess(text, s)
	input := dialogue.Input{Event: dialogue.Event(in.Kind), Text: text, Payload: in.Payload, Medium: m, Group: in.Group,
		Assessment: a, NewCaseID: newCaseID, SafeWord: r.SafeWord, Now: now}
	if r.Duty != nil {
		input.Duty = r.Duty(now)
	}
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("dialogue failed; the person was given the numbers to call", "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			d = book.Fallback(s, input)
		}
		d = paged(d, m, book.MoreHint)
	}()
	d = book.Step(s, input)
	if d.Search != nil {
		d = book.Answer(d, input, r.find(ctx, search, *d.Search))
	}
	return d, a
}

// knowledge is what to answer from now. One message is answered from one state of it.
func (r *Responder) knowledge() (*dialogue.Book, Searcher) {
	if r.Latest != nil {
		return r.Latest()
	}
	return r.Book, r.Search
}

func (r *Responder) book() *dialogue.Book {
	b, _ := r.knowledge()
	return b
}

// assess runs triage so that its failure counts as danger, not as none.
func (r *Responder) assess(text vitext.Text, s dialogue.State) (a triage.Assessment) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("triage failed; the message is treated as urgent", "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			a = triage.Assessment{Level: triage.Urgent, Category: "unknown", Reasons: []string{"triage failed"}, Subject: triage.Unknown}
		}
	}()
	return r.Triage.Assess(text, triage.Context{OpenCase: s.Case.ID != "", SafeWord: r.SafeWord})
}

// urgent says whether a message is, by its words alone. What cannot be looked at is.
func (r *Responder) urgent(text string) (yes bool) {
	defer func() {
		if recover() != nil {
			yes = true // Respond tells of it
		}
	}()
	return r.assess(r.Text.Normalise(text), dialogue.State{}).Level.Rank() > 0
}

func (r *Responder) find(ctx context.Context, search Searcher, q kb.Query) *kb.Result {
	ctx, cancel := context.WithTimeout(ctx, searchLimit)
	defer cancel()
	result, err := search.Search(ctx, q)
	if err != nil {
		r.Log.Error("search failed; the person was told so and given 111", "error", err)
		return nil
	}
	return &result
}
