package kb

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
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
	Answers Tally            `json:"top"`           // in scope: top answer right
	Choices Tally            `json:"top_or_choice"` // in scope: top answer or an offered choice right
	Plain   Tally            `json:"unmarked"`      // the same questions typed without marks: top answer right
	Ranked  Tally            `json:"ranked_first"`  // in scope: right hit first, whatever was decided
	Four    Tally            `json:"ranked_four"`   // in scope: right hit among the first four, whatever was decided
	Unknown int              `json:"unanswered"`    // in scope, left unanswered
	Silent  Tally            `json:"silent"`        // out of scope: left unanswered
	Near    Tally            `json:"near_misses"`   // of these, near misses
	Wrong   int              `json:"wrong"`         // in scope, answered, and the answer is not right
	Topics  map[string]*Part `json:"topics"`        // in scope
	Styles  map[string]*Part `json:"styles"`        // both
	Misses  []string         `json:"misses"`
}

// Part is the score of one topic or style.
type Part struct {
	Answers Tally `json:"top"`
	Choices Tally `json:"top_or_choice"`
	Silent  Tally `json:"silent"`
}

// Tally counts hits.
type Tally struct {
	Hit int `json:"hit"`
	All int `json:"all"`
}

// Count adds one.
func (t *Tally) Count(hit bool) {
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

// part finds or makes the score of a topic or style.
func part(of map[string]*Part, name string) *Part {
	if of[name] == nil {
		of[name] = &Part{}
	}
	return of[name]
}

// AnswerText writes out a hit as a person reads it.
type AnswerText func(h Hit, a Audience, self string) string

// Evaluate asks every question, those in scope a second time without marks.
func Evaluate(ctx context.Context, cases []EvalCase, ix *Index, n *vitext.Normaliser, text AnswerText) (EvalScore, error) {
	s := EvalScore{Topics: map[string]*Part{}, Styles: map[string]*Part{}, Misses: []string{}}
	for _, c := range cases {
		style := part(s.Styles, c.Style)
		r, err := ix.Search(ctx, Query{Text: n.Normalise(c.Text)})
		if err != nil {
			return s, fmt.Errorf("question %s: %w", c.ID, err)
		}
		if c.Scope == "out" {
			silent := r.Verdict == VerdictUnknown
			s.Silent.Count(silent)
			style.Silent.Count(silent)
			if c.NearMiss {
				s.Near.Count(silent)
			}
			s.miss(!silent, "answered", c, r)
			continue
		}
		answered, chosen := c.judge(r, text)
		s.Answers.Count(answered)
		s.Choices.Count(chosen)
		for _, p := range []*Part{style, part(s.Topics, cmp.Or(c.Topic, "no topic"))} {
			p.Answers.Count(answered)
			p.Choices.Count(chosen)
		}
		s.Ranked.Count(c.judgeFirst(r, 1, text))
		s.Four.Count(c.judgeFirst(r, maxChoices, text))
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
		s.Plain.Count(answered)
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
		return c.Right(h.ID(), text(h, audience, "em"), h.Citations())
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

// Right reports whether the hit of that id, with its text and citations, answers the question.
func (c EvalCase) Right(id, text string, cites []Citation) bool {
	if len(c.Entries) > 0 && !slices.Contains(c.Entries, id) {
		return false
	}
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
	for _, parts := range []map[string]*Part{s.Topics, s.Styles} {
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			line := "  " + name
			if p := parts[name]; p.Answers.All > 0 {
				line += fmt.Sprintf(": top %s, top or choice %s", p.Answers, p.Choices)
			}
			if p := parts[name]; p.Silent.All > 0 {
				line += fmt.Sprintf(": silent %s", p.Silent)
			}
			if err == nil {
				_, err = fmt.Fprintln(w, line)
			}
		}
	}
	return err
}
