package bot

import (
	"fmt"
	"strings"

	"treem/bot/dialogue"
	"treem/channels"
	"treem/kb/vitext"
)

// Render turns an utterance into a message for a medium: buttons where they are shown, else a numbered list whose
// numbers the person can send back.
func Render(u dialogue.Utterance, m dialogue.Medium) channels.Outbound {
	out := channels.Outbound{Text: u.Text, Urgent: u.Urgent}
	if m == dialogue.Chat {
		for _, o := range u.Options {
			out.Buttons = append(out.Buttons, []channels.Button{{Label: o.Label, Payload: o.Payload, Call: o.Call, Private: o.Private}})
		}
		return out
	}
	lines := []string{u.Text}
	for i, o := range dialogue.Numbered(u.Options) {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, o.Label))
	}
	out.Text = strings.Join(lines, "\n")
	if m == dialogue.SMS && !u.Marks {
		out.Text = vitext.GSM(out.Text)
	}
	return out
}
