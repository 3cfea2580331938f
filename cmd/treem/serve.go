package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/store"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/kannel"
	"treem/channels/telegram"
	"treem/channels/twilio"
	"treem/channels/web"
	"treem/config"

	"github.com/spf13/cobra"
)

// What the collector aims for, so that the service fits a small machine: more than collectAt per cent of what is in use is
// not left lying about, and all in all no more than softMemoryLimit. GOGC and GOMEMLIMIT override them.
const (
	collectAt       = 50
	softMemoryLimit = 110 << 20
)

func serveCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "run the service (the default)",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			log := newLog(cfg.LogLevel, cfg.LogFormat)
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(collectAt)
			}
			if os.Getenv("GOMEMLIMIT") == "" {
				debug.SetMemoryLimit(softMemoryLimit)
			}
			a, err := openApp(c.Context(), cfg, log, serviceChannels)
			if err != nil {
				return err
			}
			debug.FreeOSMemory() // building the index takes more than serving
			fmt.Fprintf(c.OutOrStdout(), "treem is running.\n  web chat  %s\n  data      %s\n", a.Address(), cfg.DataDir)
			for _, ch := range a.channels {
				fmt.Fprintf(c.OutOrStdout(), "  channel   %s\n", ch.Name())
			}
			err = a.invite(c.Context(), c.OutOrStdout())
			if c.Context().Err() != nil {
				err = nil // it is being stopped already
			}
			if err == nil {
				<-c.Context().Done()
				fmt.Fprintf(c.OutOrStdout(), "Stopping, at most %s …\n", cfg.StopLimit)
			}
			ctx, cancel := context.WithTimeout(context.Background(), cfg.StopLimit)
			defer cancel()
			return errors.Join(err, a.Close(ctx))
		},
	}
}

// serviceChannels builds every channel that is configured.
func serviceChannels(cfg config.Config, s *store.Store, l *live, log *slog.Logger) ([]channels.Channel, error) {
	var all []channels.Channel
	if cfg.Web.Enabled {
		c, err := newWeb(cfg, s, l, log)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if cfg.Telegram.Token != "" {
		c, err := newTelegram(cfg, l.current().book.Profile(), s.Lead, log)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if cfg.Twilio.AccountSID != "" {
		c, err := newTwilio(cfg, log)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if cfg.Kannel.SendURL != "" {
		c, err := newKannel(cfg, log)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func newWeb(cfg config.Config, s *store.Store, l *live, log *slog.Logger) (*web.Channel, error) {
	text, assessor := l.current().text, l.current().triage
	return web.New(web.Config{
		PublicURL:    cfg.PublicURL,
		QuickExit:    cfg.Web.QuickExit,
		PerMinute:    cfg.Web.PerMinute,
		AnswerWait:   cfg.Web.AnswerWait,
		TrustedProxy: cfg.TrustedProxy,
		Welcome:      func() channels.Outbound { return bot.Render(l.current().book.Greeting(), dialogue.Chat) },
		Erase:        "XÓA",
		Library:      newLibrary(l),
		Keeps:        web.Keeps(cfg.Retention),
		Export:       exportOf(s),
		Urgent: func(said string) bool {
			return assessor.Assess(text.Normalise(said), triage.Context{SafeWord: cfg.Triage.SafeWord}).Level != triage.None
		},
	}, s, log, time.Now)
}

// exportOf reads what is stored about a person for them.
func exportOf(s *store.Store) func(context.Context, channels.Address, time.Time) (web.Export, error) {
	return func(ctx context.Context, a channels.Address, hidden time.Time) (web.Export, error) {
		p, err := s.Person(ctx, a, hidden)
		if bot.ErrorCode(err) == bot.NotFound { // the browser's session outlived what was stored
			return web.Export{}, nil
		}
		e := web.Export{Since: p.Since, Lines: p.Lines, Questions: p.Questions}
		for _, c := range p.Cases {
			e.Cases = append(e.Cases, web.ExportCase{Ref: c.Ref, OpenedAt: c.OpenedAt, Over: c.Over})
		}
		return e, err
	}
}

func newTelegram(cfg config.Config, p dialogue.Profile, lead func(context.Context, string, func(context.Context)), log *slog.Logger) (*telegram.Channel, error) {
	languages := map[string]telegram.Profile{}
	for language, other := range p.In {
		languages[language] = telegramProfile(*other)
	}
	return telegram.New(telegram.Config{
		Lead:          lead,
		Token:         cfg.Telegram.Token.Reveal(),
		APIURL:        cfg.Telegram.APIURL,
		Mode:          cfg.Telegram.Mode,
		WebhookSecret: cfg.Telegram.WebhookSecret.Reveal(),
		PublicURL:     cfg.PublicURL,
		DutyChat:      cfg.Hotline.TelegramChat,
		Profile:       telegramProfile(p),
		Languages:     languages,
		CallLabel:     p.Call,
	}, log, time.Now)
}

func telegramProfile(p dialogue.Profile) telegram.Profile {
	out := telegram.Profile{Description: p.Description, ShortDescription: p.Short}
	for _, c := range p.Commands {
		out.Commands = append(out.Commands, telegram.Command{Name: c.Name, Description: c.Description})
	}
	return out
}

func newTwilio(cfg config.Config, log *slog.Logger) (*twilio.Channel, error) {
	return twilio.New(twilio.Config{
		AccountSID:          cfg.Twilio.AccountSID,
		AuthToken:           cfg.Twilio.AuthToken.Reveal(),
		From:                cfg.Twilio.From,
		MessagingServiceSID: cfg.Twilio.MessagingServiceSID,
		APIURL:              cfg.Twilio.APIURL,
		PublicURL:           cfg.PublicURL,
		PerSecond:           cfg.Twilio.PerSecond,
	}, log, time.Now)
}

func newKannel(cfg config.Config, log *slog.Logger) (*kannel.Channel, error) {
	k := cfg.Kannel
	return kannel.New(kannel.Config{
		SendURL:        k.SendURL,
		Username:       k.Username,
		Password:       k.Password.Reveal(),
		From:           k.From,
		SMSC:           k.SMSC,
		Split:          k.Split,
		Secret:         k.Secret.Reveal(),
		Allow:          k.Allow,
		TrustedProxy:   cfg.TrustedProxy,
		CallbackURL:    cmp.Or(k.CallbackURL, localURL(cfg.Listen)),
		Country:        k.Country,
		StatusURL:      k.StatusURL,
		StatusPassword: k.StatusPassword.Reveal(),
	}, log, time.Now)
}

// localURL is a listener's address as programs on this machine see it.
func localURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
