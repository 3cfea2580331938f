package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"treem/bot/store"
	"treem/config"

	"github.com/spf13/cobra"
)

func keyCommand(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "change the key that encrypts what is stored; the service must be stopped",
		RunE: func(c *cobra.Command, args []string) error {
			return usageError{errors.New("treem key wants rotate or forget-old; see `treem key --help`")}
		},
	}
	c.AddCommand(&cobra.Command{
		Use:   "rotate",
		Short: "encrypt everything with a new key",
		Long: `Makes a new key, encrypts everything stored with it and rewrites the file. If the key comes from the setting
secret_key, put the new one in front there yourself first, a comma and the old one behind; rotate then does the rest.

The old key stays behind the new one: copies made before can be read with it only, and officers' answers to notices from
before are found by it. When neither is needed any more: treem key forget-old.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStopped(c.Context(), g, func(ctx context.Context, cfg config.Config) error {
				return rotate(ctx, c.OutOrStdout(), cfg)
			})
		},
	}, &cobra.Command{
		Use:   "forget-old",
		Short: "keep only the newest key; backups made under older ones cannot be read any more",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withStopped(c.Context(), g, func(ctx context.Context, cfg config.Config) error {
				return forgetOld(ctx, c.OutOrStdout(), cfg)
			})
		},
	})
	return c
}

// withStopped runs f while no service uses the data folder.
func withStopped(ctx context.Context, g *globals, f func(context.Context, config.Config) error) (err error) {
	cfg, err := g.load()
	if err != nil {
		return err
	}
	if cfg.Database != "" {
		db, err := openStored(ctx, cfg)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		return db.Alone(ctx, func() error { return f(ctx, cfg) })
	}
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	defer func() { err = errors.Join(err, a.Close(ctx)) }()
	if err := a.lockDataDir(); err != nil {
		return err
	}
	return f(ctx, cfg)
}

func rotate(ctx context.Context, out io.Writer, cfg config.Config) error {
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := store.Migrate(ctx, db); err != nil {
		return err
	}
	where := "the setting secret_key"
	if cfg.SecretKey == "" {
		where = keyFile(cfg)
		old, err := os.ReadFile(where)
		if err != nil {
			return err
		}
		if keys, err = writeKeys(where, store.NewSecret()+"\n"+string(old)); err != nil { // on disk before anything needs it
			return err
		}
	}
	n, err := store.Reseal(ctx, db, keys)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d values are now under the first key of %s. Back the key up; the older ones behind it read copies made before.\n", n, where)
	return err
}

func forgetOld(ctx context.Context, out io.Writer, cfg config.Config) error {
	if cfg.SecretKey != "" {
		return errors.New("the key comes from the setting secret_key: take the old ones away there, after treem key rotate")
	}
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := store.CheckSealed(ctx, db, keys.First()); err != nil {
		return fmt.Errorf("%w; run treem key rotate first", err)
	}
	text, err := os.ReadFile(keyFile(cfg))
	if err != nil {
		return err
	}
	first := strings.FieldsFunc(string(text), store.BetweenKeys)[0]
	if _, err := writeKeys(keyFile(cfg), first+"\n"); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s holds one key. Copies made under older ones cannot be read with it.\n", keyFile(cfg))
	return err
}
