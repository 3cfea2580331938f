package vitext

import "unicode"

// Normalise takes one message apart: it cleans it, splits it into words,
// repairs slang, dialect and typing slips, and says for each word whether its
// marks can be relied on. Time is linear in len(s), and normalising
// Text.Toned again changes nothing.
func (n *Normaliser) Normalise(s string) Text {
	text := Text{Clean: Clean(s)}
	c := newChain(len(text.Clean)/4 + 4)
	x := lexer{n: n, text: &text, chain: c}
	x.run()
	n.rewrite(c)
	text.Syllables = make([]Syllable, 0, len(c.nodes))
	for at := c.head; at >= 0; at = c.nodes[at].next {
		w := &c.nodes[at]
		if w.breakBefore && len(text.Syllables) > 0 {
			text.Breaks = append(text.Breaks, len(text.Syllables))
		}
		text.Syllables = append(text.Syllables, Syllable{
			Written: text.Clean[w.start:w.end],
			Toned:   w.form,
			Folded:  w.folded,
			Start:   w.start,
			End:     w.end,
			Slang:   w.slang,
		})
	}
	if x.broken && len(text.Syllables) > 0 {
		text.Breaks = append(text.Breaks, len(text.Syllables))
	}
	text.Shouted = shouted(text.Clean)
	n.judgeMarks(&text, c)
	return text
}

// rewrite applies rules and repairs until none applies. A rule may depend on
// its neighbours, so a change steps back one word to look again; every change
// replaces a word no table knows as final by one that is, which bounds the
// work by the number of words.
func (n *Normaliser) rewrite(c *chain) {
	for at := c.head; at >= 0; {
		c.steps++
		if !n.rewriteAt(c, at) {
			at = c.nodes[at].next
			continue
		}
		if before := c.nodes[at].prev; before >= 0 {
			at = before
		}
	}
}

// rewriteAt makes at most one change to a node and says whether it did.
func (n *Normaliser) rewriteAt(c *chain, at int) bool {
	w := &c.nodes[at]
	if r := n.match(c, at); r != nil {
		c.replace(at, r.out, node{fromTable: true, sure: r.sure})
		return true
	}
	if w.repaired {
		return false
	}
	w.repaired = true
	fixed := n.repair(w.form, w.folded)
	if fixed.words == nil {
		w.typedMarks = w.typedMarks || !w.fromTable && hasMark(w.form)
		return false
	}
	c.replace(at, fixed.words, node{typedMarks: fixed.typedMarks, fromTable: w.fromTable || fixed.fromTable, sure: fixed.fromTable})
	return true
}

// shouted reports whether most letters of a message are capitals; a lone
// capital word or initials do not count.
func shouted(s string) bool {
	upper, letters := 0, 0
	for _, r := range s {
		if l, ok := letterOf(r); ok {
			letters++
			if l.upper {
				upper++
			}
		} else if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 6 && upper*10 >= letters*7
}
