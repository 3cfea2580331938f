package telegramserver

import (
	"context"
	"slices"
)

// WaitConfirmed waits until the update was confirmed by an offset or by the web hook.
func (s *Server) WaitConfirmed(ctx context.Context, id int64) error {
	return s.Wait(ctx, func() bool { return !s.updates.holds(id) })
}

// Pending returns how many updates wait to be confirmed.
func (s *Server) Pending() int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return len(s.updates.waiting)
}

// Answered returns the numbers of the button presses answered by answerCallbackQuery.
func (s *Server) Answered() []string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return slices.Clone(s.answered)
}

// WaitAnswered waits until n button presses were answered.
func (s *Server) WaitAnswered(ctx context.Context, n int) error {
	return s.Wait(ctx, func() bool { return len(s.answered) >= n })
}

// Webhook returns the web hook's address and secret; both are empty while none is set.
func (s *Server) Webhook() (url, secret string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.hook.url, s.hook.secret
}

// WaitWebhook waits until a web hook is set.
func (s *Server) WaitWebhook(ctx context.Context) error {
	return s.Wait(ctx, func() bool { return s.hook.url != "" })
}

// Age makes everything taken so far more than 48 hours old: the bot can delete it no more.
func (s *Server) Age() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for i := range s.Taken {
		s.Taken[i].Old = true
	}
}

// Deleted returns the messages the bot deleted, in the order it did.
func (s *Server) Deleted() []Sent {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return slices.Clone(s.deleted)
}

// WaitDescribed waits until the bot's "commands", "description" or "short_description" is set in a language, "" for all
// others, and returns it.
func (s *Server) WaitDescribed(ctx context.Context, what, language string) (value string, err error) {
	err = s.Wait(ctx, func() (ok bool) {
		value, ok = s.described[what+"/"+language]
		return ok
	})
	return value, err
}
