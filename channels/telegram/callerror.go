package telegram

import (
	"net/http"
	"regexp"
	"strings"

	"treem/channels"
	"treem/channels/httpcall"
)

// provider names Telegram in errors.
const provider = httpcall.Provider(Name)

// moved is the cause of a refusal that tells a group's new number.
type moved int64

func (moved) Error() string { return "the group has a new number" }

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
func sendError(err error) *channels.SendError { return provider.Of(err).SendError(refusedVerdict) }

// refusedVerdict goes by the code and, where Telegram has none of its own, by the words.
func refusedVerdict(e *httpcall.Error) channels.Verdict {
	switch code := e.Number(); {
	case code == http.StatusTooManyRequests, code >= 500:
		return channels.Retry
	case code == http.StatusForbidden:
		return channels.Stop // blocked, deactivated, kicked, or never started the bot
	case code == http.StatusBadRequest:
		words := strings.TrimPrefix(strings.ToLower(e.Text), "bad request: ")
		for _, g := range gone {
			if strings.HasPrefix(words, g) {
				return channels.Stop
			}
		}
	}
	return channels.Fault
}
