package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"treem/bot/store"
	"treem/config"
	"treem/kb"
	"treem/kb/content"

	"github.com/spf13/cobra"
)

func kbExportCommand(g *globals) *cobra.Command {
	var overwrite bool
	c := &cobra.Command{
		Use:   "export DIR",
		Short: "write the content in use as files, byte for byte as they were imported or came with the program",
		Args:  exactArgs(1, "one DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			files, err := contentInUse(c.Context(), cfg)
			if err != nil {
				return err
			}
			others, err := writeFiles(args[0], files, overwrite)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%d files written to %s\n", len(files), args[0])
			for _, name := range others {
				fmt.Fprintf(c.OutOrStdout(), "  not of the content, left alone: %s\n", name)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&overwrite, "overwrite", false, "write into a folder that already holds files")
	return c
}

// contentInUse reads the content files a treem on this data folder answers from. Without a database they are the program's.
func contentInUse(ctx context.Context, cfg config.Config) (map[string][]byte, error) {
	carried, _, err := kb.Files(content.FS)
	if err != nil {
		return nil, err
	}
	if there, err := isThere(cfg); err != nil || !there {
		return carried, err
	}
	db, err := openStored(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := store.Migrate(ctx, db); err != nil {
		return nil, err
	}
	return effectiveFiles(ctx, store.New(db, nil, nil), carried, newLog("warn", "text"))
}

// writeFiles writes each file below dir. others are the files already there that are not among them.
func writeFiles(dir string, files map[string][]byte, overwrite bool) (others []string, err error) {
	// #nosec G301 -- content is public
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	there, left, err := kb.Files(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	if len(there)+len(left) > 0 && !overwrite {
		return nil, fmt.Errorf("%s is not empty; name an empty folder, or give --overwrite", dir)
	}
	for name := range there {
		if _, ok := files[name]; !ok {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	root, err := os.OpenRoot(dir) // nothing is written outside, whatever the names say
	if err != nil {
		return nil, err
	}
	defer root.Close()
	for name, data := range files {
		if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(name)), 0o755); err != nil {
			return nil, err
		}
		if err := root.WriteFile(filepath.FromSlash(name), data, 0o644); err != nil {
			return nil, err
		}
	}
	return others, nil
}
