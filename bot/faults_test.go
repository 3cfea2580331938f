package bot_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot/triage"
	"treem/channels"
	"treem/channels/channelstest/standin"
	"treem/channels/channelstest/telegramserver"
	"treem/kb"
)

// faulty is a desk of which parts can be broken and mended.
type faulty struct {
	*desk
	triage  triage.Triager
	stopped bool // no job runs; only the sweep does
}

// faults are the parts by the names they have in FAULTS.md.
var faults = map[string]func(f *faulty, broken bool){
	"database": func(f *faulty, broken bool) {
		value := 0
		if broken {
			value = 1
		}
		if _, err := f.db.ExecContext(f.t.Context(), fmt.Sprintf("PRAGMA query_only = %d", value)); err != nil {
			f.t.Fatal(err)
		}
	},
	"triage": func(f *faulty, broken bool) {
		f.Responder.Triage = f.triage
		if broken {
			f.Responder.Triage = brokenTriage{}
		}
	},
	"search": func(f *faulty, broken bool) {
		if !broken {
			return // what was answered stays answered
		}
		closed, err := kb.NewIndex(f.t.Context(), &kb.Content{}, f.Responder.Text)
		if err != nil {
			f.t.Fatal(err)
		}
		if err := closed.Close(); err != nil {
			f.t.Fatal(err)
		}
		f.Responder.Search = closed
	},
	"Telegram": func(f *faulty, broken bool) {
		f.api.SetSchedule(nil)
		if broken {
			f.api.SetSchedule(&telegramserver.Schedule{Calls: []string{"sendMessage"}, Rates: map[telegramserver.Kind]float64{telegramserver.ServerError: 1}})
		}
	},
	"web hook": func(f *faulty, broken bool) {
		f.hook.SetSchedule(nil)
		if broken {
			f.hook.SetSchedule(&standin.Schedule{Rates: map[standin.Kind]float64{standin.ServerError: 1}})
		}
	},
	"queue": func(f *faulty, broken bool) { f.stopped = broken },
}

// cells are what the table's words mean in what somebody got.
var cells = map[string]string{
	"the answer": "102/2016/QH13", "that the search is down, and 111": "tạm gián đoạn", "111": "111", "114": "114", "told": "Ca mới",
}

const (
	asker    = "78" // asks something
	question = "trẻ em là người bao nhiêu tuổi"
)

// TestFaults runs every row of FAULTS.md: with each part broken, alone and in pairs, an ordinary question and an emergency come in; who
// sees what within minutes, what alarms, and that once all is mended nothing is missing.
func TestFaults(t *testing.T) {
	text, err := os.ReadFile("FAULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for row := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimSpace(row), "|")
		if len(c) != 8 || strings.HasPrefix(c[1], "-") || strings.Contains(c[1], "Broken") {
			continue
		}
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		seen[c[1]] = true
		t.Run(c[1], func(t *testing.T) {
			t.Parallel() // much of it is waiting for Telegram's pace
			runFault(t, strings.Split(c[1], " + "), c[2], c[3], c[4], c[5], c[6])
		})
	}
	var names []string
	for name := range faults {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, a := range names {
		for _, b := range names[i:] {
			if a != b && !seen[a+" + "+b] && !seen[b+" + "+a] || a == b && !seen[a] {
				t.Errorf("FAULTS.md has no row for %s + %s", a, b)
			}
		}
	}
}

func runFault(t *testing.T, broken []string, asked, urgent, group_, hook, alarms string) {
	f := &faulty{desk: newDesk(t)}
	f.triage = f.Responder.Triage
	for _, name := range broken {
		if name != "nothing" {
			faults[name](f, true)
		}
	}
	messages := []channels.Inbound{
		{ProviderID: "q", From: channels.Address{Channel: "telegram", ID: asker}, Kind: channels.KindText, Text: question},
		{ProviderID: "e", From: channels.Address{Channel: "telegram", ID: person}, Kind: channels.KindText, Text: emergency},
	}
	provider := func() (left bool) { // sends again what was not taken
		for _, in := range messages {
			if f.Accept(t.Context(), in) != nil {
				left = true
			}
		}
		return left
	}
	for range 7 {
		provider()
		f.work()
		f.wait(time.Minute)
	}
	f.want("who asks", f.got(asker), asked)
	f.want("who is in danger", f.got(person), urgent)
	f.want("the duty group", f.got(group), group_)
	told := ""
	if strings.HasPrefix(f.kinds(), "opened") {
		told = "Ca mới"
	}
	f.want("the web hook", told, hook)
	if got := f.alarming(); got != alarms {
		t.Errorf("what alarms is %q, want %q", got, alarms)
	}
	for _, name := range broken {
		if name != "nothing" {
			faults[name](f, false)
		}
	}
	for range 15 { // the longest time between two tries
		if provider() {
			t.Fatal("a mended service takes no messages")
		}
		f.work()
		f.wait(time.Minute)
	}
	everything := ""
	for _, m := range f.api.Sent() {
		everything += m.Chat + ": " + m.Text + "\n"
	}
	for who, want := range map[string]string{asker: "", person: "11", group: "Ca mới"} {
		if !slices.ContainsFunc(f.api.Sent(), func(m telegramserver.Sent) bool { return m.Chat == who && strings.Contains(m.Text, want) }) {
			t.Errorf("once all is mended, %s still has nothing:\n%s", who, everything)
		}
	}
	if !strings.Contains(f.kinds(), "opened") {
		t.Errorf("once all is mended, the web hook was told %q", f.kinds())
	}
	if got := f.alarming(); got != "nothing" {
		t.Errorf("once all is mended, %s still alarms", got)
	}
}

// work does what the program does in a while; what fails is tried again later.
func (f *faulty) work() {
	ctx := f.t.Context()
	if f.stopped {
		_ = f.Sweep(ctx)
		return
	}
	for range 5 {
		s, err := f.store.Stalled(ctx, 0, f.Desk.Longest(), f.clock())
		if err != nil {
			f.t.Fatal(err)
		}
		for _, c := range s.Cases {
			_ = f.Escalate(ctx, c)
		}
		for _, c := range s.Handle {
			_ = f.Handle(ctx, c)
		}
		for _, c := range s.Deliver {
			_ = f.Deliver(ctx, c)
		}
		for _, target := range s.Targets {
			_ = f.Notify(ctx, target)
		}
	}
}

// want compares what somebody got with a cell of the table.
func (f *faulty) want(who, got, cell string) {
	f.t.Helper()
	if cell == "nothing yet" {
		if got != "" {
			f.t.Errorf("%s got, though it should get nothing yet:\n%s", who, got)
		}
		return
	}
	if cells[cell] == "" {
		f.t.Fatalf("the table says %q, which means nothing", cell)
	}
	if !strings.Contains(got, cells[cell]) {
		f.t.Errorf("%s should get %s and got:\n%s", who, cell, got)
	}
}

// alarming is what stands as an alarm, but for cases that nobody takes: in these runs there are no officers.
func (f *faulty) alarming() string {
	var all []string
	if !f.Unstored().IsZero() {
		all = append(all, "storage")
	}
	a, err := f.store.Alarm(f.t.Context(), 5*time.Minute, f.clock())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, target := range a.Failing {
		all = append(all, "notices to "+target.Target)
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}
