package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"treem/bot/store"
	"treem/bot/triage"
	"treem/config"

	"github.com/spf13/cobra"
)

// assessment is one line of `treem triage --json`; the contract fixes its fields.
type assessment struct {
	Text     string         `json:"text"`
	Level    triage.Level   `json:"level"`
	Category string         `json:"category"`
	Reasons  []string       `json:"reasons"`
	Subject  triage.Subject `json:"subject"`
	Ongoing  bool           `json:"ongoing"`
}

func triageCommand(g *globals) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "triage [TEXT…]",
		Short: "tell how urgent a message is, or each line of standard input",
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			text, assessor, err := openText()
			if err != nil {
				return err
			}
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			return eachMessage(args, c.InOrStdin(), func(line string) error {
				a := assessor.Assess(text.Normalise(line), triage.Context{SafeWord: cfg.Triage.SafeWord})
				if !asJSON {
					_, err := fmt.Fprintf(c.OutOrStdout(), "%s\t%s\t%s\n", a.Level, a.Category, strings.Join(a.Reasons, "; "))
					return err
				}
				return out.Encode(assessment{strings.ToValidUTF8(line, "�"), a.Level, a.Category, append([]string{}, a.Reasons...), a.Subject, a.Ongoing})
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	c.AddCommand(triageEvalCommand(), triageCorrectionsCommand(g))
	return c
}

func triageEvalCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "eval FILE.jsonl…",
		Short: "score files of labelled messages: recall by level, category and style, false alarms, every miss",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			return usageError{fmt.Errorf("%s wants one FILE.jsonl or more; see `%s --help`", c.CommandPath(), c.CommandPath())}
		},
		RunE: func(c *cobra.Command, args []string) error {
			var examples []triage.Example
			for _, name := range args {
				some, err := readExamples(name)
				if err != nil {
					return err
				}
				examples = append(examples, some...)
			}
			text, assessor, err := openText()
			if err != nil {
				return err
			}
			report := triage.NewReport(assessor.Evaluate(text, examples))
			if !asJSON {
				_, err = report.WriteTo(c.OutOrStdout())
				return err
			}
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			return out.Encode(report)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}

// readExamples reads one file of labelled messages.
func readExamples(name string) ([]triage.Example, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	examples, err := triage.ReadExamples(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("%s holds no message; each line is a JSON object with text and level", name)
	}
	return examples, nil
}

func triageCorrectionsCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "corrections",
		Short: "messages that officers judged otherwise than triage, masked, one JSON object a line as `triage eval` reads them",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return onStaff(c, g, func(_ config.Config, s *store.Store) error {
				all, err := s.Corrections(c.Context(), 1_000_000)
				if err != nil {
					return err
				}
				out := json.NewEncoder(c.OutOrStdout())
				out.SetEscapeHTML(false)
				for _, one := range all {
					if len(one.Words) == 0 { // forgotten before the officer judged
						continue
					}
					if err := out.Encode(triage.Example{Text: strings.Join(one.Words, "\n"), Level: triage.Level(one.Level), Category: one.Category}); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}
