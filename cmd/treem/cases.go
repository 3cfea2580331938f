package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/store"
	"treem/kb/content"

	"github.com/spf13/cobra"
)

func casesCommand(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "cases",
		Short: "list urgent cases and write their records out",
		RunE: func(c *cobra.Command, args []string) error {
			return usageError{errors.New("treem cases wants list, form, primero or csv; see `treem cases --help`")}
		},
	}
	c.AddCommand(casesListCommand(g), casesFormCommand(g), casesPrimeroCommand(g), casesCSVCommand(g))
	return c
}

// caseFile is the database of a data folder, opened beside a program that may be running.
type caseFile struct {
	store *store.Store
	desk  *bot.Desk
	close func() error
}

func openCaseFile(ctx context.Context, g *globals) (*caseFile, error) {
	cfg, err := g.load()
	if err != nil {
		return nil, err
	}
	cfg.Hotline.Roster = "" // names are not needed to read cases
	desk, err := openDesk(cfg, nil, "")
	if err != nil {
		return nil, err
	}
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &caseFile{store: store.New(db, keys, nil), desk: desk, close: db.Close}, nil
}

func casesListCommand(g *globals) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "list",
		Short: "list the cases that somebody must still do something about",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f, err := openCaseFile(c.Context(), g)
			if err != nil {
				return err
			}
			defer f.close()
			cases, err := f.store.Cases(c.Context(), !all, 1000)
			if err != nil {
				return err
			}
			for _, one := range cases {
				due := ""
				if !one.AckDue.IsZero() {
					due = "due " + one.AckDue.Format(time.DateTime)
				}
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%-6s %s  %-9s %-20s %-9s tier %d  %s\n", one.Ref,
					one.OpenedAt.Format(time.DateTime), one.Level, one.Category, one.Status, one.Tier+1, due); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "those that are over too")
	return c
}

// export writes one case out and adds that to its history: who read what and when. write gets the case as it was.
func export(g *globals, c *cobra.Command, ref, by, form string, write func(f *caseFile, found handover.Case) error) error {
	f, err := openCaseFile(c.Context(), g)
	if err != nil {
		return err
	}
	defer f.close()
	found, err := f.store.CaseByRef(c.Context(), strings.ToUpper(ref))
	if bot.ErrorCode(err) == bot.NotFound {
		return fmt.Errorf("there is no case %s; `treem cases list --all` shows them", ref)
	}
	if err != nil {
		return err
	}
	if by == "" {
		return usageError{errors.New("who exports is kept in the case's history: name yourself with --by")}
	}
	now := time.Now()
	plan, err := f.desk.Act(found, handover.Act{ID: "export:" + rand.Text(), Do: handover.ActExport, Officer: by, Text: form, At: now})
	if err != nil {
		return err
	}
	if err := f.store.SaveCase(c.Context(), bot.CaseUpdate{Case: plan.Case, Events: plan.Events, At: now}); err != nil {
		return err
	}
	return write(f, found)
}

// byFlag is who exports; the name of the account by default.
func byFlag(c *cobra.Command, by *string) {
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	c.Flags().StringVar(by, "by", name, "who reads the record; kept in the case's history")
}

func casesFormCommand(g *globals) *cobra.Command {
	var by, receiver string
	c := &cobra.Command{
		Use:   "form REF",
		Short: "write a case as Form 01 of Decree 56/2017, a page of HTML to print and sign",
		Args:  exactArgs(1, "the reference of a case"),
		RunE: func(c *cobra.Command, args []string) error {
			return export(g, c, args[0], by, "form-01", func(f *caseFile, found handover.Case) error {
				lines, err := f.store.Words(c.Context(), found)
				if err != nil {
					return err
				}
				return f.desk.WriteForm01(c.OutOrStdout(), content.FS, found, lines, receiver, time.Now())
			})
		},
	}
	byFlag(c, &by)
	c.Flags().StringVar(&receiver, "receiver", "", "the office that receives the information")
	return c
}

func casesPrimeroCommand(g *globals) *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:   "primero REF",
		Short: "write a case as the JSON that Primero's POST /api/v2/cases takes",
		Args:  exactArgs(1, "the reference of a case"),
		RunE: func(c *cobra.Command, args []string) error {
			return export(g, c, args[0], by, "primero", func(f *caseFile, found handover.Case) error {
				return f.desk.WritePrimero(c.OutOrStdout(), found)
			})
		},
	}
	byFlag(c, &by)
	return c
}

func casesCSVCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "csv",
		Short: "write every case for statistics, without identities",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f, err := openCaseFile(c.Context(), g)
			if err != nil {
				return err
			}
			defer f.close()
			return writeCSV(c.Context(), c.OutOrStdout(), f)
		},
	}
}

func writeCSV(ctx context.Context, w io.Writer, f *caseFile) error {
	list, err := f.store.Cases(ctx, false, 1_000_000)
	if err != nil {
		return err
	}
	cases := make([]handover.Case, 0, len(list))
	for _, one := range list {
		c, err := f.store.Case(ctx, one.ID)
		if err != nil {
			return err
		}
		cases = append(cases, c)
	}
	return f.desk.WriteCSV(w, cases)
}
