package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"treem/bot/store"
	"treem/kb"
	"treem/kb/support"

	"github.com/spf13/cobra"
)

func kbCommand(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "kb",
		Short: "look after the knowledge base",
		RunE: func(c *cobra.Command, args []string) error {
			return usageError{errors.New("treem kb wants check, eval, import, export or unanswered; see `treem kb --help`")}
		},
	}
	c.AddCommand(kbCheckCommand(), kbEvalCommand(), kbUnansweredCommand(g), kbImportCommand(g), kbExportCommand(g))
	return c
}

func kbCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "test every rule of the content",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k, err := openKnowledge(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			problems, err := k.check(c.Context(), time.Now())
			if err != nil {
				return err
			}
			for _, p := range problems {
				fmt.Fprintln(c.OutOrStdout(), p)
			}
			if len(problems) > 0 {
				return fmt.Errorf("%d problems in the content; each line above names the file", len(problems))
			}
			fmt.Fprintf(c.OutOrStdout(), "%d entries and %d laws: no problem found\n", len(k.content.Entries), len(k.content.Laws))
			return nil
		},
	}
}

// check tests every rule of the content, the support finder's too.
func (k *knowledge) check(ctx context.Context, now time.Time) ([]kb.Problem, error) {
	problems, err := kb.Check(ctx, k.content, k.index, k.text, now)
	if err != nil {
		return nil, err
	}
	return append(problems, support.Check(k.book.Finder(), k.content, now)...), nil
}

func kbUnansweredCommand(g *globals) *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "unanswered",
		Short: "list the newest questions without a sure answer, for those who write entries",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			db, keys, err := openBeside(c.Context(), cfg)
			if err != nil {
				return err
			}
			defer db.Close()
			questions, err := store.New(db, keys, nil).Unanswered(c.Context(), limit)
			if err != nil {
				return err
			}
			for _, q := range questions {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s  %-4s  %q  nearest: %s\n", q.AskedAt.Format(time.DateTime), q.Medium, q.Text, q.Best); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().IntVarP(&limit, "limit", "n", 50, "how many to list")
	return c
}
