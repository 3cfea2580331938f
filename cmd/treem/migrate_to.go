package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"treem/bot/store"
	"treem/config"

	"github.com/spf13/cobra"
)

func migrateToCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate-to URL",
		Short: "move everything from the file in the data folder to PostgreSQL; the service must be stopped",
		Long: `Copies every row of the data folder's database into an empty PostgreSQL database and compares them all at the end. If it
is cut off, say it again: it goes on where it stopped. Until all is there no program serves from the new database. The file
stays as it is.

The key is not moved. Set secret_key to what stands in secret.key, the same on every machine, and database to the address.
The address may also come from the environment: TREEM_DATABASE=postgres://… treem migrate-to -`,
		Args: exactArgs(1, "the address of an empty database, postgres://user:password@host:5432/name, or - for the one in the settings"),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			if args[0] != "-" {
				cfg.Database = config.Secret(args[0])
			}
			if cfg.Database == "" {
				return usageError{errors.New("no address given; see `treem migrate-to --help`")}
			}
			return migrateTo(c.Context(), c.OutOrStdout(), cfg)
		},
	}
}

// migrateTo moves the data folder's database to the one that the settings name.
func migrateTo(ctx context.Context, out io.Writer, cfg config.Config) (err error) {
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	defer func() { err = errors.Join(err, a.Close(ctx)) }()
	if err := a.lockDataDir(); err != nil {
		return err
	}
	file := cfg
	file.Database = ""
	from, keys, err := openBeside(ctx, file)
	if err != nil {
		return err
	}
	a.onClose("database", func(context.Context) error { return from.Close() })
	if err := store.Migrate(ctx, from); err != nil {
		return err
	}
	if err := store.CheckKey(ctx, from, keys); err != nil {
		return err
	}
	to, err := openStored(ctx, cfg)
	if err != nil {
		return err
	}
	a.onClose("new database", func(context.Context) error { return to.Close() })
	var all int64
	err = to.Alone(ctx, func() error {
		return store.MoveTo(ctx, from, to, func(m store.Moved) {
			all += m.Rows
			fmt.Fprintf(out, "%-20s %9d rows, compared\n", m.Table, m.Rows)
		})
	})
	if err != nil {
		return err
	}
	where := "what stands in " + keyFile(cfg)
	if cfg.SecretKey != "" {
		where = "the secret_key of now"
	}
	_, err = fmt.Fprintf(out, "%d rows are in the new database, each the same as before. Set database to its address and secret_key to %s on every machine, then start treem. Keep %s until you are content; it is not used any more.\n",
		all, where, databaseFile(cfg))
	return err
}
