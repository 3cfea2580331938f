package bot

import (
	"strings"
	"unicode/utf8"

	"treem/bot/dialogue"
	"treem/channels/sms"
)

// pageSegments is how many segments one SMS may take; what is left is sent to who asks for it.
const pageSegments = 2

// paged cuts long SMS into pages: the first goes out, the rest is remembered for TIEP. The first message of an urgent
// reply is one segment as it is.
func paged(d dialogue.Decision, m dialogue.Medium, more func(dialogue.State) string) dialogue.Decision {
	if m != dialogue.SMS {
		return d
	}
	for i, u := range d.Say {
		u.Marks = d.State.Marks
		d.Say[i] = u
		text := Render(u, m).Text
		if _, n := sms.Measure(text); n <= pageSegments {
			continue
		}
		suffix := "\n" + more(d.State)
		head := firstPage(text, suffix)
		rest := strings.TrimLeft(text[len(head):], " \n")
		if d.State.More != "" {
			rest = d.State.More + "\n" + rest
		}
		d.State.More = rest
		d.Say[i] = dialogue.Utterance{Text: strings.TrimRight(head, " \n") + suffix, Marks: u.Marks, Urgent: u.Urgent}
	}
	return d
}

// firstPage is the longest beginning of text that fits together with the suffix, at a line's or sentence's end where one
// is not too far, else at a word's.
func firstPage(text, suffix string) string {
	head := sms.Head(text, pageSegments)
	for {
		if _, n := sms.Measure(strings.TrimRight(head, " \n") + suffix); n <= pageSegments {
			break
		}
		head = strings.TrimRight(head, " \n")
		if i := strings.LastIndexAny(head, " \n"); i > 0 {
			head = head[:i+1]
		} else { // one word longer than a page
			_, size := utf8.DecodeLastRuneInString(head)
			head = head[:len(head)-size]
		}
	}
	for _, end := range []string{"\n", ". ", "; "} {
		if i := strings.LastIndex(head, end); i >= len(head)*2/3 {
			return head[:i+len(end)]
		}
	}
	return head
}
