package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"treem/bot/queue"
	"treem/bot/store"
	"treem/config"
)

// memoryData as data_dir keeps everything in memory, for a conversation in the terminal and for tests.
const memoryData = ":memory:"

func (a *App) openDatabase(ctx context.Context) (*store.DB, error) {
	keys, err := openKeys(a.cfg)
	if err != nil {
		return nil, err
	}
	db, err := openStored(ctx, a.cfg)
	if err != nil {
		return nil, err
	}
	a.onClose("database", func(context.Context) error { return db.Close() })
	serve, stop := context.WithCancel(context.WithoutCancel(ctx))
	served, err := db.Serve(serve)
	if err != nil {
		stop()
		return nil, err
	}
	a.onClose("mark on the database", func(context.Context) error {
		stop()
		<-served
		return nil
	})
	if err := migrateAll(ctx, db, a.log); err != nil {
		return nil, err
	}
	if err := store.CheckKey(ctx, db, keys); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	inserter, err := queue.NewInserter(jobsIn(db), a.log)
	if err != nil {
		return nil, err
	}
	a.store = store.New(db, keys, inserter)
	return db, nil
}

// migrateAll brings our tables and the queue's up to date. Programs that start at once do it one after the other.
func migrateAll(ctx context.Context, db *store.DB, log *slog.Logger) error {
	return db.InTurn(ctx, func() error { return errors.Join(store.Migrate(ctx, db), queue.Migrate(ctx, jobsIn(db), log)) })
}

func jobsIn(db *store.DB) queue.Database { return queue.Database{SQL: db.DB, Pool: db.Pool()} }

// openStored opens the database that the settings name, making the file of SQLite if needed.
func openStored(ctx context.Context, cfg config.Config) (*store.DB, error) {
	switch {
	case cfg.DataDir == memoryData:
		return store.OpenSQLite(ctx, memoryData)
	case cfg.Database != "":
		return store.OpenPostgres(ctx, cfg.Database.Reveal())
	default:
		return store.OpenSQLite(ctx, databaseFile(cfg))
	}
}

// isThere says whether there is a database; PostgreSQL's is made by its administrator.
func isThere(cfg config.Config) (bool, error) {
	if cfg.Database != "" {
		return true, nil
	}
	return exists(databaseFile(cfg))
}

// openBeside opens the database and the key that a running program may be using. The caller closes it.
func openBeside(ctx context.Context, cfg config.Config) (*store.DB, *store.Keys, error) {
	there, err := isThere(cfg)
	if err != nil {
		return nil, nil, err
	}
	if !there {
		return nil, nil, fmt.Errorf("there is no database in %s yet; run `treem` first", cfg.DataDir)
	}
	keys, err := openKeys(cfg)
	if err != nil {
		return nil, nil, err
	}
	db, err := openStored(ctx, cfg)
	return db, keys, err
}

func databaseFile(cfg config.Config) string { return filepath.Join(cfg.DataDir, "treem.db") }

func keyFile(cfg config.Config) string { return filepath.Join(cfg.DataDir, "secret.key") }

// openKeys returns the configured key, or the one in the data folder, made on first start for its owner only.
func openKeys(cfg config.Config) (*store.Keys, error) {
	if cfg.SecretKey != "" {
		return store.ParseKeys(cfg.SecretKey.Reveal())
	}
	if cfg.DataDir == memoryData {
		return store.ParseKeys(store.NewSecret())
	}
	file := keyFile(cfg)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if cfg.Database != "" {
			return nil, errors.New("secret_key is missing: programs that share a database need the same one; make it with: head -c32 /dev/urandom | base64")
		}
		if _, err := os.Stat(databaseFile(cfg)); err == nil {
			return nil, fmt.Errorf("%s is missing but a database exists; put the key back, or set secret_key: without it nothing stored can be read", file)
		}
		return makeKeys(file)
	}
	if err != nil {
		return nil, fmt.Errorf("secret key: %w", err)
	}
	return store.ParseKeys(string(data))
}

// makeKeys writes a new key.
func makeKeys(file string) (*store.Keys, error) { return writeKeys(file, store.NewSecret()+"\n") }

// writeKeys puts keys in place of a file so that they are on disk, whole, before anything is encrypted with them.
func writeKeys(file, text string) (*store.Keys, error) {
	keys, err := store.ParseKeys(text)
	if err != nil {
		return nil, err
	}
	tmp, err := os.OpenFile(file+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("secret key: %w", err)
	}
	_, err = tmp.WriteString(text)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, fmt.Errorf("secret key: %w", err)
	}
	if err := errors.Join(os.Rename(tmp.Name(), file), syncFolder(filepath.Dir(file))); err != nil {
		return nil, fmt.Errorf("secret key: %w", err)
	}
	return keys, nil
}
