package twilioserver

import (
	"context"
	"slices"
)

// Callbacks returns the status callbacks sent so far, in order.
func (s *Server) Callbacks() []Callback {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return slices.Clone(s.callbacks)
}

// WaitCallbacks waits until at least n status callbacks were sent and returns them all.
func (s *Server) WaitCallbacks(ctx context.Context, n int) ([]Callback, error) {
	err := s.Wait(ctx, func() bool { return len(s.callbacks) >= n })
	return s.Callbacks(), err
}
