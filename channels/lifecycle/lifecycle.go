// Package lifecycle is the life of a channel that receives: it starts once, has work in hand, and stops gently, so that
// nothing is taken that cannot be stored and nothing that was taken is dropped.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"treem/channels"
)

// Cycle is the life of one channel. The zero value, with a name, is ready for Start. Safe for concurrent use.
type Cycle struct {
	Channel string // the channel's name, for errors

	mu       sync.Mutex
	work     Work
	started  bool
	stopping bool
	soften   context.CancelFunc
	harden   context.CancelFunc
	inHand   sync.WaitGroup
}

// Work is what everything done between Start and Stop goes by.
type Work struct {
	Sink channels.Sink
	Soft context.Context // ends when nothing more is to be taken
	Hard context.Context // lives until the time given to Stop is over: work in hand may finish
}

// Start begins the life, runs each of the loops in the background and returns at once. The end of ctx begins a stop, but
// Stop must still be called to wait for it. It fails the second time and after Stop.
func (c *Cycle) Start(ctx context.Context, sink channels.Sink, loops ...func(Work)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started || c.stopping {
		return errors.New(c.Channel + ": started twice or after Stop")
	}
	c.started = true
	c.work.Sink = sink
	c.work.Soft, c.soften = context.WithCancel(ctx)
	c.work.Hard, c.harden = context.WithCancel(context.WithoutCancel(ctx))
	for _, loop := range loops {
		c.inHand.Go(func() { loop(c.work) })
	}
	return nil
}

// Stop lets no more work begin and waits for what is in hand. If ctx ends first, that is given up: its hard context
// ends. Safe to call twice and without Start.
func (c *Cycle) Stop(ctx context.Context) error {
	c.mu.Lock()
	c.stopping = true
	soften, harden := c.soften, c.harden
	c.mu.Unlock()
	if soften == nil {
		return nil
	}
	soften()
	defer harden()
	done := make(chan struct{})
	go func() {
		c.inHand.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: stop, with work still in hand: %w", c.Channel, ctx.Err())
	}
}

// Enter begins one piece of work that Stop must wait for, such as a request; the caller must call Leave at its end. It
// fails before Start and once a stop has begun.
func (c *Cycle) Enter() (w Work, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started || c.stopping || c.work.Soft.Err() != nil {
		return Work{}, false
	}
	c.inHand.Add(1)
	return c.work, true
}

// Leave ends what Enter began.
func (c *Cycle) Leave() { c.inHand.Done() }

// Go runs something beside the work in hand, even while stopping. Only loops, and work between Enter and Leave, may call
// it.
func (c *Cycle) Go(f func()) { c.inHand.Go(f) }
