package telegram

import (
	"errors"
	"strings"

	"treem/channels"
)

// Telegram's limits on inline keyboards.
const (
	maxPayload = 64  // bytes of callback_data
	maxRow     = 8   // buttons in a row
	maxKeys    = 100 // buttons in all
)

// keyboard is an inline keyboard. The library's own button type is not used: it puts an empty "copy_text" into every
// button, and Telegram allows each button exactly one action.
type keyboard struct {
	Rows [][]key `json:"inline_keyboard"`
}

type key struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// links are the addresses that buttons can open.
type links struct {
	private string                     // a person's own chat with the bot; empty: not known
	call    func(number string) string // our page to call that number from; empty: there is none
	label   func(number string) string // on a button that opens it
}

// layOut turns buttons into a keyboard, nil if there is none, and into lines for the end of the text, which says text
// so far.
//
// A button that dials cannot be one on Telegram: the Bot API opens only http, https and tg links from a button and
// answers a tel: link with "Unsupported URL protocol", and its copy button would copy the number under a label that
// promises a call. So the button opens a page of ours from which one tap calls. Where there is none, and where the text
// does not say the number, it is written out on a line of its own, "☎ Gọi 111". Apps make long numbers tappable; 111
// they may not, and the person dials it.
func layOut(text string, rows [][]channels.Button, to links) (*keyboard, []string, error) {
	var (
		k     keyboard
		calls []string
		count int
	)
	for _, row := range rows {
		var keys []key
		for _, b := range row {
			switch {
			case actions(b) != 1:
				return nil, nil, errors.New("a button needs either a payload, a number to call or a private chat to open")
			case b.Call != "":
				page := to.call(b.Call)
				if page == "" || !strings.Contains(text, b.Call) {
					calls = append(calls, callLine(b))
				}
				if page != "" {
					keys = append(keys, key{Text: to.label(b.Call), URL: page})
				}
				continue
			case strings.TrimSpace(b.Label) == "":
				return nil, nil, errors.New("a button has no label")
			case len(b.Payload) > maxPayload:
				return nil, nil, errors.New("a button's payload is longer than 64 bytes")
			}
			one := key{Text: b.Label, Data: b.Payload}
			if b.Private {
				if one.URL = to.private; one.URL == "" {
					continue // the words above it say it, too
				}
			}
			keys = append(keys, one)
		}
		for len(keys) > 0 {
			n := min(len(keys), maxRow)
			k.Rows, keys, count = append(k.Rows, keys[:n]), keys[n:], count+n
		}
	}
	if count > maxKeys {
		return nil, nil, errors.New("more than 100 buttons")
	}
	if count == 0 {
		return nil, calls, nil
	}
	return &k, calls, nil
}

// actions counts what a button does.
func actions(b channels.Button) int {
	n := 0
	for _, does := range []bool{b.Payload != "", b.Call != "", b.Private} {
		if does {
			n++
		}
	}
	return n
}

// callLine writes a dialling button as text, with the number in it once.
func callLine(b channels.Button) string {
	label := strings.TrimSpace(b.Label)
	switch {
	case label == "":
		return "☎ " + b.Call
	case strings.Contains(label, b.Call):
		return "☎ " + label
	}
	return "☎ " + label + ": " + b.Call
}
