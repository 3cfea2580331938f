package vitext

// markWindow is how many words to each side tell whether a word that needs no
// marks stands in text written with marks.
const markWindow = 4

// judgeMarks fills Text.Marked and Syllable.Marked.
//
// A Vietnamese word written with a mark counts for, one written without
// though its spelling has one counts against. Words right without marks
// ("con", "em"), numbers, other languages and table expansions do not count.
func (n *Normaliser) judgeMarks(text *Text, c *chain) {
	size := len(text.Syllables)
	with, without := make([]int32, size+1), make([]int32, size+1)
	lacking := make([]bool, size)
	i := 0
	for at := c.head; at >= 0; at = c.nodes[at].next {
		w := &c.nodes[at]
		with[i+1], without[i+1] = with[i], without[i]
		marked := hasMark(w.form)
		switch {
		case w.fromTable:
			text.Syllables[i].Marked = w.sure
			lacking[i] = !w.sure
		case marked:
			text.Syllables[i].Marked = true
			if w.typedMarks {
				with[i+1]++
			}
		case n.needsMark(w.form):
			lacking[i] = true
			without[i+1]++
		}
		i++
	}
	if all := with[size] + without[size]; all > 0 {
		text.Marked = float64(with[size]) / float64(all)
	}
	for i := range text.Syllables {
		if text.Syllables[i].Marked || lacking[i] {
			continue
		}
		from, to := max(0, i-markWindow), min(size, i+markWindow+1)
		yes, no := with[to]-with[from], without[to]-without[from]
		text.Syllables[i].Marked = yes > 0 && yes >= 3*no
	}
}

// needsMark reports whether an unmarked form is a Vietnamese syllable whose
// usual spelling has a mark.
func (n *Normaliser) needsMark(form string) bool {
	if _, ok := n.plain[form]; ok {
		return false
	}
	_, ok := n.folded[form]
	return ok
}
