package vitext

import "strings"

// respell is one teen way to write an onset or an ending: f for ph, og for
// ong.
type respell struct {
	ending   bool
	from, to string
}

// loadSpelling reads spelling.tsv: from, to, side, note.
func (n *Normaliser) loadSpelling() error {
	lines, err := readTable("spelling.tsv")
	if err != nil {
		return err
	}
	seen := make(map[respell]bool)
	for _, l := range lines {
		r := respell{from: l.field(0), to: l.field(1), ending: l.field(2) == "end"}
		if r.from == "" || r.to == "" || !r.ending && l.field(2) != "start" {
			return l.errorf("needs from, to, and start or end")
		}
		if seen[r] {
			return l.errorf("%q is listed twice", r.from)
		}
		seen[r] = true
		n.spelling = append(n.spelling, r)
	}
	return nil
}

// respell returns the valid syllable form stands for in teen spelling, or "".
// One change is tried before two.
func (n *Normaliser) respell(form string) string {
	if len(form) < 2 || len(form) > 2*longestSyllable {
		return ""
	}
	for _, r := range n.spelling {
		if out := r.apply(form); out != "" && n.isSyllable(out) {
			return out
		}
	}
	for _, start := range n.spelling {
		if start.ending {
			continue
		}
		half := start.apply(form)
		if half == "" {
			continue
		}
		for _, end := range n.spelling {
			if !end.ending {
				continue
			}
			if out := end.apply(half); out != "" && n.isSyllable(out) {
				return out
			}
		}
	}
	return ""
}

func (r respell) apply(form string) string {
	if r.ending {
		if rest, ok := strings.CutSuffix(form, r.from); ok && rest != "" {
			return rest + r.to
		}
		return ""
	}
	if rest, ok := strings.CutPrefix(form, r.from); ok && rest != "" {
		return r.to + rest
	}
	return ""
}

func (n *Normaliser) isSyllable(form string) bool {
	_, ok := n.folded[Fold(form)]
	return ok
}
