package vitext

import (
	"fmt"
	"strings"
)

// rule rewrites one written word when its conditions hold. The rules of one
// word are tried in file order; the first that matches wins.
type rule struct {
	when string // as written in the table
	out  []string
	sure bool // marks of out can be relied on
	all  []condition
}

// condition is one clause of a rule's "when" column.
type condition struct {
	next    bool // looks at the word after; else at the word before
	not     bool
	number  bool // "#": begins with a digit
	edge    bool // "$" or "^": a clause or message boundary
	english bool // "@en"
	words   map[string]struct{}
}

// loadRules reads one whole-word table: word, expansion, when, note.
func (n *Normaliser) loadRules(file string) error {
	lines, err := readTable(file)
	if err != nil {
		return err
	}
	for _, l := range lines {
		key, r := l.field(0), rule{when: l.field(2), sure: true}
		out := l.field(1)
		if key == "" || out == "" {
			return l.errorf("needs a word and an expansion")
		}
		if key != Tone(key) {
			return l.errorf("write %q as %q", key, Tone(key))
		}
		if rest, unsure := strings.CutSuffix(out, "?"); unsure {
			out, r.sure = rest, false
		}
		r.out = strings.Fields(out)
		if r.all, err = parseWhen(l, r.when); err != nil {
			return err
		}
		if err := n.checkOrder(l, key, r); err != nil {
			return err
		}
		n.rules[key] = append(n.rules[key], r)
	}
	return nil
}

// checkOrder refuses a rule that repeats or can never be reached.
func (n *Normaliser) checkOrder(l line, key string, r rule) error {
	for _, earlier := range n.rules[key] {
		if len(earlier.all) == 0 {
			return l.errorf("%q already has a rule without conditions", key)
		}
		if earlier.when == r.when {
			return l.errorf("%q has two rules for %q", key, r.when)
		}
	}
	if len(r.all) > 0 && strings.ContainsAny(key, "/&.-") {
		return l.errorf("%q is written with punctuation and takes no condition", key)
	}
	return nil
}

// checkExpansions refuses an expansion with a word that a rule would change
// again: Normalise would not be idempotent.
func (n *Normaliser) checkExpansions() error {
	for key, rules := range n.rules {
		for _, r := range rules {
			for _, w := range r.out {
				if n.rules[w] != nil {
					return fmt.Errorf("vitext: tables: %q expands to %q, which is itself a key", key, w)
				}
				if !n.settled(w, Fold(w)) {
					return fmt.Errorf("vitext: tables: %q expands to %q, which is no syllable and not in english.txt", key, w)
				}
			}
		}
	}
	return nil
}

// parseWhen reads conditions such as "next=#; !prev=danh,nho".
func parseWhen(l line, when string) ([]condition, error) {
	if when == "" {
		return nil, nil
	}
	var all []condition
	for clause := range strings.SplitSeq(when, ";") {
		side, list, ok := strings.Cut(strings.TrimSpace(clause), "=")
		c := condition{words: make(map[string]struct{})}
		side, c.not = strings.CutPrefix(side, "!")
		c.next = side == "next"
		if !ok || side != "next" && side != "prev" {
			return nil, l.errorf("condition %q is not next= or prev=", clause)
		}
		for word := range strings.SplitSeq(list, ",") {
			switch word = strings.TrimSpace(word); {
			case word == "#":
				c.number = true
			case word == "$" && c.next && !c.not, word == "^" && !c.next && !c.not:
				c.edge = true
			case word == "@en":
				c.english = true
			case word == "" || word != Fold(word) || strings.ContainsAny(word, "$^@ "):
				return nil, l.errorf("%q cannot stand in a condition", word)
			default:
				c.words[word] = struct{}{}
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// match returns the first rule for the node that holds among its neighbours.
//
// Boundaries only ever help a rule to match and neighbours are looked at
// across them: that keeps Normalise idempotent, since its output no longer
// has the punctuation.
func (n *Normaliser) match(c *chain, at int) *rule {
	rules := n.rules[c.nodes[at].form]
	for i := range rules {
		if n.holds(c, at, rules[i].all) {
			return &rules[i]
		}
	}
	return nil
}

func (n *Normaliser) holds(c *chain, at int, all []condition) bool {
	for i := range all {
		if n.check(c, at, &all[i]) == all[i].not {
			return false
		}
	}
	return true
}

func (n *Normaliser) check(c *chain, at int, cond *condition) bool {
	other, edge := c.nodes[at].prev, c.nodes[at].breakBefore
	if cond.next {
		other = c.nodes[at].next
		edge = other >= 0 && c.nodes[other].breakBefore
	}
	if cond.edge && (edge || other < 0) {
		return true
	}
	if other < 0 {
		return false
	}
	node := &c.nodes[other]
	if cond.number && isDigit(rune(node.form[0])) {
		return true
	}
	if cond.english && n.isEnglish(node.form, node.folded) {
		return true
	}
	_, ok := cond.words[node.folded]
	return ok
}

// isEnglish reports whether a word is English and cannot be Vietnamese.
func (n *Normaliser) isEnglish(form, folded string) bool {
	if _, ok := n.english[form]; !ok {
		return false
	}
	_, ok := n.folded[folded]
	return !ok
}
