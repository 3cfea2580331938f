package telegramserver

import (
	"context"
	"slices"
)

// Sent returns the messages taken so far, in order.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// WaitSent waits until at least n messages were taken and returns them all.
func (s *Server) WaitSent(ctx context.Context, n int) ([]Sent, error) {
	err := s.wait(ctx, func() bool { return len(s.sent) >= n })
	return s.Sent(), err
}

// WaitConfirmed waits until the update was confirmed by an offset or by the web hook.
func (s *Server) WaitConfirmed(ctx context.Context, id int64) error {
	return s.wait(ctx, func() bool { return !s.updates.holds(id) })
}

// Pending returns how many updates wait to be confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.updates.waiting)
}

// Calls returns how often a method was called, rejected and failed calls included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// WaitCalls waits until a method was called at least n times. A call counts when it arrives.
func (s *Server) WaitCalls(ctx context.Context, method string, n int) error {
	return s.wait(ctx, func() bool { return s.calls[method] >= n })
}

// Answered returns the numbers of the button presses answered by answerCallbackQuery.
func (s *Server) Answered() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.answered)
}

// WaitAnswered waits until n button presses were answered.
func (s *Server) WaitAnswered(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return len(s.answered) >= n })
}

// Rejected lists the malformed calls: method and what was wrong, without the contents. A good client causes none.
func (s *Server) Rejected() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rejected)
}

// Webhook returns the web hook's address and secret; both are empty while none is set.
func (s *Server) Webhook() (url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hook.url, s.hook.secret
}

// WaitWebhook waits until a web hook is set.
func (s *Server) WaitWebhook(ctx context.Context) error {
	return s.wait(ctx, func() bool { return s.hook.url != "" })
}
