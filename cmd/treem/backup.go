package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"treem/bot/store"
	"treem/config"

	"github.com/spf13/cobra"
)

func backupCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "write a consistent copy of the database, also while the service runs",
		Long: `Writes everything treem keeps into one new SQLite file, from PostgreSQL too: conversations, cases with their history, work in hand, imported
statutes and content sets. The service may go on running. The copy is read from end to end before it counts as one.

The key is NOT inside. What people wrote is encrypted in the copy as in the database, and without secret.key (or the
setting secret_key) nobody can read it, you neither. Keep the key apart from the copies.`,
		Args: exactArgs(1, "the file to write"),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			return backup(c.Context(), c.OutOrStdout(), cfg, args[0])
		},
	}
}

func backup(ctx context.Context, out io.Writer, cfg config.Config, file string) error {
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := store.Backup(ctx, db, file); err != nil {
		return err
	}
	found, err := store.Inspect(ctx, file, keys)
	if err != nil {
		return errors.Join(fmt.Errorf("the copy cannot be used and was removed: %w", err), os.Remove(file))
	}
	where := "secret.key in " + cfg.DataDir
	if cfg.SecretKey != "" {
		where = "the setting secret_key"
	}
	_, err = fmt.Fprintf(out, "%s holds %s.\nThe key is not in it: without %s nothing people wrote can be read. Keep the key in another place.\n", file, contents(found), where)
	return err
}

// contents says what a copy holds.
func contents(c store.Contents) string {
	newest := "no message yet"
	if !c.Newest.IsZero() {
		newest = "the last of " + c.Newest.Local().Format(time.DateTime)
	}
	return fmt.Sprintf("%d conversations, %d messages (%s), %d cases, %d open questions, %d laws, %d content sets; %d messages and replies in hand",
		c.Conversations, c.Messages, newest, c.Cases, c.Unanswered, c.Statutes, c.ContentSets, c.Waiting)
}

func restoreCommand(g *globals) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "put a copy made by backup in place of the database; the service must be stopped",
		Long: `Checks the copy from end to end, with the key that is in the data folder or in the setting secret_key, and puts it in
place of the database. On a new machine put secret.key into the data folder first.

What came in after the copy was made is lost. What was in hand then is done when the service starts: replies and notices
that had been sent since may arrive a second time. What somebody had erased since the copy was made is there again until
its retention ends: keep copies no longer than you must.`,
		Args: exactArgs(1, "a file written by backup"),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			return restore(c.Context(), c.OutOrStdout(), cfg, args[0], yes)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "replace the database that is there")
	return c
}

func restore(ctx context.Context, out io.Writer, cfg config.Config, file string, yes bool) (err error) {
	if cfg.Database != "" {
		return restoreShared(ctx, out, cfg, file, yes)
	}
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	defer func() { err = errors.Join(err, a.Close(ctx)) }()
	if err := a.lockDataDir(); err != nil {
		return err
	}
	keys, err := keysForRestore(cfg)
	if err != nil {
		return err
	}
	target := databaseFile(cfg)
	there, err := exists(target)
	if err != nil {
		return err
	}
	if err := wholeFile(file); err != nil {
		return err
	}
	if there && !yes {
		return fmt.Errorf("%s exists and everything in it would be replaced; take a backup of it, then say --yes", target)
	}
	fresh := target + ".restored"
	defer os.Remove(fresh)
	if err := copyFile(file, fresh); err != nil {
		return err
	}
	found, err := store.Inspect(ctx, fresh, keys) // as it lies on this disk, and before anything is replaced
	if err != nil {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	// The old log goes first: left beside the new database it would be taken for that one's.
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(target + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("restore: %w", err)
		}
	}
	if err := errors.Join(os.Rename(fresh, target), syncFolder(cfg.DataDir)); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err = fmt.Fprintf(out, "Restored %s.\nStart the service now; it takes up what was in hand, and replies sent since the copy was made may arrive twice.\n", contents(found))
	return err
}

// wholeFile refuses a database file that has another beside it with the rest.
func wholeFile(file string) error {
	half, err := exists(file + "-wal")
	if err != nil || half {
		return errors.Join(fmt.Errorf("%s is a database in use, or copied by hand: %s-wal beside it holds the rest; take a copy with `treem backup`", file, file), err)
	}
	return nil
}

// restoreShared puts a copy in place of what PostgreSQL holds, in one transaction, while no program serves from it.
func restoreShared(ctx context.Context, out io.Writer, cfg config.Config, file string, yes bool) (err error) {
	keys, err := keysForRestore(cfg)
	if err != nil {
		return err
	}
	if err := wholeFile(file); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "treem-restore")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fresh := filepath.Join(dir, "treem.db")
	if err := copyFile(file, fresh); err != nil {
		return err
	}
	found, err := store.Inspect(ctx, fresh, keys)
	if err != nil {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	from, err := store.OpenSQLite(ctx, fresh)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := store.Migrate(ctx, from); err != nil { // the copy may be of an older program
		return err
	}
	db, err := openStored(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	err = db.Alone(ctx, func() error {
		if err := migrateAll(ctx, db, slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
		held, err := db.Held(ctx)
		if err != nil {
			return err
		}
		if held > 0 && !yes {
			return errors.New("the database holds data, and everything in it would be replaced; take a backup of it, then say --yes")
		}
		return store.Replace(ctx, from, db)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Restored %s.\nStart the service now; it takes up what was in hand, and replies sent since the copy was made may arrive twice.\n", contents(found))
	return err
}

// keysForRestore are the keys the copy must open with. None is made: it could open nothing.
func keysForRestore(cfg config.Config) (*store.Keys, error) {
	if cfg.SecretKey == "" {
		there, err := exists(keyFile(cfg))
		if err != nil {
			return nil, err
		}
		if !there {
			return nil, fmt.Errorf("%s is missing: a copy can be read only with the key of the data folder it was made from; put that file there, or set secret_key", keyFile(cfg))
		}
	}
	return openKeys(cfg)
}

func exists(file string) (bool, error) {
	_, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// copyFile writes a copy for the owner only, durable when it returns.
func copyFile(from, to string) error {
	src, err := os.Open(filepath.Clean(from))
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, err = io.Copy(dst, src)
	if err := errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return fmt.Errorf("restore: copy %s: %w", from, err)
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
