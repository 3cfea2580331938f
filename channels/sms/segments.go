package sms

// Segments cuts a text into what goes over the air as one segment each, in order and without losing anything: put
// together they are the text again. There are as many as Measure says, unless one character has more marks than a
// segment holds, which is then cut between its marks.
func Segments(text string) []string {
	encoding, n := Measure(text)
	if n == 1 {
		return []string{text}
	}
	_, multi := limits(encoding)
	var all []string
	start, end, used := 0, 0, 0
	add := func(piece string, places int) {
		if used+places > multi && end > start {
			all = append(all, text[start:end])
			start, used = end, 0
		}
		used += places
		end += len(piece)
	}
	characters(text, encoding, func(c string, places int) bool {
		if places <= multi {
			add(c, places)
			return true
		}
		for _, r := range c {
			add(string(r), runeWidth(r, encoding))
		}
		return true
	})
	return append(all, text[start:])
}
