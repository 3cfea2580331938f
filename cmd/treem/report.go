package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/report"
	"treem/bot/store"
	"treem/kb"
	"treem/kb/content"

	"github.com/spf13/cobra"
)

func reportCommand(g *globals) *cobra.Command {
	var year int
	var part, dir string
	c := &cobra.Command{
		Use:   "report",
		Short: "write the yearly report as a page to print and a spreadsheet, without identities",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := report.Part(year, part, time.Now())
			if err != nil {
				return usageError{err}
			}
			cfg, err := g.load()
			if err != nil {
				return err
			}
			cfg.Hotline.Roster = "" // names of officers are not needed
			desk, err := openDesk(cfg, nil, "")
			if err != nil {
				return err
			}
			db, keys, err := openBeside(c.Context(), cfg)
			if err != nil {
				return err
			}
			defer db.Close()
			texts, err := kb.Load(content.FS)
			if err != nil {
				return err
			}
			d, err := makeReport(c.Context(), store.New(db, keys, nil), desk, texts, p, cfg.SMS.Price, time.Now())
			if err != nil {
				return err
			}
			return writeReport(c.OutOrStdout(), d, dir, strings.TrimSuffix(fmt.Sprintf("treem-%d-%s", year, part), "-"))
		},
	}
	c.Flags().IntVar(&year, "year", time.Now().Year(), "the calendar year; of this one, the days that are over")
	c.Flags().StringVar(&part, "part", "", "a part of the year: q1 to q4, or a month from 1 to 12; cases are told of the whole year only")
	c.Flags().StringVar(&dir, "out", ".", "the folder to write to")
	return c
}

// makeReport reads the facts of a period and puts them into words.
func makeReport(ctx context.Context, s *store.Store, desk *bot.Desk, texts *kb.Content, p report.Period, price float64, now time.Time) (report.Document, error) {
	facts, err := s.Facts(ctx, p)
	if err != nil {
		return report.Document{}, err
	}
	n := desk.ReportNames()
	n.Entry = func(id string) string {
		if e, ok := texts.Entry(id); ok {
			return e.Title
		}
		return id
	}
	return report.Write(report.Make(facts, p, price, desk.ReportOrder(), now), content.FS, n)
}

func writeReport(w io.Writer, d report.Document, dir, stem string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- a report holds no identities
		return err
	}
	for _, file := range []struct {
		ending string
		write  func(io.Writer) error
	}{{".html", func(w io.Writer) error { return d.HTML(w, content.FS) }}, {".xlsx", d.Spreadsheet}} {
		name := filepath.Join(dir, stem+file.ending)
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		if err := file.write(f); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		fmt.Fprintln(w, name)
	}
	return nil
}
