package vitext

import (
	"strconv"
	"strings"
)

// glue expands letters written against a number.
type glue struct {
	side     string // "before" the number (k1), "after" it (8t), "between" two (5h30)
	min, max int    // the numbers it holds for
	out      []string
}

// loadGlued reads glued.tsv: letters, expansion, side, min, max, note.
func (n *Normaliser) loadGlued() error {
	lines, err := readTable("glued.tsv")
	if err != nil {
		return err
	}
	for _, l := range lines {
		g := glue{side: l.field(2), out: strings.Fields(l.field(1))}
		if g.side != "before" && g.side != "after" && g.side != "between" {
			return l.errorf("side %q is not before, after or between", g.side)
		}
		var errMin, errMax error
		g.min, errMin = strconv.Atoi(l.field(3))
		g.max, errMax = strconv.Atoi(l.field(4))
		if errMin != nil || errMax != nil || g.min > g.max || len(g.out) == 0 {
			return l.errorf("needs an expansion and a range of numbers")
		}
		key := l.field(0)
		for _, other := range n.glued[key] {
			if other.side == g.side && other.min <= g.max && g.min <= other.max {
				return l.errorf("%q %s a number is given twice", key, g.side)
			}
		}
		n.glued[key] = append(n.glued[key], g)
	}
	return nil
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// repairDigits repairs a word with a digit in it.
func (n *Normaliser) repairDigits(form string) repaired {
	if isNumber(form) || len(form) > longestRepair {
		return repaired{}
	}
	if isDigit(rune(form[0])) {
		return n.afterNumber(form)
	}
	at := strings.IndexAny(form, "0123456789")
	letters, number := form[:at], form[at:]
	trailing := isNumber(number)
	if trailing {
		if out := n.glueFor(letters, "before", number); out != nil {
			return repaired{words: append(out, number), fromTable: true}
		}
	}
	if out, ok := n.vni(form); ok {
		return out
	}
	if out, ok := n.unleet(form); ok {
		return out
	}
	if _, ok := n.toned[letters]; ok && trailing && len(letters) > 1 {
		return repaired{words: []string{letters, number}, typedMarks: hasMark(letters)}
	}
	return repaired{}
}

// afterNumber repairs a number with letters after it: 8t, 20k, 5h30, 3con.
func (n *Normaliser) afterNumber(form string) repaired {
	end := scanNumber(form)
	number, rest := form[:end], form[end:]
	if rest == "" || !isNumber(number) {
		return repaired{}
	}
	if at := strings.IndexAny(rest, "0123456789"); at >= 0 {
		unit, second := rest[:at], rest[at:]
		out := n.glueFor(unit, "between", number)
		if out == nil || !isNumber(second) {
			return repaired{}
		}
		return repaired{words: append(append([]string{number}, out...), second), fromTable: true}
	}
	if out := n.glueFor(rest, "after", number); out != nil {
		return repaired{words: append([]string{number}, out...), fromTable: true}
	}
	if _, ok := n.folded[Fold(rest)]; ok && len(rest) > 1 {
		return repaired{words: []string{number, rest}, typedMarks: hasMark(rest)}
	}
	return repaired{}
}

// glueFor returns a fresh copy of the expansion of letters beside a number.
func (n *Normaliser) glueFor(letters, side, number string) []string {
	value := 0
	for i := 0; i < len(number) && isDigit(rune(number[i])) && value < 1e6; i++ {
		value = value*10 + int(number[i]-'0')
	}
	for _, g := range n.glued[letters] {
		if g.side == side && g.min <= value && value <= g.max {
			return append([]string(nil), g.out...)
		}
	}
	return nil
}
