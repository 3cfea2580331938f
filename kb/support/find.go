package support

import (
	"cmp"
	"slices"
	"time"

	"treem/kb"
)

// Grant is a benefit that the answers make likely or possible.
type Grant struct {
	*Benefit
	Amounts     []int64 // đồng, rising; several if the answers leave the rate open, none if there is no amount
	Coefficient float64 // of a single amount that is the standard times a coefficient
	Text        string  // the amount as a fact words it, where it is no multiple of the standard
	Since       time.Time
	Instead     bool // possible, and then in place of a lower likely one
}

// top is the highest amount.
func (g Grant) top() int64 {
	if len(g.Amounts) == 0 {
		return 0
	}
	return g.Amounts[len(g.Amounts)-1]
}

// Result is everything the answers lead to, in the order of the file.
type Result struct {
	Monthly, Once, Help []Grant
	Unsure              []Grant // possible if something the answers do not tell is so
	Notes               []Note
	Steps               []Step
	Total               int64 // of the monthly amounts in đồng; 0 if one of them is open
	HighestOnly         bool  // something was left out because only the highest is paid
	Citations           []kb.Citation
}

// Find works out what a child with these answers may have.
func (f *Finder) Find(a Answers) Result {
	var r Result
	likely, unsure := f.grants(a)
	kept := highest(likely)
	r.HighestOnly = countMonthly(kept) < countMonthly(likely)
	cites := slices.Clone(f.Citations)
	for _, g := range kept {
		switch g.Kind {
		case Monthly:
			r.Monthly = append(r.Monthly, g)
		case Once:
			r.Once = append(r.Once, g)
		default:
			r.Help = append(r.Help, g)
		}
	}
	for _, g := range unsure {
		if better, instead := improves(g, kept); better && len(r.Unsure) < maxUnsure {
			g.Instead = instead
			r.Unsure = append(r.Unsure, g)
		}
	}
	for _, n := range f.Notes {
		if f.any(n.When, a) == yes {
			r.Notes = append(r.Notes, n)
		}
	}
	r.Total = total(r.Monthly)
	r.Steps = f.stepsOf(slices.Concat(r.Monthly, r.Once, r.Help, r.Unsure))
	for _, g := range slices.Concat(r.Monthly, r.Once, r.Unsure, r.Help) {
		cites = append(cites, f.citations(g, a)...)
	}
	for _, n := range r.Notes {
		cites = append(cites, n.Citations...)
	}
	for _, s := range r.Steps {
		cites = append(cites, s.Citations...)
	}
	r.Citations = inOrder(cites)
	return r
}

// maxUnsure is how many benefits that hang on an open answer a result tells.
const maxUnsure = 5

// grants lists the benefits that the answers make likely, and those they leave open.
func (f *Finder) grants(a Answers) (likely, unsure []Grant) {
	for i := range f.Benefits {
		b := &f.Benefits[i]
		sure, maybe := f.any(b.When, a), f.any(b.Maybe, a)
		if sure == no && maybe != yes || sure != yes && b.If.Parent == "" {
			continue
		}
		g, ok := f.rated(b, a)
		switch {
		case !ok:
		case sure == yes:
			likely = append(likely, g)
		default:
			unsure = append(unsure, g)
		}
	}
	return likely, unsure
}

// rated puts in the amounts that the answers leave possible; false if there are rates and none fits.
func (f *Finder) rated(b *Benefit, a Answers) (Grant, bool) {
	g := Grant{Benefit: b}
	fits := 0
	for _, rate := range b.Rates {
		if len(rate.When) > 0 && f.any(rate.When, a) == no {
			continue
		}
		fits++
		if rate.Coefficient > 0 {
			g.Amounts = append(g.Amounts, f.times(rate.Coefficient))
			g.Coefficient, g.Since = rate.Coefficient, f.facts[f.Standard].ValidFrom
			continue
		}
		fact := f.facts[rate.Fact]
		g.Text, g.Since = fact.Text, fact.ValidFrom
		if n, err := amountOf(fact.Text); err == nil {
			g.Amounts = append(g.Amounts, n)
		}
	}
	slices.Sort(g.Amounts)
	g.Amounts = slices.Compact(g.Amounts)
	if len(g.Amounts) > 1 {
		g.Coefficient, g.Text = 0, ""
	}
	return g, fits > 0 || len(b.Rates) == 0
}

// highest keeps of each set of benefits that exclude one another the one with the highest amount, the first of equals.
func highest(grants []Grant) []Grant {
	best := map[string]Grant{}
	for _, g := range grants {
		if b, seen := best[g.Highest]; !seen || g.top() > b.top() {
			best[g.Highest] = g
		}
	}
	return slices.DeleteFunc(slices.Clone(grants), func(g Grant) bool {
		return g.Highest != "" && best[g.Highest].ID != g.ID
	})
}

// improves says whether a possible benefit would add to the likely ones, and whether in place of one of them.
func improves(g Grant, likely []Grant) (better, instead bool) {
	for _, l := range likely {
		if g.Highest != "" && g.Highest == l.Highest {
			return g.top() > l.top(), true
		}
	}
	return true, false
}

func total(monthly []Grant) int64 {
	var sum int64
	for _, g := range monthly {
		if len(g.Amounts) != 1 {
			return 0
		}
		sum += g.Amounts[0]
	}
	return sum
}

// stepsOf lists the ways to apply for the grants, each once, in the order of the file.
func (f *Finder) stepsOf(grants []Grant) []Step {
	wanted := map[string]bool{}
	for _, g := range grants {
		for _, id := range g.Steps {
			wanted[id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(f.Steps), func(s Step) bool { return !wanted[s.ID] })
}

func countMonthly(grants []Grant) int {
	n := 0
	for _, g := range grants {
		if g.Kind == Monthly {
			n++
		}
	}
	return n
}

// citations are the places a grant rests on, down to the point of the list that the answers meet.
func (f *Finder) citations(g Grant, a Answers) []kb.Citation {
	var out []kb.Citation
	for _, c := range append(slices.Clone(g.When), g.Maybe...) {
		for _, id := range c[groupName] {
			_, met := f.group(id, a)
			for _, group := range f.Groups {
				for _, i := range met {
					if group.ID == id {
						out = append(out, group.Cases[i].Citation)
					}
				}
			}
		}
	}
	out = append(out, g.Citations...)
	for _, rate := range g.Rates {
		if len(rate.When) == 0 || f.any(rate.When, a) != no {
			out = append(out, rate.Citations...)
		}
	}
	return out
}

// inOrder sorts citations within their law, laws in order of appearance, and drops repeats.
func inOrder(cites []kb.Citation) []kb.Citation {
	law := map[string]int{}
	for _, c := range cites {
		if _, seen := law[c.Law]; !seen {
			law[c.Law] = len(law)
		}
	}
	out := slices.Clone(cites)
	slices.SortStableFunc(out, func(x, y kb.Citation) int {
		return cmp.Or(cmp.Compare(law[x.Law], law[y.Law]), cmp.Compare(x.Article, y.Article), cmp.Compare(x.Clause, y.Clause),
			cmp.Compare(x.Point, y.Point))
	})
	return slices.Compact(out)
}
