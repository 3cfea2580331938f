package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"treem/kb"

	"github.com/spf13/cobra"
)

// found is one line of `treem search --json`; the contract fixes its fields.
type found struct {
	Query string     `json:"query"`
	Hits  []foundHit `json:"hits"`
}

type foundHit struct {
	Kind    string  `json:"kind"` // entry or article
	ID      string  `json:"id"`
	Law     string  `json:"law,omitempty"`
	Article int     `json:"article,omitempty"`
	Title   string  `json:"title"`
	Score   float64 `json:"score"`
}

func searchCommand() *cobra.Command {
	var asJSON bool
	var limit int
	c := &cobra.Command{
		Use:   "search [TEXT…]",
		Short: "rank entries and statute articles for a message, or for each line of standard input",
		RunE: func(c *cobra.Command, args []string) error {
			if limit < 1 {
				return usageError{fmt.Errorf("-k is %d: want at least 1", limit)}
			}
			k, err := openKnowledge(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			out := json.NewEncoder(c.OutOrStdout())
			out.SetEscapeHTML(false)
			return eachMessage(args, c.InOrStdin(), func(text string) error {
				result, err := k.index.Search(c.Context(), kb.Query{Text: k.text.Normalise(text), Limit: limit})
				if err != nil {
					return err
				}
				f := found{Query: strings.ToValidUTF8(text, "�"), Hits: []foundHit{}}
				for _, h := range result.Hits {
					f.Hits = append(f.Hits, toFoundHit(h))
				}
				if asJSON {
					return out.Encode(f)
				}
				for i, h := range f.Hits {
					if _, err := fmt.Fprintf(c.OutOrStdout(), "%2d  %.2f  %-7s  %s  %s\n", i+1, h.Score, h.Kind, h.ID, h.Title); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	c.Flags().IntVarP(&limit, "limit", "k", 10, "how many to show")
	return c
}

func toFoundHit(h kb.Hit) foundHit {
	f := foundHit{Kind: "entry", ID: h.ID(), Title: h.Title(), Score: h.Score}
	if h.Entry == nil {
		f.Kind = "article"
		f.Law = h.Law.Number
	}
	if cites := h.Citations(); len(cites) > 0 {
		f.Law, f.Article = cites[0].Law, cites[0].Article
	}
	return f
}
