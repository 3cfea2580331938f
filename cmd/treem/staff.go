package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/console"
	"treem/bot/staff"
	"treem/bot/store"
	"treem/config"

	"github.com/spf13/cobra"
)

func staffCommand(g *globals) *cobra.Command {
	c := &cobra.Command{
		Use:   "staff",
		Short: "the accounts of the console: list, add, or a new password link",
		RunE: func(c *cobra.Command, args []string) error {
			return usageError{errors.New("treem staff wants list, add or link; see `treem staff --help`")}
		},
	}
	c.AddCommand(staffListCommand(g), staffAddCommand(g), staffLinkCommand(g))
	return c
}

// onStaff runs f on the store beside a program that may be running.
func onStaff(c *cobra.Command, g *globals, f func(cfg config.Config, s *store.Store) error) error {
	cfg, err := g.load()
	if err != nil {
		return err
	}
	db, keys, err := openBeside(c.Context(), cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	return f(cfg, store.New(db, keys, nil))
}

func staffListCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the accounts",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return onStaff(c, g, func(_ config.Config, s *store.Store) error {
				all, err := s.Accounts(c.Context())
				if err != nil {
					return err
				}
				for _, a := range all {
					state := "active"
					switch {
					case a.Disabled:
						state = "disabled"
					case a.PasswordHash == "":
						state = "no password yet"
					}
					var roles []string
					for _, r := range a.Roles {
						roles = append(roles, string(r))
					}
					if _, err := fmt.Fprintf(c.OutOrStdout(), "%-16s %-15s second factor %-5t %s\n", a.Login, state, a.SecondFactor != "", strings.Join(roles, ",")); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func staffAddCommand(g *globals) *cobra.Command {
	var name, roles string
	c := &cobra.Command{
		Use:   "add LOGIN",
		Short: "add an account and print the one-time link by which its owner sets a password",
		Args:  exactArgs(1, "the login"),
		RunE: func(c *cobra.Command, args []string) error {
			a := staff.Account{Login: args[0], Name: name}
			var err error
			if a.Roles, err = staff.ParseRoles(roles); err != nil {
				return usageError{err}
			}
			if err := a.Check(); err != nil {
				return usageError{err}
			}
			return onStaff(c, g, func(cfg config.Config, s *store.Store) error {
				if _, err := s.AccountByLogin(c.Context(), a.Login); bot.ErrorCode(err) != bot.NotFound {
					return errors.Join(err, fmt.Errorf("the login %s is taken; `treem staff link %s` makes a new link for it", a.Login, a.Login))
				}
				return printLink(c, cfg, s, a, "account.new")
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "the person's name, as colleagues see it")
	c.Flags().StringVar(&roles, "roles", "", "comma-separated: author, reviewer, officer, supervisor, administrator")
	return c
}

func staffLinkCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "link LOGIN",
		Short: "print a new one-time link by which the owner of an account sets a password",
		Args:  exactArgs(1, "the login"),
		RunE: func(c *cobra.Command, args []string) error {
			return onStaff(c, g, func(cfg config.Config, s *store.Store) error {
				a, err := s.AccountByLogin(c.Context(), args[0])
				if bot.ErrorCode(err) == bot.NotFound {
					return fmt.Errorf("there is no account %s; `treem staff list` shows them", args[0])
				}
				if err != nil {
					return err
				}
				return printLink(c, cfg, s, a, "account.link")
			})
		},
	}
}

func printLink(c *cobra.Command, cfg config.Config, s *store.Store, a staff.Account, action string) error {
	token, err := newLink(c.Context(), s, a, action)
	if err != nil {
		return err
	}
	where := (&App{cfg: cfg}).consoleURL()
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s%slink/%s\n(for %s, once, until %s)\n", where, console.Path, token, a.Login,
		time.Now().Add(staff.LinkLasts).Format(time.DateTime))
	return err
}
