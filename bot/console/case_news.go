package console

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/staff"
	"treem/bot/store"
	"treem/bot/triage"
)

// news is what the script of an open page is told: whether what it shows has changed, and what waits. No words, no names.
type news struct {
	State     string `json:"state"`
	Waiting   int    `json:"waiting"`
	Emergency int    `json:"emergency"`
}

// newsOf sums up the queue. Its State changes whenever a line of it does.
func newsOf(queue []store.Queued) news {
	var n news
	sum := sha256.New()
	for _, q := range queue {
		fmt.Fprintln(sum, q.ID, q.Version)
		if q.Status == handover.Open {
			n.Waiting++
			if q.Level == triage.Emergency {
				n.Emergency++
			}
		}
	}
	n.State = base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:12])
	return n
}

const (
	// lookEvery is how often an open page's news are looked for; other processes change cases too.
	lookEvery = 2 * time.Second
	// comeBack is how long a browser waits before it connects again.
	comeBack = 3 * time.Second
)

// news tells an open page by server-sent events when the queue, or the case it shows, changed. Listening does not keep a
// session alive: a desk nobody works at logs out.
func (c *Console) news(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	cookie, err := r.Cookie(c.sessions.Cookie.Name)
	if err != nil {
		c.plain(w, http.StatusUnauthorized, c.words.in(vietnamese, "problem.no-right"))
		return
	}
	if !c.mayListen(r, cookie.Value) {
		c.plain(w, http.StatusUnauthorized, c.words.in(vietnamese, "problem.no-right"))
		return
	}
	out := http.NewResponseController(w)
	if out.SetWriteDeadline(time.Time{}) != nil || out.SetReadDeadline(time.Time{}) != nil {
		c.plain(w, http.StatusNotImplemented, c.words.in(vietnamese, "problem.internal"))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies must pass events on at once
	fmt.Fprintf(w, "retry: %d\n\n", comeBack.Milliseconds())
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	seen := r.FormValue("state")
	for turn := 0; ; turn++ {
		n, err := c.look(r)
		switch {
		case err == nil && n.State != seen:
			seen = n.State
			data, err := json.Marshal(n)
			if err != nil {
				return
			}
			fmt.Fprintf(w, "data: %s\n\n", data)
		default:
			fmt.Fprint(w, ":\n\n")
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-c.stopped:
			return
		case <-ctx.Done():
			return
		}
		if turn%15 == 14 && !c.mayListen(r, cookie.Value) {
			return
		}
	}
}

// mayListen says whether a session is still that of somebody who may read cases.
func (c *Console) mayListen(r *http.Request, token string) bool {
	ctx, err := c.sessions.Load(r.Context(), token)
	if err != nil || c.idle(ctx) {
		return false
	}
	a, err := c.cfg.Accounts.Account(ctx, c.sessions.GetString(ctx, sessionAccount))
	return err == nil && a.May(staff.ReadCases) && mark(&a) == c.sessions.GetString(ctx, sessionMark) && !c.owesFactor(ctx, &a)
}

// look reads the news of the queue, with the state of one case if the page shows one.
func (c *Console) look(r *http.Request) (news, error) {
	queue, err := c.cfg.Cases.Queue(r.Context(), false, queueLimit)
	if err != nil {
		return news{}, err
	}
	n := newsOf(queue)
	if ref := r.FormValue("case"); ref != "" {
		found, err := c.cfg.Cases.CaseByRef(r.Context(), ref)
		if err != nil && bot.ErrorCode(err) != bot.NotFound {
			return n, err
		}
		n.State += fmt.Sprintf(".%d", found.Version)
	}
	return n, nil
}
