package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"treem/bot/dialogue"
	"treem/bot/store"
	"treem/bot/triage"
	"treem/channels"
	"treem/config"
	"treem/kb"

	"github.com/spf13/cobra"
)

// check is one thing doctor looks at.
type check struct {
	name string
	run  func(ctx context.Context) (detail string, err error)
}

func doctorCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "print the effective settings, secrets hidden, and check every part",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			out := c.OutOrStdout()
			fmt.Fprintln(out, "Settings")
			if err := cfg.Print(out); err != nil {
				return err
			}
			fmt.Fprintln(out, "\nKept")
			if err := printKept(c.Context(), out, cfg); err != nil {
				return err
			}
			fmt.Fprintln(out, "\nChecks")
			return runChecks(c.Context(), out, checks(cfg))
		},
	}
}

func runChecks(ctx context.Context, out io.Writer, all []check) error {
	failed := 0
	for _, one := range all {
		cctx, cancel := context.WithTimeout(ctx, 15*time.Second)
		detail, err := one.run(cctx)
		cancel()
		if err != nil {
			failed++
			fmt.Fprintf(out, "FAIL  %-10s %v\n", one.name, err)
			continue
		}
		fmt.Fprintf(out, "ok    %-10s %s\n", one.name, detail)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed; each line above marked FAIL says what to mend", failed, len(all))
	}
	return nil
}

func checks(cfg config.Config) []check {
	all := []check{
		{"clock", func(ctx context.Context) (string, error) { return checkClock(ctx, cfg, time.Now) }},
		{"database", func(ctx context.Context) (string, error) { return checkDatabase(ctx, cfg) }},
		{"service", func(ctx context.Context) (string, error) { return checkService(ctx, cfg) }},
		{"retention", func(ctx context.Context) (string, error) { return checkKept(ctx, cfg) }},
		{"cases", func(ctx context.Context) (string, error) { return checkCases(ctx, cfg) }},
		{"hotline", func(ctx context.Context) (string, error) { return checkDesk(ctx, cfg) }},
		{"triage", checkTriage},
		{"index", checkIndex},
	}
	for _, made := range []struct {
		on   bool
		name string
		make func() (channels.Channel, error)
	}{
		{cfg.Telegram.Token != "", "telegram", func() (channels.Channel, error) {
			return newTelegram(cfg, dialogue.Profile{}, nil, slog.New(slog.DiscardHandler))
		}},
		{cfg.Twilio.AccountSID != "", "twilio", func() (channels.Channel, error) { return newTwilio(cfg, slog.New(slog.DiscardHandler)) }},
		{cfg.Kannel.SendURL != "", "kannel", func() (channels.Channel, error) { return newKannel(cfg, slog.New(slog.DiscardHandler)) }},
	} {
		all = append(all, check{made.name, func(ctx context.Context) (string, error) {
			if !made.on {
				return "not configured", nil
			}
			ch, err := made.make()
			if err != nil {
				return "", err
			}
			return checkChannel(ctx, ch)
		}})
	}
	return all
}

// checkChannel asks the channel, if it can be asked, and adds what no check can find out.
func checkChannel(ctx context.Context, ch channels.Channel) (detail string, err error) {
	detail = "configured"
	if c, ok := ch.(channels.Checker); ok {
		if err := c.Check(ctx); err != nil {
			return "", err
		}
		detail = "reachable, credentials accepted"
	}
	if n, ok := ch.(channels.Noter); ok {
		detail += ". Note: " + n.Note()
	}
	return detail, nil
}

// checkService asks a running service what it alarms about: things that cannot be seen beside it, such as a second
// program that polls for the same bot.
func checkService(ctx context.Context, cfg config.Config) (string, error) {
	client, base := serviceClient(cfg)
	address := base + "/healthz"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fmt.Errorf("%s is no address to ask: set listen", address)
	}
	resp, err := client.Do(req)
	if badCertificate(err) {
		return "", fmt.Errorf("the service at %s shows a certificate that nobody will accept: %w", cfg.Listen, err)
	}
	if err != nil {
		return "not running at " + cfg.Listen, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return "", fmt.Errorf("the service at %s broke off its answer", cfg.Listen)
	}
	var alarms []string
	for line := range strings.Lines(string(text)) {
		if what, ok := strings.CutPrefix(strings.TrimSpace(line), "ALARM "); ok {
			alarms = append(alarms, what)
		}
	}
	if len(alarms) > 0 {
		return "", errors.New(strings.Join(alarms, "; "))
	}
	return "running at " + cfg.Listen, nil
}

// checkDatabase opens the database as serve would, writes and takes it back. A running service is left alone: only its
// file is looked at.
func checkDatabase(ctx context.Context, cfg config.Config) (detail string, err error) {
	if cfg.Database != "" {
		return checkShared(ctx, cfg)
	}
	a := &App{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	defer func() { err = errors.Join(err, a.Close(ctx)) }()
	if err := a.lockDataDir(); err != nil {
		if _, serr := os.Stat(databaseFile(cfg)); serr == nil {
			return "in use by a running treem: " + cfg.DataDir, nil
		}
		return "", err
	}
	if _, err := os.Stat(databaseFile(cfg)); errors.Is(err, os.ErrNotExist) {
		return "none yet; it will be made in " + cfg.DataDir, checkFolder(cfg.DataDir)
	}
	db, err := store.OpenSQLite(ctx, databaseFile(cfg))
	if err != nil {
		return "", err
	}
	a.onClose("database", func(context.Context) error { return db.Close() })
	keys, err := openKeys(cfg)
	if err != nil {
		return "", err
	}
	if err := migrateAll(ctx, db, a.log); err != nil {
		return "", err
	}
	s := store.New(db, keys, nil)
	if err := s.CheckWritable(ctx); err != nil {
		return "", fmt.Errorf("%w; check rights and free space of %s", err, cfg.DataDir)
	}
	waiting, err := s.Waiting(ctx)
	return fmt.Sprintf("writable, %d waiting: %s", waiting, databaseFile(cfg)), err
}

// checkShared looks at PostgreSQL beside the programs that serve from it; tables are made by them alone.
func checkShared(ctx context.Context, cfg config.Config) (string, error) {
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return "", err
	}
	defer db.Close()
	state := "no program serves from it now"
	if err := db.Alone(ctx, func() error { return nil }); errors.Is(err, store.ErrInUse) {
		state = "in use by a running treem"
	} else if err != nil {
		return "", err
	}
	fresh, err := db.Empty(ctx)
	if err != nil || fresh {
		return "PostgreSQL answers and is empty; the tables are made at the first start", err
	}
	if err := store.CheckKey(ctx, db, keys); err != nil {
		return "", err
	}
	s := store.New(db, keys, nil)
	if err := s.CheckWritable(ctx); err != nil {
		return "", fmt.Errorf("%w; check the rights of the database's user and the server's free space", err)
	}
	waiting, err := s.Waiting(ctx)
	return fmt.Sprintf("PostgreSQL, writable, %d waiting; %s", waiting, state), err
}

func checkFolder(dir string) error {
	f, err := os.CreateTemp(dir, "doctor")
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(filepath.Clean(f.Name())))
}

// drowning is a message that must be graded an emergency.
const drowning = "cứu với, em bé đang chìm dưới ao"

// checkTriage looks at one message of each level: the part that must work when all else fails.
func checkTriage(context.Context) (string, error) {
	text, assessor, err := openText()
	if err != nil {
		return "", err
	}
	for message, want := range map[string]triage.Level{
		drowning: triage.Emergency,
		"bộ luật nào quy định tuổi lao động của trẻ em": triage.None,
	} {
		if a := assessor.Assess(text.Normalise(message), triage.Context{}); a.Level != want {
			return "", fmt.Errorf("a test message was graded %s instead of %s; do not run this build", a.Level, want)
		}
	}
	return "test messages graded rightly", nil
}

func checkIndex(ctx context.Context) (string, error) {
	began := time.Now()
	k, err := openKnowledge(ctx)
	if err != nil {
		return "", err
	}
	defer k.Close()
	r, err := k.index.Search(ctx, kb.Query{Text: k.text.Normalise("Điều 1 Luật Trẻ em")})
	if err != nil {
		return "", err
	}
	if len(r.Hits) == 0 {
		return "", errors.New("a test search found nothing; the embedded content is broken, do not run this build")
	}
	return fmt.Sprintf("%d entries, %d laws, built in %s", len(k.content.Entries), len(k.content.Laws), time.Since(began).Round(time.Millisecond)), nil
}
