package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"treem/bot/store"
	"treem/channels"
	"treem/channels/terminal"
	"treem/config"

	"github.com/spf13/cobra"
)

func chatCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "chat",
		Short: "hold a conversation in the terminal; it is remembered until the end of the command",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			cfg.DataDir = memoryData
			cfg.Hotline = config.Default().Hotline // a try in the terminal alarms nobody
			term := terminal.New(c.InOrStdin(), c.OutOrStdout(), time.Now)
			a, err := openApp(c.Context(), cfg, newLog("error", "text"), func(config.Config, *store.Store, *live, *slog.Logger) ([]channels.Channel, error) {
				return []channels.Channel{term}, nil
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), "Type a message and press Enter; Ctrl-D ends. Nothing is kept afterwards.\n\n")
			select {
			case <-term.Done():
				err = a.settle(c.Context())
			case <-c.Context().Done():
			}
			ctx, cancel := context.WithTimeout(context.Background(), cfg.StopLimit)
			defer cancel()
			if cerr := a.Close(ctx); err == nil {
				err = cerr
			}
			return err
		},
	}
}

// settle waits until every accepted message is answered.
func (a *App) settle(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		waiting, err := a.store.Waiting(ctx)
		if err != nil || waiting == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
