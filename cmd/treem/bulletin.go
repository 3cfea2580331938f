package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/queue"
	"treem/bot/store"
	"treem/config"

	"github.com/spf13/cobra"
)

func bulletinCommand(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "bulletin",
		Short: "send staff-made series to those who asked for them",
		RunE: func(c *cobra.Command, args []string) error {
			return usageError{errors.New("treem bulletin wants list, preview or send; see `treem bulletin --help`")}
		},
	}
	c.AddCommand(bulletinListCommand(g), bulletinPreviewCommand(g), bulletinSendCommand(g))
	return c
}

// newsroom is what sending bulletins needs, opened beside a program that may be running.
type newsroom struct {
	*bot.Broadcaster
	store *store.Store
	price float64
	close func()
}

func openNewsroom(ctx context.Context, g *globals) (*newsroom, error) {
	cfg, err := g.load()
	if err != nil {
		return nil, err
	}
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return nil, err
	}
	silent := slog.New(slog.DiscardHandler)
	jobs, err := queue.NewInserter(jobsIn(db), silent)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	k, err := openKnowledge(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := store.New(db, keys, jobs)
	n := &newsroom{store: s, price: cfg.SMS.Price, close: func() {
		_ = k.Close()
		_ = db.Close()
	}}
	media, err := mediaOf(cfg, s, k, silent)
	if err != nil {
		n.close()
		return nil, err
	}
	n.Broadcaster = &bot.Broadcaster{Store: s, Book: k.book, Hours: bulletinHours(cfg), NewID: rand.Text, Now: time.Now,
		Medium: func(channel string) (dialogue.Medium, bool) {
			m, ok := media[channel]
			return m, ok
		}}
	return n, nil
}

// mediaOf says how each configured channel is read.
func mediaOf(cfg config.Config, s *store.Store, k *knowledge, log *slog.Logger) (map[string]dialogue.Medium, error) {
	chans, err := serviceChannels(cfg, s, &live{now: &inUse{knowledge: k}, log: log}, log)
	if err != nil {
		return nil, err
	}
	media := map[string]dialogue.Medium{}
	for _, c := range chans {
		media[c.Name()] = bot.MediumOf(c)
	}
	return media, nil
}

// bulletinHours is when bulletins may reach people.
func bulletinHours(cfg config.Config) bot.Hours {
	from, to := cfg.Bulletin.Minutes()
	return bot.Hours{From: from, To: to}
}

func bulletinListCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the series, their issues and how many people get them",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := openNewsroom(c.Context(), g)
			if err != nil {
				return err
			}
			defer n.close()
			count, err := n.store.CountSubscribers(c.Context())
			if err != nil {
				return err
			}
			for _, s := range n.Book.AllSeries() {
				fmt.Fprintf(c.OutOrStdout(), "%s  %q, %d people\n", s.ID, s.Label.Parent, count[s.ID])
				for _, issue := range s.Issues {
					fmt.Fprintf(c.OutOrStdout(), "  %-20s %s\n", issue.ID, issue.Entry)
				}
			}
			return nil
		},
	}
}

func bulletinPreviewCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "preview SERIES ISSUE",
		Short: "show an issue as a parent, a child and an SMS read it",
		Args:  exactArgs(2, "a series and an issue"),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := openKnowledge(c.Context())
			if err != nil {
				return err
			}
			defer k.Close()
			e, err := k.book.BulletinEntry(args[0], args[1])
			if err != nil {
				return err
			}
			for _, reader := range []struct {
				name   string
				state  dialogue.State
				medium dialogue.Medium
			}{
				{"parent", dialogue.State{Audience: "parent"}, dialogue.Chat},
				{"child", dialogue.State{Audience: "child"}, dialogue.Chat},
				{"sms", dialogue.State{}, dialogue.SMS},
			} {
				text := k.book.BulletinText(args[0], e, reader.state, reader.medium, time.Now())
				out := bot.Render(dialogue.Utterance{Text: text}, reader.medium)
				fmt.Fprintf(c.OutOrStdout(), "== %s\n%s\n\n", reader.name, out.Text)
			}
			return nil
		},
	}
}

func bulletinSendCommand(g *globals) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "send SERIES ISSUE",
		Short: "show who gets an issue and what it costs; with --yes send it",
		Args:  exactArgs(2, "a series and an issue"),
		RunE: func(c *cobra.Command, args []string) error {
			n, err := openNewsroom(c.Context(), g)
			if err != nil {
				return err
			}
			defer n.close()
			plan, err := n.Plan(c.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), plan.String(n.price))
			if !yes {
				fmt.Fprintln(c.OutOrStdout(), "Nothing was sent. Add --yes to send it.")
				return nil
			}
			stored, err := n.Send(c.Context(), plan)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%d messages handed to the running service.\n", stored)
			return nil
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "send it")
	return c
}
