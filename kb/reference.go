package kb

import (
	"slices"
	"strconv"
	"strings"

	"treem/kb/vitext"
)

// references finds laws and articles named in a message.
type references struct {
	laws []lawNames
}

type lawNames struct {
	law   *Law
	names []string // folded, as they stand between spaces
}

// newReferences collects how each law may be named: title, aliases, number in its usual shortenings.
func newReferences(c *Content, n *vitext.Normaliser) *references {
	r := &references{}
	for _, l := range c.Laws {
		names := []string{n.Normalise(l.Title).Folded()}
		for _, a := range l.Aliases {
			names = append(names, n.Normalise(a).Folded(), vitext.Fold(a))
		}
		names = append(names, numberNames(l.Number, n)...)
		slices.Sort(names)
		r.laws = append(r.laws, lawNames{l, slices.Compact(names)})
	}
	return r
}

// numberNames shortens "56/2017/NĐ-CP" to "nghị định 56", "nghị định 56/2017" and the like, as normalised text.
func numberNames(number string, n *vitext.Normaliser) []string {
	parts := strings.Split(number, "/")
	if len(parts) < 3 {
		return []string{n.Normalise(number).Folded()}
	}
	kind := "luat"
	switch {
	case strings.HasPrefix(parts[2], "NĐ"):
		kind = "nghi dinh"
	case strings.HasPrefix(parts[2], "TT"):
		kind = "thong tu"
	case strings.HasPrefix(parts[2], "QĐ"):
		kind = "quyet dinh"
	}
	var out []string
	for _, form := range []string{parts[0], parts[0] + "/" + parts[1], number} {
		out = append(out, kind+" "+n.Normalise(form).Folded())
	}
	return append(out, n.Normalise(parts[0]+"/"+parts[1]).Folded(), n.Normalise(number).Folded())
}

// look reads a message as a reference to the law. found is false if it is none; an article that does not exist, or of a
// law that is not here, is found and unknown.
func (r *references) look(t vitext.Text) (result Result, found bool) {
	words := strings.Fields(t.Folded())
	at := slices.Index(words, "dieu")
	if at < 0 || at+1 >= len(words) {
		return Result{}, false
	}
	article, err := strconv.Atoi(words[at+1])
	if err != nil || article < 1 {
		return Result{}, false
	}
	law, named := r.named(words)
	if law == nil {
		return Result{Verdict: VerdictUnknown}, named
	}
	a, ok := law.Article(article)
	if !ok {
		return Result{Verdict: VerdictUnknown}, true
	}
	return Result{Verdict: VerdictAnswer, Confidence: 1, Hits: []Hit{{Law: law, Article: a, Score: 1}}}, true
}

// named finds the law with the longest name in the words. named is true also when the words name some law that is not
// here.
func (r *references) named(words []string) (law *Law, named bool) {
	text := " " + strings.Join(words, " ") + " "
	longest := 0
	for _, l := range r.laws {
		for _, name := range l.names {
			if len(name) > longest && strings.Contains(text, " "+name+" ") {
				law, longest = l.law, len(name)
			}
		}
	}
	if law != nil {
		return law, true
	}
	for _, w := range []string{"luat", "nghi dinh", "thong tu", "quyet dinh", "hien phap"} {
		if strings.Contains(text, " "+w+" ") {
			return nil, true
		}
	}
	return nil, false
}
