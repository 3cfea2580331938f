package twilioserver

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

// Callbacks returns the status callbacks sent so far, in order.
func (s *Server) Callbacks() []Callback {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.callbacks)
}

// WaitCallbacks waits until at least n status callbacks were sent and returns them all.
func (s *Server) WaitCallbacks(ctx context.Context, n int) ([]Callback, error) {
	err := s.wait(ctx, func() bool { return len(s.callbacks) >= n })
	return s.Callbacks(), err
}

// Calls returns how often an endpoint was called, rejected and failed calls included.
func (s *Server) Calls(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[endpoint]
}

// WaitCalls waits until an endpoint was called at least n times. A call counts when it arrives.
func (s *Server) WaitCalls(ctx context.Context, endpoint string, n int) error {
	return s.wait(ctx, func() bool { return s.calls[endpoint] >= n })
}

// Rejected lists the malformed calls and answers, without the contents. A good client causes none.
func (s *Server) Rejected() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rejected)
}
