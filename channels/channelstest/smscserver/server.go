// Package smscserver is a small message centre of an operator for tests: SMPP 3.4 on a local port towards one gateway,
// and telephones behind it. The gateway is meant to be a real one (Kannel): every PDU it sends is checked against the
// specification, texts are put together again from their parts as a telephone does, and delivery receipts follow. The
// centre can hang up and come back (HangUp, Listen); what people wrote meanwhile waits for the gateway.
//
// All methods are safe for concurrent use.
package smscserver

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync"

	"treem/channels/channelstest/standin"
)

// The account of the gateway at this centre, and the number people write to.
const (
	SystemID = "treem"
	Password = "smsc-pw1"
	Number   = "8085"
)

// Text is one whole message that reached a telephone.
type Text struct {
	To, From string
	Text     string
	UCS2     bool
	Parts    int
	Priority int
}

// Server is the message centre. Make it with New, then Listen.
type Server struct {
	standin.Record[Text]

	// Mu guards what follows.
	address   string
	listener  net.Listener
	sessions  map[*session]bool
	bound     int // sessions bound now
	queue     []*item
	parts     map[string]*joined
	outcomes  map[string]Outcome
	reference byte
	lastID    int

	alive   context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// item is one deliver_sm that waits for the gateway to take it.
type item struct {
	body    short
	claimed bool
	receipt bool
}

// New makes a centre that delivers everything.
func New() *Server {
	s := &Server{sessions: map[*session]bool{}, parts: map[string]*joined{}, outcomes: map[string]Outcome{}}
	s.alive, s.stop = context.WithCancel(context.Background())
	return s
}

// Start makes a centre that listens on a free local port until the test ends.
func Start(t standin.TB) *Server {
	t.Helper()
	return standin.Start(t, New())
}

// Listen begins to serve at addr; after a HangUp, Address gives the one to come back at.
func (s *Server) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("smscserver: %w", err)
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.listener, s.address = l, l.Addr().String()
	s.running.Go(func() { s.accept(l) })
	return nil
}

// Address is host and port.
func (s *Server) Address() string {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.address
}

func (s *Server) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		one := &session{server: s, conn: conn, in: bufio.NewReader(conn), answers: map[uint32]chan uint32{}}
		s.Mu.Lock()
		if s.listener != l {
			s.Mu.Unlock()
			_ = conn.Close()
			return
		}
		s.sessions[one] = true
		s.running.Go(one.serve)
		s.Mu.Unlock()
	}
}

// HangUp closes the port and every connection, as when the operator's centre goes down.
func (s *Server) HangUp() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.listener != nil {
		_ = s.listener.Close()
		s.listener = nil
	}
	for one := range s.sessions {
		_ = one.conn.Close()
	}
}

// Close ends everything.
func (s *Server) Close() {
	s.stop()
	s.HangUp()
	s.running.Wait()
}

// WaitBound waits until a gateway is connected and has given its password.
func (s *Server) WaitBound(ctx context.Context) error {
	return s.Wait(ctx, func() bool { return s.bound > 0 })
}

// Pending is how many parts of people's messages the gateway has not taken yet.
func (s *Server) Pending() int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.pending(false)
}

// WaitTaken waits until the gateway has taken everything that people wrote, and every receipt.
func (s *Server) WaitTaken(ctx context.Context) error {
	return s.Wait(ctx, func() bool { return s.pending(false)+s.pending(true) == 0 })
}

func (s *Server) pending(receipts bool) int {
	n := 0
	for _, i := range s.queue {
		if i.receipt == receipts {
			n++
		}
	}
	return n
}

// next returns the oldest item once nobody else delivers it, so that parts keep their order; nil once ctx ends.
func (s *Server) next(ctx context.Context) *item {
	var found *item
	_ = s.Wait(ctx, func() bool {
		if len(s.queue) > 0 && !s.queue[0].claimed {
			found = s.queue[0]
			found.claimed = true
		}
		return found != nil
	})
	return found
}

// done ends the delivery of an item: taken, or to be tried again.
func (s *Server) done(one *item, taken bool) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	one.claimed = false
	if taken {
		for n, i := range s.queue {
			if i == one {
				s.queue = append(s.queue[:n], s.queue[n+1:]...)
				break
			}
		}
	}
	s.Notify()
}
