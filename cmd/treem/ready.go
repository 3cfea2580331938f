package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"treem/bot/triage"
	"treem/kb"
)

// The phases of a program's life, for readiness.
const (
	starting int32 = iota
	serving
	stopping
)

// readyLimit is how long readiness may take to find out; a balancer does not wait longer.
const readyLimit = 2 * time.Second

// ready says whether this process can take messages and answer them: it has started and is not stopping, the database
// takes writes, a message in danger is recognised, and a law is found. It says which of these fails.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyLimit)
	defer cancel()
	if err := a.notReady(ctx); err != nil {
		a.log.Warn("not ready", "why", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// notReady is why this process cannot serve, in words fit for anybody; nil: it can.
func (a *App) notReady(ctx context.Context) error {
	switch a.phase.Load() {
	case starting:
		return errors.New("starting")
	case stopping:
		return errors.New("stopping")
	}
	if err := a.store.CheckWritable(ctx); err != nil {
		return errors.New("the database takes no writes")
	}
	k := a.live.current()
	if k.triage.Assess(k.text.Normalise(drowning), triage.Context{}).Level != triage.Emergency {
		return errors.New("triage does not work")
	}
	found, err := a.live.Search(ctx, kb.Query{Text: k.text.Normalise("Điều 1 Luật Trẻ em")})
	if err != nil || len(found.Hits) == 0 {
		return errors.New("the search finds nothing")
	}
	return nil
}
