package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/bot/handover"
	"treem/bot/roster"
	"treem/bot/store"
	"treem/channels"
	"treem/channels/hotline"
	"treem/channels/telegram"
	"treem/config"
	"treem/kb"
	"treem/kb/content"
)

// openDesk builds the people on duty from the settings: targets, roster, who may act. stored is the roster that was written
// in the console, which holds in place of the file; empty: none was.
func openDesk(cfg config.Config, chans []channels.Channel, stored string) (*bot.Desk, error) {
	withRoster := cfg.Hotline.Roster != "" || stored != ""
	d, shifts, err := openDuty(cfg, chans, withRoster)
	if err != nil || !withRoster {
		return d, err
	}
	if stored == "" {
		text, err := os.ReadFile(cfg.Hotline.Roster)
		if err != nil {
			return nil, fmt.Errorf("hotline.roster: %w", err)
		}
		stored = string(text)
	}
	places, err := kb.ReadCommunes(content.FS)
	if err != nil {
		return nil, err
	}
	if shifts.Roster, err = parseRoster([]byte(stored), places); err != nil {
		return nil, err
	}
	d.Duty, d.Officers = shifts, officers{shifts.Roster}
	return d, nil
}

// openDuty is a desk without a roster, and how one would tell officers; withRoster says that one may come.
func openDuty(cfg config.Config, chans []channels.Channel, withRoster bool) (*bot.Desk, handover.Shifts, error) {
	var shifts handover.Shifts
	text, err := bot.ReadDeskText(content.FS)
	if err != nil {
		return nil, shifts, err
	}
	places, err := kb.ReadCommunes(content.FS)
	if err != nil {
		return nil, shifts, err
	}
	d := &bot.Desk{Text: text, Targets: map[string]bot.Target{}}
	d.Commune = func(code string) string {
		if c, ok := places.ByCode(code); ok {
			return c.Name
		}
		return code
	}
	all, err := targets(cfg.Hotline, chans, withRoster)
	if err != nil {
		return nil, shifts, err
	}
	var always handover.Always // those that are told of every case
	for _, t := range all {
		d.Targets[t.Name()] = t.Target // without its wrapper, which would hide what else it can do
		if t.shared {
			always.Targets = append(always.Targets, t.Name())
		}
		if a, ok := t.Target.(bot.Addresser); ok && t.shared {
			d.Group, always.Chat = a.Address(""), t.Name()
		}
		if t.phone.ID != "" {
			d.Phone = t.phone
		}
	}
	d.Planner = handover.Planner{Settings: handover.DefaultSettings(), Duty: always}
	d.AckEmergency, d.AckUrgent = cfg.Hotline.AckEmergency, cfg.Hotline.AckUrgent
	shifts.Always = always
	for _, t := range all {
		switch t.takes {
		case "sms":
			shifts.SMS = t.Name()
		case "email":
			shifts.Mail = t.Name()
		case "chat":
			shifts.Chat = t.Name()
		}
	}
	return d, shifts, nil
}

func parseRoster(text []byte, places *kb.Communes) (*roster.Roster, error) {
	return roster.Parse(text, func(code string) bool { _, ok := places.ByCode(code); return ok })
}

// target is a configured way of telling.
type target struct {
	bot.Target
	shared bool             // told of every case; else only officers of the roster are, at their own addresses
	takes  string           // what addresses of officers it takes: "chat", "sms", "email" or none
	phone  channels.Address // for SMS: the duty telephone
}

// targets builds every way of telling that is configured.
func targets(h config.Hotline, chans []channels.Channel, withRoster bool) ([]target, error) {
	var all []target
	hasSMS := false
	for _, c := range chans {
		switch {
		case c.Name() == telegram.Name && (h.TelegramChat != "" || withRoster):
			all = append(all, target{Target: hotline.NewChat(c, h.TelegramChat), shared: h.TelegramChat != "", takes: "chat"})
		case isSMS(c) && !hasSMS && (h.SMSTo != "" || withRoster):
			hasSMS = true
			t := target{Target: hotline.NewText(c, h.SMSTo), shared: h.SMSTo != "", takes: "sms"}
			if t.shared {
				t.phone = channels.Address{Channel: c.Name(), ID: h.SMSTo}
			}
			all = append(all, t)
		}
	}
	if h.WebhookURL != "" {
		t, err := hotline.NewWebHook(h.WebhookURL, h.WebhookSecret.Reveal(), time.Now)
		if err != nil {
			return nil, err
		}
		all = append(all, target{Target: t, shared: true})
	}
	if h.SMTPURL != "" {
		t, err := hotline.NewMail(h.SMTPURL.Reveal(), h.EmailTo, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, target{Target: t, shared: len(h.EmailTo) > 0, takes: "email"})
	}
	if h.PrimeroURL != "" {
		t, err := hotline.NewPrimero(h.PrimeroURL, h.PrimeroUsername, h.PrimeroPassword.Reveal())
		if err != nil {
			return nil, err
		}
		all = append(all, target{Target: t, shared: true})
	}
	return all, nil
}

func isSMS(c channels.Channel) bool {
	t, ok := c.(channels.Texter)
	return ok && t.SMS()
}

// officers are those on the roster, found by Telegram's number of them or by telephone.
type officers struct{ roster *roster.Roster }

// Officer implements bot.Officers.
func (o officers) Officer(a channels.Address) (string, bool) {
	if a.Channel == telegram.Name {
		one, ok := o.roster.ByTelegram(a.ID)
		return one.ID, ok
	}
	for _, one := range o.roster.Officers() {
		if strings.HasPrefix(a.ID, "+") && one.SMS == a.ID {
			return one.ID, true
		}
	}
	return "", false
}

// Name implements bot.Officers.
func (o officers) Name(id string) string {
	for _, one := range o.roster.Officers() {
		if one.ID == id {
			return one.Name
		}
	}
	return ""
}

// alarmGrace is how long a notice or an overdue case may wait before that is an alarm.
const alarmGrace = 5 * time.Minute

// sweepEvery is how often the program looks itself for what the queue should have done.
const sweepEvery = 15 * time.Second

// startSweep runs the bot's sweep by a clock that neither the queue nor a change of the time of day can stop, and
// raises the standing alarm in the log.
func (a *App) startSweep(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		var last time.Time
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := a.bot.Sweep(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("looking for stalled work failed", "error", err)
			}
			if n, err := a.store.TakeBack(ctx, time.Now()); err != nil && ctx.Err() == nil {
				a.log.Error("looking for what dead programs were sending failed", "error", err)
			} else if n > 0 {
				a.log.Warn("taken up from a program that died", "maybe_sent_twice", n)
			}
			if err := a.rosters.refresh(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("the roster could not be read; the one in use stays", "error", err)
			}
			if time.Since(last) >= alarmGrace {
				a.logAlarm(ctx)
				last = time.Now()
			}
		}
	}()
	a.onClose("sweep", func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// logAlarm writes the standing alarm, if there is one, again and again until it is seen to.
func (a *App) logAlarm(ctx context.Context) {
	if lines := texts(a.standing(ctx)); len(lines) > 0 {
		a.log.Error("STANDING ALARM", "what", strings.Join(lines, "; "))
	}
}

// alarm is one thing somebody must look at now.
type alarm struct {
	what string // for the metrics: one of alarmKinds
	n    int    // how many cases or notices, else 1
	text string
}

// alarmKinds are all values of alarm.what.
var alarmKinds = []string{"storage", "channel", "database", "unheard", "overdue", "target", "budget"}

// texts are the alarms as people read them, one a line.
func texts(all []alarm) []string {
	var lines []string
	for _, one := range all {
		lines = append(lines, one.text)
	}
	return lines
}

// standing is what somebody must look at now; none: all is well.
func (a *App) standing(ctx context.Context) []alarm {
	var all []alarm
	if since := a.bot.Unstored(); !since.IsZero() {
		all = append(all, alarm{"storage", 1, fmt.Sprintf("messages cannot be stored, since %s: look at rights and free space of the database", since.Format(time.RFC3339))})
	}
	for _, c := range a.channels {
		if t, ok := c.(channels.Troubled); ok && t.Trouble() != "" {
			all = append(all, alarm{"channel", 1, "channel " + c.Name() + ": " + t.Trouble()})
		}
	}
	if a.bot.Budget.HoldsUp(time.Now()) {
		all = append(all, alarm{"budget", 1, fmt.Sprintf("answers by SMS wait: sms.per_hour (%d segments) is used up; more people write than usual, or somebody abuses the number. Urgent messages are answered at once", a.cfg.SMS.PerHour)})
	}
	stored, err := a.store.Alarm(ctx, alarmGrace, time.Now())
	if err != nil {
		return append(all, alarm{"database", 1, "the state of the cases cannot be read: " + err.Error()})
	}
	return append(all, storedAlarms(stored)...)
}

// storedAlarms says what the stored cases and notices alarm about.
func storedAlarms(a bot.Alarm) []alarm {
	var all []alarm
	if a.Unheard > 0 {
		all = append(all, alarm{"unheard", a.Unheard, fmt.Sprintf("%d cases were told to everybody and nobody takes them", a.Unheard)})
	}
	if a.Overdue > 0 {
		all = append(all, alarm{"overdue", a.Overdue, fmt.Sprintf("%d cases are past their time and were not escalated: is the service running, is its clock right?", a.Overdue)})
	}
	for _, f := range a.Failing {
		all = append(all, alarm{"target", f.Waiting, fmt.Sprintf("%d notices wait for %s, since %s; they are tried again", f.Waiting, f.Target, f.Since.Format(time.RFC3339))})
	}
	return all
}

// health says that the program runs, and to callers on this machine whether there is a standing alarm. It stays 200: to
// start the program anew would mend none of these.
func (a *App) health(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "ok")
	if !fromLoopback(r) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	for _, line := range texts(a.standing(ctx)) {
		fmt.Fprintln(w, "ALARM", line)
	}
}

// checkCases looks, also beside a running service, whether cases wait for somebody.
func checkCases(ctx context.Context, cfg config.Config) (string, error) {
	if there, err := isThere(cfg); err != nil || !there {
		return "none yet", err
	}
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return "", err
	}
	defer db.Close()
	s := store.New(db, keys, nil)
	alarm, err := s.Alarm(ctx, alarmGrace, time.Now())
	if err != nil {
		return "", err
	}
	if lines := texts(storedAlarms(alarm)); len(lines) > 0 {
		return "", errors.New("STANDING ALARM: " + strings.Join(lines, "; "))
	}
	live, err := s.Cases(ctx, true, 1000)
	return fmt.Sprintf("%d live, none waits too long", len(live)), err
}

// checkDesk opens what tells the people on duty and asks each target that can be asked.
func checkDesk(ctx context.Context, cfg config.Config) (string, error) {
	discard := slog.New(slog.DiscardHandler)
	var chans []channels.Channel
	var errs []error
	add := func(on bool, make func() (channels.Channel, error)) {
		if !on {
			return
		}
		c, err := make()
		chans, errs = append(chans, c), append(errs, err)
	}
	add(cfg.Telegram.Token != "", func() (channels.Channel, error) { return newTelegram(cfg, dialogue.Profile{}, nil, discard) })
	add(cfg.Twilio.AccountSID != "", func() (channels.Channel, error) { return newTwilio(cfg, discard) })
	add(cfg.Kannel.SendURL != "", func() (channels.Channel, error) { return newKannel(cfg, discard) })
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	desk, err := openDesk(cfg, chans, "")
	if err != nil {
		return "", err
	}
	if len(desk.Targets) == 0 {
		return "nobody is told of urgent cases: set hotline.telegram_chat or another hotline setting", nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(desk.Targets)) {
		names = append(names, name)
		if c, ok := desk.Targets[name].(channels.Checker); ok {
			if err := c.Check(ctx); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	return "cases are told to " + strings.Join(names, ", "), errors.Join(errs...)
}
