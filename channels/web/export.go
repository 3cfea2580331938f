package web

import (
	"bytes"
	"net/http"
	"time"

	"treem/channels"
	"treem/channels/posted"
)

// Export is what is stored about the owner of a session, for them to take along.
type Export struct {
	Since     time.Time
	Lines     []channels.Line // oldest first
	Questions []string        // kept apart for those who write answers
	Cases     []ExportCase
}

// ExportCase is an urgent case, as far as it is the person's to know.
type ExportCase struct {
	Ref      string
	OpenedAt time.Time
	Over     bool
}

// Keeps is how long things are stored, for the page that says so. Zero: not said.
type Keeps struct{ Messages, Idle, Unanswered, Cases time.Duration }

// days is a time in whole days, as the page says it.
func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// takeAlong gives a browser all that is stored about its session as a file of plain text. What its owner took off the
// screen is not in it: the file must tell whoever holds the telephone no more than the page does.
func (c *Channel) takeAlong(w http.ResponseWriter, r *http.Request) {
	if _, status := posted.Form(w, r, 1<<10); status != http.StatusOK {
		c.trouble(w, r, status, "Chưa tải được. Xin tải lại trang rồi thử lại.")
		return
	}
	v := c.visit(r)
	if v.session == "" {
		c.back(w, r, "/")
		return
	}
	if !c.limits.allow(r) {
		w.Header().Set("Retry-After", "60")
		c.trouble(w, r, http.StatusTooManyRequests, tooMany)
		return
	}
	e, err := c.cfg.Export(r.Context(), address(v.session), v.hidden)
	if err != nil {
		c.log.Error("a person's data could not be read for them; they were asked to try again", "error", err)
		c.trouble(w, r, http.StatusServiceUnavailable, "Chưa tải được. Xin thử lại sau ít phút.")
		return
	}
	var text bytes.Buffer
	if err := c.exported.Execute(&text, e); err != nil {
		c.log.Error("a person's data could not be written out", "error", err)
		c.trouble(w, r, http.StatusInternalServerError, "Chưa tải được. Xin thử lại sau ít phút.")
		return
	}
	w.Header().Set("Content-Disposition", `attachment; filename="hoi-dap.txt"`)
	c.answer(w, r, http.StatusOK, response{kind: "text/plain; charset=utf-8", body: text.Bytes()})
}
