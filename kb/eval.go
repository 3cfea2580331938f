package kb

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"treem/kb/vitext"
)

// EvalCase is one line of a question file.
type EvalCase struct {
	ID       string     `json:"id"`
	Text     string     `json:"text"`
	Scope    string     `json:"scope"` // in or out
	Style    string     `json:"style"`
	Asker    string     `json:"asker"`
	Topic    string     `json:"topic"`
	Must     [][]string `json:"must"`     // each group needs one of its alternatives in the answer
	MustNot  []string   `json:"must_not"` // none of these may be in it
	Cite     []Citation `json:"cite"`     // one is enough; empty: none needed
	Entries  []string   `json:"entries"`  // the hit must be one of these; empty: any
	NearMiss bool       `json:"near_miss"`
}

// EvalScore is how well a question file was answered.
type EvalScore struct {
	Answers Tally // in scope: top answer right
	Choices Tally // in scope: top answer or an offered choice right
	Plain   Tally // the same questions typed without marks: top answer right
	Ranked  Tally // in scope: right hit first, whatever was decided
	Four    Tally // in scope: right hit among the first four, whatever was decided
	Unknown int   // in scope, left unanswered
	Silent  Tally // out of scope: left unanswered
	Near    Tally // of these, near misses
	Wrong   int   // in scope, answered, and the answer is not right
	Misses  []string
}

// Tally counts hits.
type Tally struct{ Hit, All int }

func (t *Tally) count(hit bool) {
	t.All++
	if hit {
		t.Hit++
	}
}

func (t Tally) String() string {
	if t.All == 0 {
		return "none"
	}
	return fmt.Sprintf("%5.1f %% (%d of %d)", 100*float64(t.Hit)/float64(t.All), t.Hit, t.All)
}

// AnswerText writes out a hit as a person reads it.
type AnswerText func(h Hit, a Audience, self string) string

// Evaluate asks every question, those in scope a second time without marks.
func Evaluate(ctx context.Context, cases []EvalCase, ix *Index, n *vitext.Normaliser, text AnswerText) (EvalScore, error) {
	var s EvalScore
	for _, c := range cases {
		r, err := ix.Search(ctx, Query{Text: n.Normalise(c.Text)})
		if err != nil {
			return s, fmt.Errorf("question %s: %w", c.ID, err)
		}
		if c.Scope == "out" {
			silent := r.Verdict == VerdictUnknown
			s.Silent.count(silent)
			if c.NearMiss {
				s.Near.count(silent)
			}
			s.miss(!silent, "answered", c, r)
			continue
		}
		answered, chosen := c.judge(r, text)
		s.Answers.count(answered)
		s.Choices.count(chosen)
		s.Ranked.count(c.judgeFirst(r, 1, text))
		s.Four.count(c.judgeFirst(r, maxChoices, text))
		if r.Verdict == VerdictUnknown {
			s.Unknown++
		}
		if r.Verdict == VerdictAnswer && !answered {
			s.Wrong++
		}
		s.miss(!chosen, "missed", c, r)
		s.miss(chosen && !answered, "only offered", c, r)
		plain, err := ix.Search(ctx, Query{Text: n.Normalise(vitext.Fold(c.Text))})
		if err != nil {
			return s, fmt.Errorf("question %s: %w", c.ID, err)
		}
		answered, _ = c.judge(plain, text)
		s.Plain.count(answered)
	}
	return s, nil
}

func (s *EvalScore) miss(is bool, what string, c EvalCase, r Result) {
	if !is {
		return
	}
	s.Misses = append(s.Misses, fmt.Sprintf("%s %s: %s → %s", what, c.ID, c.Text, r.brief()))
}

// judge says whether the top answer is right, and whether it or an offered choice is.
func (c EvalCase) judge(r Result, text AnswerText) (answered, chosen bool) {
	audience := AudienceParent
	if c.Asker == "child" {
		audience = AudienceChild
	}
	right := func(h Hit) bool {
		return (len(c.Entries) == 0 || slices.Contains(c.Entries, h.ID())) && c.right(text(h, audience, "em"), h.Citations())
	}
	switch r.Verdict {
	case VerdictAnswer:
		ok := right(r.Hits[0])
		return ok, ok || slices.ContainsFunc(r.Beside(), right)
	case VerdictChoices:
		return false, slices.ContainsFunc(r.Hits[:r.Choices], right)
	default:
		return false, false
	}
}

// judgeFirst says whether one of the first n hits is right, whatever the verdict.
func (c EvalCase) judgeFirst(r Result, n int, text AnswerText) bool {
	n = min(n, len(r.Hits))
	_, right := c.judge(Result{Verdict: VerdictChoices, Hits: r.Hits, Choices: n}, text)
	return right
}

func (c EvalCase) right(text string, cites []Citation) bool {
	folded := foldForMatch(text)
	has := func(s string) bool { return strings.Contains(folded, foldForMatch(s)) }
	for _, group := range c.Must {
		if !slices.ContainsFunc(group, has) {
			return false
		}
	}
	if slices.ContainsFunc(c.MustNot, has) {
		return false
	}
	return len(c.Cite) == 0 || slices.ContainsFunc(c.Cite, func(want Citation) bool {
		return slices.ContainsFunc(cites, func(got Citation) bool { return got.Law == want.Law && got.Article == want.Article })
	})
}

// foldForMatch folds text to syllables between single spaces: no marks, no punctuation, no thousands separators, no
// leading zeros.
func foldForMatch(s string) string {
	runes := []rune(vitext.Fold(s))
	var b strings.Builder
	b.WriteByte(' ')
	for i, r := range runes {
		digit := func(j int) bool { return j >= 0 && j < len(runes) && unicode.IsDigit(runes[j]) }
		switch {
		case (r == '.' || r == ',') && digit(i-1) && digit(i+1) && digit(i+2) && digit(i+3) && !digit(i+4):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if trimmed := strings.TrimLeft(w, "0"); trimmed != "" && unicode.IsDigit(rune(w[0])) {
			words[i] = trimmed
		}
	}
	return " " + strings.Join(words, " ") + " "
}

// Print writes the score; misses also lists what went wrong.
func (s EvalScore) Print(w io.Writer, misses bool) error {
	if misses {
		for _, m := range s.Misses {
			if _, err := fmt.Fprintln(w, m); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, `top answer right       %s
top or choice right    %s
top, typed unmarked    %s
out of scope, silent   %s
  of these near misses %s
in scope, wrong answer %d
in scope, unanswered   %d
ranked first           %s
ranked among four      %s
`, s.Answers, s.Choices, s.Plain, s.Silent, s.Near, s.Wrong, s.Unknown, s.Ranked, s.Four)
	return err
}
