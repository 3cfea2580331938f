package kb

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"treem/kb/vitext"
)

// unreachable lists entries whose own title or sample questions do not bring them as answer or choice.
func unreachable(ctx context.Context, c *Content, ix *Index, n *vitext.Normaliser) ([]Problem, error) {
	var (
		workers sync.WaitGroup
		found   = make([][]Problem, len(c.Entries))
		errs    = make([]error, len(c.Entries))
		next    = make(chan int)
	)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				found[i], errs[i] = lostQuestions(ctx, c.Entries[i], ix, n)
			}
		})
	}
	for i := range c.Entries {
		next <- i
	}
	close(next)
	workers.Wait()
	var out []Problem
	for i, list := range found {
		if errs[i] != nil {
			return nil, errs[i]
		}
		out = append(out, list...)
	}
	return out, nil
}

func lostQuestions(ctx context.Context, e *Entry, ix *Index, n *vitext.Normaliser) ([]Problem, error) {
	var out []Problem
	ask := func(what, text string) error {
		r, err := ix.Search(ctx, Query{Text: n.Normalise(text)})
		if err != nil {
			return fmt.Errorf("entry %s: %w", e.ID, err)
		}
		if !r.offers(e.ID) {
			out = append(out, Problem{e.Path, fmt.Sprintf("%s %q does not find it: %s", what, text, r.brief())})
		}
		return nil
	}
	if err := ask("title", e.Title); err != nil {
		return nil, err
	}
	for _, q := range e.Questions {
		if err := ask("question", q); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// offers reports whether a hit is the answer or among the choices.
func (r Result) offers(id string) bool {
	shown := r.Choices
	if r.Verdict == VerdictAnswer {
		shown = max(1, shown)
	}
	for _, h := range r.Hits[:shown] {
		if h.ID() == id {
			return true
		}
	}
	return false
}

// brief writes the verdict and the best hits on one line, for staff.
func (r Result) brief() string {
	var got []string
	for _, h := range r.Hits[:min(3, len(r.Hits))] {
		got = append(got, fmt.Sprintf("%s %.2f", h.ID(), h.Score))
	}
	return string(r.Verdict) + " [" + strings.Join(got, ", ") + "]"
}
