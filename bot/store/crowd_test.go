package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"treem/channels"
)

// TestCrowd: what comes while a transaction is under way is written together in the next ones, each person's in order.
func TestCrowd(t *testing.T) {
	var c crowd
	var mu sync.Mutex
	var sizes []int
	order := map[string][]string{}
	begun, goOn := make(chan struct{}, 10), make(chan struct{})
	write := func(_ context.Context, all []received) error {
		begun <- struct{}{}
		<-goOn
		mu.Lock()
		defer mu.Unlock()
		sizes = append(sizes, len(all))
		for _, r := range all {
			order[r.in.From.ID] = append(order[r.in.From.ID], r.in.ProviderID)
		}
		return nil
	}
	message := func(i int) received {
		return received{in: channels.Inbound{ProviderID: fmt.Sprint(100 + i), From: channels.Address{Channel: "test", ID: fmt.Sprint(i % 7)}}}
	}
	errs := make(chan error, 100)
	keep := func(ctx context.Context, i int) {
		before := len(c.waiting)
		go func() { errs <- c.keep(ctx, message(i), 1, write) }()
		for i > 0 { // the next comes when this one waits
			c.mu.Lock()
			n := len(c.waiting)
			c.mu.Unlock()
			if n > before {
				return
			}
		}
	}
	keep(t.Context(), 0)
	<-begun
	gone, leave := context.WithCancel(t.Context())
	for i := 1; i <= 39; i++ {
		keep(t.Context(), i)
	}
	keep(gone, 40)
	leave()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Errorf("who leaves gets %v", err)
	}
	close(goOn)
	for range 40 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(sizes, []int{1, together, 40 - together}) {
		t.Errorf("written together: %v", sizes)
	}
	for person, ids := range order {
		if !slices.IsSorted(ids) {
			t.Errorf("person %s: %v", person, ids)
		}
	}
}
