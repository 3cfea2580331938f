package web

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

	"treem/channels"
)

// visit is what one browser's session cookie says. Nothing else about a conversation is kept in the browser.
type visit struct {
	session string    // the address of the conversation; empty: none yet
	kept    bool      // its owner asked to keep the conversation on this machine
	hidden  time.Time // what was said until then is not shown any more; zero: all is shown
}

// keptFor is how long a conversation that its owner asked to keep can be found again: as long as the words of answered
// messages are stored by default.
const keptFor = 30 * 24 * time.Hour

// sessionLength is what rand.Text gives: 26 characters of base 32, 130 bits.
const sessionLength = 26

// isSession says whether s has the form of a session.
func isSession(s string) bool {
	return len(s) == sessionLength && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// cookieName is "session" in Vietnamese. The prefix lets no other host and no plain http page set the cookie.
func (c *Channel) cookieName() string {
	if c.secure {
		return "__Host-phien"
	}
	return "phien"
}

// visit reads the cookie: the session, then ".k" if it is kept, then ".h" and the milliseconds of what is hidden.
func (c *Channel) visit(r *http.Request) visit {
	cookie, err := r.Cookie(c.cookieName())
	if err != nil {
		return visit{}
	}
	parts := strings.Split(cookie.Value, ".")
	if !isSession(parts[0]) {
		return visit{}
	}
	v := visit{session: parts[0]}
	for _, p := range parts[1:] {
		if p == "k" {
			v.kept = true
		} else if ms, err := strconv.ParseInt(strings.TrimPrefix(p, "h"), 36, 64); err == nil {
			v.hidden = time.UnixMilli(ms)
		}
	}
	return v
}

// begin returns the visit with a session, a new one if it had none.
func begin(v visit) visit {
	if v.session == "" {
		v.session = rand.Text()
	}
	return v
}

// remember writes the cookie. It ends with the browser unless the conversation is kept; without a session it ends now.
func (c *Channel) remember(w http.ResponseWriter, v visit) {
	value, maxAge := v.session, 0
	if v.kept {
		value += ".k"
		maxAge = int(keptFor.Seconds())
	}
	if !v.hidden.IsZero() {
		value += ".h" + strconv.FormatInt(v.hidden.UnixMilli(), 36)
	}
	if v.session == "" {
		value, maxAge = "", -1
	}
	// #nosec G124 -- Secure where the site is on https
	http.SetCookie(w, &http.Cookie{Name: c.cookieName(), Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true,
		Secure: c.secure, SameSite: http.SameSiteStrictMode})
}

func address(session string) channels.Address { return channels.Address{Channel: "web", ID: session} }

// The sizes of text a person can choose; the cookie ends with the browser.
const (
	sizeCookie = "chu" // "letters"
	sizeForm   = "size"
)

var sizes = []string{"1", "2", "3"}

// size returns the chosen size of text, "1" if none was chosen.
func size(r *http.Request) string {
	if cookie, err := r.Cookie(sizeCookie); err == nil {
		for _, s := range sizes {
			if cookie.Value == s {
				return s
			}
		}
	}
	return sizes[0]
}
