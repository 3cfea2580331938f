package kb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"treem/kb/vitext"
)

// Problem is one thing in the content that breaks a rule of content/README.md.
type Problem struct {
	Path string // the file to mend
	What string
}

// String is "path: what".
func (p Problem) String() string { return p.Path + ": " + p.What }

// checkedFor is how long a comparison with the sources holds.
const checkedFor = 366 * 24 * time.Hour

// Check tests every rule of content/README.md and that each entry is found by its own title and questions. Problems
// come by file; an error means that the check itself failed.
func Check(ctx context.Context, c *Content, ix *Index, n *vitext.Normaliser, now time.Time) ([]Problem, error) {
	k := &checker{content: c, text: n, now: now, phones: factPhones(c)}
	for _, id := range sortedKeys(c.Facts) {
		k.fact(c.Facts[id])
	}
	for _, l := range c.Laws {
		k.law(l)
	}
	for _, e := range c.Entries {
		k.entry(e)
	}
	k.repeatedQuestions()
	lost, err := unreachable(ctx, c, ix, n)
	if err != nil {
		return nil, fmt.Errorf("check content: %w", err)
	}
	k.problems = append(k.problems, lost...)
	slices.SortStableFunc(k.problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.What, b.What)) })
	return k.problems, nil
}

// checker collects problems. path is the file being looked at.
type checker struct {
	content  *Content
	text     *vitext.Normaliser
	now      time.Time
	phones   map[string]bool // numbers that facts allow, digits only
	path     string
	problems []Problem
}

// wrong notes a problem of the current file.
func (k *checker) wrong(format string, args ...any) {
	k.problems = append(k.problems, Problem{k.path, fmt.Sprintf(format, args...)})
}

// checked tests the date of the last comparison with the sources.
func (k *checker) checked(on time.Time) {
	switch {
	case on.IsZero():
		k.wrong("checked_on is missing")
	case on.After(k.now.AddDate(0, 0, 1)):
		k.wrong("checked_on %s lies in the future", on.Format(time.DateOnly))
	case k.now.Sub(on) > checkedFor:
		k.wrong("last checked on %s, more than a year ago", on.Format(time.DateOnly))
	}
}

// repeatedQuestions finds a question that two entries, or one entry twice, claim.
func (k *checker) repeatedQuestions() {
	first := map[string]*Entry{}
	for _, e := range k.content.Entries {
		k.path = e.Path
		for _, q := range e.Questions {
			key := k.text.Normalise(q).Folded()
			switch other, twice := first[key]; {
			case twice && other == e:
				k.wrong("question %q stands here twice, if marks and spelling are left aside", q)
			case twice:
				k.wrong("question %q also stands in %s", q, other.ID)
			default:
				first[key] = e
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
