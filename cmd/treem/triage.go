package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"treem/bot/triage"

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
	c.AddCommand(triageEvalCommand())
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
