package web

import (
	"fmt"
	"net/http"
	"time"
)

const (
	// keepAlive is how often an open page is looked after: news of another machine does not wake it.
	keepAlive = 20 * time.Second
	// comeBack is how long a browser waits before it connects again.
	comeBack = 3 * time.Second
	// maxOpen bounds how many pages may listen at once. Whoever finds no room is told to ask now and then instead.
	maxOpen = 4000
)

// events tells a script when the conversation changed (server-sent events): the id of an event is the state that the
// page will find when it fetches the conversation anew. A browser that comes back says by Last-Event-ID which state it
// saw last, and is told nothing if that still holds.
func (c *Channel) events(w http.ResponseWriter, r *http.Request) {
	v := c.visit(r)
	if v.session == "" {
		w.WriteHeader(http.StatusNoContent) // tells the browser not to come back
		return
	}
	if !c.enter() {
		w.Header().Set("Retry-After", "30")
		c.trouble(w, r, http.StatusServiceUnavailable, "Đang có nhiều người dùng. Trang vẫn nhận tin như thường.")
		return
	}
	defer c.leave()
	out := http.NewResponseController(w)
	if out.SetWriteDeadline(time.Time{}) != nil || out.SetReadDeadline(time.Time{}) != nil {
		c.trouble(w, r, http.StatusNotImplemented, "Máy chủ không gửi được tin mới; xin tải lại trang để xem.")
		return
	}
	c.protect(w.Header())
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // proxies must pass events on at once
	news, done := c.wait(v.session)
	defer done()
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	seen := r.Header.Get("Last-Event-ID")
	fmt.Fprintf(w, "retry: %d\n\n", comeBack.Milliseconds())
	for {
		lines, waiting, err := c.said(r.Context(), v)
		if now := version(lines, waiting); err == nil && now != seen {
			seen = now
			fmt.Fprintf(w, "id: %s\ndata: %s\n\n", now, now)
		} else {
			fmt.Fprint(w, ":\n\n")
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-news:
		case <-tick.C:
		case <-c.stopped:
			return
		case <-r.Context().Done():
			return
		}
	}
}

func (c *Channel) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= maxOpen {
		return false
	}
	c.open++
	return true
}

func (c *Channel) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
}
