package kb

import (
	"strings"

	"treem/kb/vitext"
)

// term is one syllable or pair of syllables of a text.
type term struct {
	folded string
	toned  string // empty: the writer gave no marks to rely on
}

// terms lists a text's syllables and pairs of neighbours. Pairs carry most of Vietnamese: most words have two
// syllables.
func terms(t vitext.Text) []term {
	out := make([]term, 0, 2*len(t.Syllables))
	for i, s := range t.Syllables {
		one := term{folded: s.Folded}
		if s.Marked {
			one.toned = s.Toned
		}
		out = append(out, one)
		if i == 0 {
			continue
		}
		p := t.Syllables[i-1]
		pair := term{folded: p.Folded + "_" + s.Folded}
		if s.Marked && p.Marked {
			pair.toned = p.Toned + "_" + s.Toned
		}
		out = append(out, pair)
	}
	return out
}

// tokens writes terms as the space-separated words that the index's white-space analyzer takes apart again. Content is
// written with marks, so each text is indexed twice: with and without.
func tokens(list []term) (toned, folded string) {
	var t, f strings.Builder
	for _, one := range list {
		f.WriteString(one.folded)
		f.WriteByte(' ')
		if one.toned != "" {
			t.WriteString(one.toned)
			t.WriteByte(' ')
		}
	}
	return t.String(), f.String()
}
