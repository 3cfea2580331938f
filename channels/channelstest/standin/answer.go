package standin

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Answer is what one call returns.
type Answer struct {
	Status int
	Type   string        // media type; empty: application/json
	After  time.Duration // for Retry-After, rounded up to seconds; 0: none
	Body   map[string]any
	Text   string // instead of Body, as it is; its usual media type is text/html
}

// Write sends the answer.
func (a Answer) Write(w http.ResponseWriter) {
	usual := "application/json"
	if a.Text != "" {
		usual = "text/html"
	}
	w.Header().Set("Content-Type", cmp.Or(a.Type, usual))
	if a.After > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((a.After+time.Second-1)/time.Second)))
	}
	w.WriteHeader(a.Status)
	if a.Text != "" {
		_, _ = io.WriteString(w, a.Text)
		return
	}
	_ = json.NewEncoder(w).Encode(a.Body)
}

// Serve answers a call with the failure due: with the provider's refusal, or with what do returns, which does what was
// asked. do hears whether its answer will be lost.
func (b *Base[M]) Serve(w http.ResponseWriter, r *http.Request, f Failure, refusal func(Failure) Answer, do func(lost bool) Answer) {
	switch f.Kind {
	case DropBefore:
		panic(http.ErrAbortHandler) // closes the connection without an answer
	case Hang:
		select {
		case <-r.Context().Done():
		case <-b.alive.Done():
		}
		panic(http.ErrAbortHandler)
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><head><title>502 Bad Gateway</title></head></html>")
		return
	case Delay:
		_ = Pause(r.Context(), f.After)
	case None, DropAfter:
	default:
		refusal(f).Write(w)
		return
	}
	lost := f.Kind == DropAfter
	a := do(lost)
	if lost {
		panic(http.ErrAbortHandler)
	}
	a.Write(w)
}
