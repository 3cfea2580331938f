package standin

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Record is what a stand-in was sent, and how tests wait for it. The zero value is empty.
type Record[M any] struct {
	Mu    sync.Mutex // guards everything here, and whatever the stand-in keeps besides
	Taken []M        // the messages taken

	changed  chan struct{} // closed whenever anything changes; nil while nobody waits
	calls    map[string]int
	rejected []string
}

// Notify wakes everybody who waits for a change; Mu must be held.
func (r *Record[M]) Notify() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// Changed is closed at the next change; Mu must be held.
func (r *Record[M]) Changed() <-chan struct{} {
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// Wait returns nil once done does, called with Mu held, or ctx's error.
func (r *Record[M]) Wait(ctx context.Context, done func() bool) error {
	for {
		r.Mu.Lock()
		ok, changed := done(), r.Changed()
		r.Mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Sent returns the messages taken so far, in order.
func (r *Record[M]) Sent() []M {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return slices.Clone(r.Taken)
}

// WaitSent waits until at least n messages were taken and returns them all.
func (r *Record[M]) WaitSent(ctx context.Context, n int) ([]M, error) {
	err := r.Wait(ctx, func() bool { return len(r.Taken) >= n })
	return r.Sent(), err
}

// Calls returns how often a call was made, rejected and failed ones included.
func (r *Record[M]) Calls(call string) int {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return r.calls[call]
}

// WaitCalls waits until a call was made at least n times. It counts when it arrives.
func (r *Record[M]) WaitCalls(ctx context.Context, call string, n int) error {
	return r.Wait(ctx, func() bool { return r.calls[call] >= n })
}

// count notes the arrival of a call; Mu must be held.
func (r *Record[M]) count(call string) {
	if r.calls == nil {
		r.calls = map[string]int{}
	}
	r.calls[call]++
	r.Notify()
}

// Reject notes what was malformed, without the contents.
func (r *Record[M]) Reject(why ...string) {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	r.rejected = append(r.rejected, strings.Join(why, ": "))
	r.Notify()
}

// Rejected lists what was malformed: where and what was wrong, without the contents. A good client causes none.
func (r *Record[M]) Rejected() []string {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return slices.Clone(r.rejected)
}
