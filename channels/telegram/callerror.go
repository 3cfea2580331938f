package telegram

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"treem/channels"
)

// callKind says how far a call came.
type callKind int

const (
	notSent  callKind = iota // nothing can have reached Telegram
	unclear                  // the request may have been done; its answer is missing or unreadable
	refused                  // Telegram itself said no
	stranger                 // something else answered in Telegram's place
)

// callError is a call that did not end in "ok". Its text holds no token, no address and nobody's words.
type callError struct {
	kind      callKind
	code      int // Telegram's or HTTP's code; 0 without an answer
	text      string
	after     time.Duration
	migrateTo int64 // the group has this number now
	cause     error // the context's error, if it ended the call
}

func (e *callError) Error() string { return "telegram: " + e.said() }

// said is the code, if any, and the words.
func (e *callError) said() string {
	if e.code == 0 {
		return e.text
	}
	return strings.TrimSpace(strconv.Itoa(e.code) + " " + e.text)
}

func (e *callError) Unwrap() error { return e.cause }

// asCallError returns the *callError inside err. The library's other errors quote whole answers, people's words
// included, so they are replaced.
func asCallError(err error) *callError {
	var ce *callError
	if errors.As(err, &ce) {
		return ce
	}
	return &callError{kind: unclear, text: "the answer cannot be read"}
}

// is reports whether Telegram itself answered with this code.
func (e *callError) is(code int) bool { return e.kind == refused && e.code == code }

var (
	longDigits = regexp.MustCompile(`[0-9]{5,}`)
	quoted     = regexp.MustCompile(`"[^"]*"|'[^']*'|“[^”]*”`)
)

// scrub makes one of Telegram's descriptions fit for logs: it may quote what was sent, or name a chat.
func scrub(s string) string {
	s = longDigits.ReplaceAllString(quoted.ReplaceAllString(strings.ToValidUTF8(s, "�"), "…"), "…")
	if r := []rune(s); len(r) > 120 {
		s = string(r[:120]) + "…"
	}
	return s
}

// gone are the beginnings of descriptions, after "Bad Request: ", by which Telegram says with code 400 that this chat
// cannot be written to. It has no codes of its own for these, so the words are all there is to go by.
var gone = []string{
	"chat not found", "user not found", "peer_id_invalid", "user_is_blocked", "input_user_deactivated",
	"group chat was deactivated", "chat_write_forbidden", "have no rights to send", "not enough rights to send",
	"need administrator rights in the channel", "the chat is deleted",
}

// sendError says what the queue should do about err.
func sendError(err error) *channels.SendError {
	ce := asCallError(err)
	out := &channels.SendError{Verdict: channels.Fault, Code: strconv.Itoa(ce.code), Err: ce}
	switch ce.kind {
	case notSent:
		out.Verdict, out.Code = channels.Retry, "unreachable"
	case unclear:
		out.Verdict, out.Code = channels.Unknown, "no-answer"
	case stranger:
		out.Verdict, out.After = strangerVerdict(ce.code), ce.after
	case refused:
		out.Verdict, out.After = refusedVerdict(ce), ce.after
	}
	return out
}

// strangerVerdict reads a status that is not Telegram's. A 403 of a filter on the way must not be taken for a person's
// wish, and a gateway that waited in vain (504) does not know what became of the request.
func strangerVerdict(code int) channels.Verdict {
	switch {
	case code == http.StatusGatewayTimeout:
		return channels.Unknown
	case code >= 500, code == http.StatusForbidden, code == http.StatusRequestTimeout,
		code == http.StatusTooManyRequests, code == http.StatusProxyAuthRequired:
		return channels.Retry
	}
	return channels.Fault
}

func refusedVerdict(ce *callError) channels.Verdict {
	switch {
	case ce.code == http.StatusTooManyRequests, ce.code >= 500:
		return channels.Retry
	case ce.code == http.StatusForbidden:
		return channels.Stop // blocked, deactivated, kicked, or never started the bot
	case ce.code == http.StatusBadRequest:
		words := strings.TrimPrefix(strings.ToLower(ce.text), "bad request: ")
		for _, g := range gone {
			if strings.HasPrefix(words, g) {
				return channels.Stop
			}
		}
	}
	return channels.Fault
}
