package telegram

import (
	"strings"

	"treem/channels"
)

// Shown is what a message becomes on Telegram.
type Shown struct {
	Parts   []string   // the messages, in order
	Buttons [][]string // labels under the last of them, by row
}

// Show lays a message out as Send would on a service without an address of its own to link to, and sends nothing.
func Show(out channels.Outbound) (Shown, error) {
	keyboard, calls, err := layOut(out.Text, out.Buttons, links{call: func(string) string { return "" }})
	if err != nil {
		return Shown{}, err
	}
	s := Shown{Parts: partsOf(out.Text, calls)}
	if keyboard == nil {
		return s, nil
	}
	for _, row := range keyboard.Rows {
		var labels []string
		for _, k := range row {
			labels = append(labels, k.Text)
		}
		s.Buttons = append(s.Buttons, labels)
	}
	return s, nil
}

// partsOf cuts a text with the lines of numbers to call into messages.
func partsOf(text string, calls []string) []string {
	return split(strings.Join(append([]string{text}, calls...), "\n"), maxMessage)
}
