package editorial

import (
	"context"
	"slices"
	"strings"

	"treem/kb"
	"treem/kb/vitext"
)

// Searcher finds answers.
type Searcher interface {
	Search(ctx context.Context, q kb.Query) (kb.Result, error)
}

// Moved is a question whose answer a change alters.
type Moved struct {
	Question      string
	Before, After string // titles of what answers it, or what is offered; empty: nothing does
	Lost          bool   // it belongs to an entry that no longer answers or is offered for it
	Asked         bool   // people asked it and got no sure answer
}

// Impact compares what answers a question before and after, for every sample question of either content and for unsure, what
// people asked of late without getting a sure answer; own is the entry that is being changed, whose questions are reported by
// the check.
func Impact(ctx context.Context, before, after *kb.Content, then, now Searcher, text *vitext.Normaliser, own string, unsure []string) ([]Moved, error) {
	asked := map[string]string{} // question → entry it belongs to; empty: none
	for _, q := range unsure {
		asked[q] = ""
	}
	for _, c := range []*kb.Content{before, after} {
		for _, e := range c.Entries {
			if e.ID == own {
				continue
			}
			for _, q := range append([]string{e.Title}, e.Questions...) {
				asked[q] = e.ID
			}
		}
	}
	var all []Moved
	for _, q := range sorted(keys(asked)) {
		query := kb.Query{Text: text.Normalise(q)}
		a, err := then.Search(ctx, query)
		if err != nil {
			return nil, err
		}
		b, err := now.Search(ctx, query)
		if err != nil {
			return nil, err
		}
		if same(a, b) {
			continue
		}
		of := asked[q]
		all = append(all, Moved{Question: q, Before: offered(a), After: offered(b), Lost: of != "" && !slices.Contains(ids(b), of), Asked: of == ""})
	}
	return all, nil
}

// shown are the hits a person sees.
func shown(r kb.Result) []kb.Hit {
	switch r.Verdict {
	case kb.VerdictAnswer:
		return r.Hits[:1]
	case kb.VerdictChoices:
		return r.Hits[:r.Choices]
	default:
		return nil
	}
}

func ids(r kb.Result) []string {
	var all []string
	for _, h := range shown(r) {
		all = append(all, h.ID())
	}
	return all
}

func same(a, b kb.Result) bool { return slices.Equal(ids(a), ids(b)) }

func offered(r kb.Result) string {
	var all []string
	for _, h := range shown(r) {
		all = append(all, h.Title())
	}
	return strings.Join(all, " · ")
}

func keys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	return all
}

func sorted(all []string) []string {
	slices.Sort(all)
	return all
}
