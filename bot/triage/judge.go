package triage

// Long messages are also read in pieces, so that danger buried in an ordinary story is found.
const (
	windowFrom  = 30 // syllables from which a message is read in pieces too
	sentenceMin = 4  // syllables that a sentence of a shorter message must have to be read alone
	windowMin   = 14 // a piece ends at the first clause end after so many syllables
	windowMax   = 26 // and after so many in any case

	sureSentence   = 0.90 // a sentence of a shorter message as sure as this is believed although the rest is ordinary
	pieceShare     = 0.5  // what the most alarming piece counts beside the whole
	surePiece      = 0.97 // a piece as sure as this is believed although the rest is ordinary
	surePieceShare = 0.8
)

// pieces calls look for each piece of a long message: it begins at a clause and takes in the following ones; pieces
// overlap by about half.
func (r *reading) pieces(look func(from, to int)) {
	n := len(r.folded)
	if n < windowFrom {
		r.sentences(look)
		return
	}
	for from := 0; from < n; {
		to := min(from+windowMax, n)
		for i := from + windowMin; i < to; i++ {
			if r.breakAt[i] {
				to = i
				break
			}
		}
		look(from, to)
		if to == n {
			return
		}
		next := from + windowMin/2
		for i := next; i < to; i++ {
			if r.breakAt[i] {
				next = i
				break
			}
		}
		from = next
	}
}

// sentences calls look for each sentence of a short message that says more than a greeting.
func (r *reading) sentences(look func(from, to int)) {
	for i, from := range r.begins {
		to := len(r.folded)
		if i+1 < len(r.begins) {
			to = r.begins[i+1]
		}
		if to-from >= sentenceMin {
			look(from, to)
		}
	}
}

// judge returns the odds of a message; of a long one, between those of the whole and of its most alarming piece. The
// odds of categories, of the whole message, are added to kinds; v keeps what the model saw of the whole.
func (m *model) judge(b *bag, v *view, r *reading, kinds []float64) odds {
	n := len(r.folded)
	b.reset()
	b.collect(r, 0, n)
	m.see(b.on, v)
	whole := m.level(v, kinds)
	if n < windowFrom && len(r.begins) < 2 {
		return whole
	}
	var worst odds
	var part view
	r.pieces(func(from, to int) {
		b.reset()
		b.collect(r, from, to)
		m.see(b.on, &part)
		if p := m.level(&part, nil); p.alarm() >= worst.alarm() {
			worst = p
		}
	})
	share, sure := pieceShare, surePiece
	if n < windowFrom {
		share, sure = 0, sureSentence
	}
	if worst.alarm() >= sure {
		share = surePieceShare
	}
	for k := range whole {
		whole[k] += share * (worst[k] - whole[k])
	}
	return whole
}
