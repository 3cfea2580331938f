package main

import (
	"fmt"
	"log/slog"
	"os"

	"treem/config"

	"github.com/spf13/cobra"
)

// usageError is a call that cannot be understood: exit code 2.
type usageError struct{ error }

// globals are the flags every command takes.
type globals struct{ configFile string }

func (g *globals) load() (config.Config, error) { return config.Load(g.configFile, os.Environ()) }

// newCommand builds the command line. Without a subcommand the program serves.
func newCommand() *cobra.Command {
	g := &globals{}
	serve := serveCommand(g)
	root := &cobra.Command{
		Use:           "treem",
		Short:         "Children's rights and safety: answers with sources, and 111 first when it is urgent",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          serve.RunE,
	}
	root.PersistentFlags().StringVar(&g.configFile, "config", "", "settings file (yaml, toml or json)")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())}
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serve, chatCommand(g), askCommand(g), triageCommand(g), searchCommand(), kbCommand(g), casesCommand(g), staffCommand(g),
		bulletinCommand(g), reportCommand(g), backupCommand(g), restoreCommand(g), migrateToCommand(g), keyCommand(g), doctorCommand(g), versionCommand())
	return root
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Errorf("unknown command or argument %q; see `%s --help`", args[0], c.CommandPath())}
}

func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usageError{fmt.Errorf("%s wants %s; see `%s --help`", c.CommandPath(), what, c.CommandPath())}
	}
}

// newLog returns the program's log on standard error.
func newLog(level, format string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	opts := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}
