package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"treem/bot"
	"treem/bot/queue"
	"treem/bot/store"
	"treem/channels"
	"treem/config"

	"github.com/gofrs/flock"
)

// App is the running program. Open brings everything up in order and unwinds on failure; Close takes it down in
// reverse. It is the only value that knows all packages.
type App struct {
	cfg      config.Config
	log      *slog.Logger
	store    *store.Store
	bot      *bot.Bot
	channels []channels.Channel
	listener net.Listener
	carried  *knowledge // see openAppWith
	editor   *editor
	rosters  *rosters
	console  string // the console's address; empty: there is none
	closers  []closer
	live     *live
	tracing  tracing
	tls      *certificates // nil: the listeners speak plain HTTP
	phase    atomic.Int32  // starting, serving, stopping
}

type closer struct {
	name  string
	close func(context.Context) error
}

// channelMaker builds the channels to serve, given what those need that show what was said and greet.
type channelMaker func(cfg config.Config, s *store.Store, l *live, log *slog.Logger) ([]channels.Channel, error)

// openApp opens data folder, database, knowledge, queue and channels, in that order, and starts to work. On failure
// everything opened so far is closed again.
func openApp(ctx context.Context, cfg config.Config, log *slog.Logger, make channelMaker) (*App, error) {
	return openAppWith(ctx, cfg, log, make, nil)
}

// openAppWith is openApp with the knowledge of the program's own content, which stays open; nil: it is built.
func openAppWith(ctx context.Context, cfg config.Config, log *slog.Logger, make channelMaker, carried *knowledge) (*App, error) {
	a := &App{cfg: cfg, log: log, carried: carried}
	if err := a.open(ctx, make); err != nil {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.StopLimit)
		defer cancel()
		return nil, errors.Join(err, a.Close(stop))
	}
	return a, nil
}

func (a *App) open(ctx context.Context, makeChannels channelMaker) error {
	if err := a.lockDataDir(); err != nil {
		return err
	}
	var err error
	if a.tls, err = openTLS(a.cfg, a.log); err != nil {
		return err
	}
	if err := a.openTracing(ctx, a.cfg); err != nil {
		return err
	}
	db, err := a.openDatabase(ctx)
	if err != nil {
		return err
	}
	live, follower, err := openLive(ctx, a.store, a.log, a.carried)
	if err != nil {
		return err
	}
	a.onClose("index", func(context.Context) error { return live.Close() })
	a.live = live
	a.follow(follower)
	a.editor = &editor{live: live, store: a.store, price: a.cfg.SMS.Price}
	if a.channels, err = makeChannels(a.cfg, a.store, live, a.log); err != nil {
		return err
	}
	desk, shifts, err := openDuty(a.cfg, a.channels, true)
	if err != nil {
		return err
	}
	if a.rosters, err = openRosters(ctx, a.store, a.cfg.Hotline.Roster, shifts); err != nil {
		return err
	}
	desk.Duty, desk.Officers = a.rosters, a.rosters
	desk.Officers = staffNames{desk.Officers, a.store}
	metrics := newMetrics(a)
	a.bot = &bot.Bot{
		Store:     a.store,
		Responder: live.responder(a.cfg.Triage.SafeWord, a.log),
		Channels:  map[string]channels.Channel{},
		Desk:      desk,
		Now:       time.Now,
		NewID:     rand.Text,
		Log:       a.log,
		Metrics:   metrics,
		Bulletins: bulletinHours(a.cfg),
		Budget:    bot.NewBudget(a.cfg.SMS.PerHour),
	}
	for _, c := range a.channels {
		a.bot.Channels[c.Name()] = c
	}
	a.bot.Responder.Duty = desk.TellPerson
	if err := a.startQueue(ctx, db); err != nil {
		return err
	}
	a.startSweep(ctx)
	if err := a.listen(metrics); err != nil {
		return err
	}
	for _, c := range a.channels {
		if err := c.Start(ctx, tracedSink{a.bot, a.tracing}); err != nil {
			return fmt.Errorf("start channel %s: %w", c.Name(), err)
		}
		a.onClose("channel "+c.Name(), c.Stop)
	}
	a.phase.Store(serving)
	return nil
}

func (a *App) onClose(name string, close func(context.Context) error) {
	a.closers = append(a.closers, closer{name, close})
}

// Close takes the program down in reverse order: no new messages, then the jobs in hand, then the database. What is
// not finished when ctx ends is left safely stored for the next start.
func (a *App) Close(ctx context.Context) error {
	a.phase.Store(stopping)
	var errs []error
	for _, c := range slices.Backward(a.closers) {
		if err := c.close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", c.name, err))
		}
	}
	a.closers = nil
	return errors.Join(errs...)
}

// lockDataDir makes the data folder and takes it for this program alone: two programs on one SQLite file would send
// each other's replies.
func (a *App) lockDataDir() error {
	if a.cfg.DataDir == memoryData {
		return nil
	}
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w; set data_dir to a folder this user may write", err)
	}
	lock := flock.New(filepath.Join(a.cfg.DataDir, "lock"))
	ok, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("data folder %s: %w", a.cfg.DataDir, err)
	}
	if !ok {
		return fmt.Errorf("data folder %s is in use by another treem; stop it first or set another data_dir", a.cfg.DataDir)
	}
	a.onClose("data folder", func(context.Context) error { return lock.Unlock() })
	return nil
}

// overdueAfter is how long a message or reply may wait before upkeep looks for a lost job.
const overdueAfter = time.Minute

// startQueue finds what an earlier run left behind and begins to work.
func (a *App) startQueue(ctx context.Context, db *store.DB) error {
	left, err := a.store.Recover(ctx, !db.Shared(), time.Now())
	if err != nil {
		return err
	}
	if left != (store.Recovered{}) {
		a.log.Info("taken up from the last run", "messages", left.Messages, "replies", left.Replies, "maybe_sent_twice", left.Uncertain,
			"notices", left.Notices, "maybe_told_twice", left.Doubtful, "cases_overdue", left.Overdue)
	}
	retention := store.Retention(a.cfg.Retention)
	var names []string
	for _, c := range a.channels {
		names = append(names, c.Name())
	}
	var told []string
	for name := range a.bot.Desk.Targets {
		told = append(told, name)
	}
	q, err := queue.New(jobsIn(db), queue.Work{
		Handle:   a.tracing.conversation("handle", a.bot.Handle),
		Deliver:  a.tracing.conversation("deliver", a.bot.Deliver),
		Notify:   a.tracing.named("notify", "target", a.bot.Notify),
		Escalate: a.tracing.named("escalate", "case", a.bot.Escalate),
		Upkeep: func(ctx context.Context) error {
			n, err := a.store.Overdue(ctx, overdueAfter, time.Now())
			if n > 0 {
				a.log.Warn("work had waited too long and was queued again", "count", n)
			}
			return errors.Join(err, a.store.Forget(ctx, retention, time.Now()), a.editor.publishDue(ctx, time.Now()))
		},
	}, queue.Settings{Channels: names, Targets: told}, a.log)
	if err != nil {
		return err
	}
	if err := q.Start(ctx); err != nil {
		return fmt.Errorf("start queue: %w", err)
	}
	a.onClose("queue", q.Stop)
	return nil
}

// Address is where the public listener can be reached, as a URL.
func (a *App) Address() string {
	if a.listener == nil {
		return ""
	}
	if a.tls != nil {
		return strings.TrimSuffix(a.cfg.PublicURL, "/") + "/"
	}
	host := a.listener.Addr().String()
	if h, port, err := net.SplitHostPort(host); err == nil && (h == "::" || h == "0.0.0.0") {
		host = net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + strings.TrimSuffix(host, "/") + "/"
}
