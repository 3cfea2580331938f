package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"treem/channels/channelstest"
	"treem/channels/lifecycle"
)

func TestEnter(t *testing.T) {
	c := lifecycle.Cycle{Channel: "test"}
	enters := func() bool {
		_, ok := c.Enter()
		if ok {
			c.Leave()
		}
		return ok
	}
	if enters() {
		t.Error("work began before Start")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sink := channelstest.NewSink()
	if err := c.Start(ctx, sink); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(ctx, sink); err == nil || !strings.HasPrefix(err.Error(), "test: ") {
		t.Errorf("second Start = %v", err)
	}
	if w, ok := c.Enter(); !ok || w.Sink != sink || w.Hard.Err() != nil {
		t.Errorf("Enter = %+v, %v", w, ok)
	}
	c.Leave()
	cancel()
	if enters() {
		t.Error("work began after the end of Start's context")
	}
	for range 2 {
		if err := c.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if enters() {
		t.Error("work began after Stop")
	}
}

func TestStopWithoutStart(t *testing.T) {
	var c lifecycle.Cycle
	if err := c.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if c.Start(t.Context(), channelstest.NewSink()) == nil {
		t.Error("started after Stop")
	}
}

// TestStopWaits: a loop hears of the stop at once, and what it still does, and starts, is waited for.
func TestStopWaits(t *testing.T) {
	var c lifecycle.Cycle
	loop, beside := false, false
	if err := c.Start(t.Context(), channelstest.NewSink(), func(w lifecycle.Work) {
		<-w.Soft.Done()
		if w.Hard.Err() == nil {
			loop = true
		}
		c.Go(func() { beside = true })
	}); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err != nil || !loop || !beside {
		t.Errorf("Stop = %v; loop done: %v, beside it: %v", err, loop, beside)
	}
}

// TestStopGivesUp: when the time is over, the work in hand hears of it.
func TestStopGivesUp(t *testing.T) {
	var c lifecycle.Cycle
	if err := c.Start(t.Context(), channelstest.NewSink()); err != nil {
		t.Fatal(err)
	}
	w, ok := c.Enter()
	if !ok {
		t.Fatal("no work")
	}
	defer c.Leave()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v", err)
	}
	channelstest.WaitClosed(t, w.Hard.Done(), "the hard context")
}
