package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"treem/bot/dialogue"
	"treem/bot/triage"
	"treem/kb"

	"github.com/spf13/cobra"
)

func kbEvalCommand() *cobra.Command {
	var misses, asJSON bool
	c := &cobra.Command{
		Use:   "eval FILE.jsonl",
		Short: "score a question file: right answers, choices, silence where nothing is known",
		Args:  exactArgs(1, "one FILE.jsonl"),
		RunE: func(c *cobra.Command, args []string) error {
			cases, err := readCases(args[0])
			if err != nil {
				return err
			}
			k, err := openKnowledge(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			var e evaluation
			e.Search, err = kb.Evaluate(c.Context(), cases, k.index, k.text, func(h kb.Hit, a kb.Audience, self string) string {
				return k.book.AnswerText(h, dialogue.Reader{Audience: a, Self: self, Now: time.Now()})
			})
			if err != nil {
				return err
			}
			e.Asked = k.askAll(c.Context(), cases)
			if asJSON {
				out := json.NewEncoder(c.OutOrStdout())
				out.SetEscapeHTML(false)
				return out.Encode(e)
			}
			return e.print(c.OutOrStdout(), misses)
		},
	}
	c.Flags().BoolVar(&misses, "misses", true, "list the questions answered wrongly")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}

// evaluation is one line of `treem kb eval --json`.
type evaluation struct {
	Search kb.EvalScore `json:"search"` // the search alone
	Asked  askedScore   `json:"asked"`  // as `treem ask` answers: triage first, addressed as the person seems to be
}

// askedScore is how well whole replies answer.
type askedScore struct {
	Answers  kb.Tally `json:"top"`           // in scope: the reply is right
	Choices  kb.Tally `json:"top_or_choice"` // in scope: the reply or a choice is right
	Silent   kb.Tally `json:"silent"`        // out of scope: neither answer nor choices nor citation
	Alarms   kb.Tally `json:"alarms"`        // of all: taken as urgent
	Instead  int      `json:"instead"`       // in scope, taken as urgent, and the question not answered
	Mistaken []string `json:"mistaken"`      // those taken as urgent
}

func (k *knowledge) askAll(ctx context.Context, cases []kb.EvalCase) askedScore {
	s := askedScore{Mistaken: []string{}}
	r := k.responder("", slog.New(slog.DiscardHandler))
	for _, c := range cases {
		a := ask(ctx, r, c.Text, dialogue.Chat)
		alarm := a.Level != triage.None
		s.Alarms.Count(alarm)
		if alarm {
			s.Mistaken = append(s.Mistaken, fmt.Sprintf("%s %s: %s → %s %s", a.Level, c.ID, c.Text, a.Category, a.Entry))
		}
		if c.Scope == "out" {
			s.Silent.Count(a.Entry == "" && len(a.Citations) == 0 && len(a.Choices) == 0)
			continue
		}
		right := c.Right(a.Entry, a.Text, a.Citations)
		s.Answers.Count(right)
		s.Choices.Count(right || slices.ContainsFunc(a.Choices, func(one choice) bool { return c.Right(one.Entry, one.Text, one.Citations) }))
		if alarm && !right {
			s.Instead++
		}
	}
	return s
}

func (e evaluation) print(w io.Writer, misses bool) error {
	if err := e.Search.Print(w, misses); err != nil {
		return err
	}
	if misses {
		for _, m := range e.Asked.Mistaken {
			if _, err := fmt.Fprintln(w, m); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, `As the person is answered, triage first:
top answer right       %s
top or choice right    %s
out of scope, silent   %s
taken as urgent        %s
  and not answered     %d
`, e.Asked.Answers, e.Asked.Choices, e.Asked.Silent, e.Asked.Alarms, e.Asked.Instead)
	return err
}

// readCases reads one evaluation case a line.
func readCases(file string) ([]kb.EvalCase, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var cases []kb.EvalCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var one kb.EvalCase
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", file, n, err)
		}
		cases = append(cases, one)
	}
	return cases, lines.Err()
}
