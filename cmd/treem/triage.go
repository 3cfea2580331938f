package main

import (
	"encoding/json"
	"fmt"
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
	return c
}
