package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"mime"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/channels/channelstest/hookserver"
	"treem/channels/channelstest/mailserver"
	"treem/channels/channelstest/primeroserver"
	"treem/channels/channelstest/standin"
)

// The duty desk of the crash test.
const (
	dutyGroup = "-1001234567890"
	dutyPhone = "+84909999999"
)

var officerChats = []int64{501, 502, 503}

// alarms are messages that open a case, in the voices of those who write them.
var alarms = []string{
	"cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên",
	"ba đang cầm dao rượt mẹ con, cứu con với",
	"ba con hay đánh con, con sợ lắm",
	"con toi bi nguoi la bat di roi, cuu voi",
	"em muon chet qua, em uong thuoc roi",
}

// TestCrashCases opens hundreds of cases by SMS and on Telegram while the program is killed at random moments and while
// the duty group, the duty telephone, web hook, mail server and Primero fail at random. Officers take a part of the cases
// and answer. In the end every case has been told at every target, every case that nobody took was escalated in time,
// every answer reached its person, and nothing was told twice but what was being sent when the program died or whose
// answer was lost on the way.
func TestCrashCases(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills the built program; not with -short")
	}
	c := newCrashCases(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	duty, stop := context.WithCancel(ctx)
	var officers sync.WaitGroup
	officers.Go(func() { c.actAsOfficers(duty) })
	var writers sync.WaitGroup
	writers.Go(func() { c.openByTelegram(ctx) })
	writers.Go(func() { c.openBySMS(ctx) })
	for i := range c.kills {
		p := c.start(ctx)
		if i%4 > 0 { // else it is killed while it starts
			c.waitUntilServing(ctx)
		}
		c.pause(ctx, 50, 2500)
		p.kill()
	}
	p := c.start(ctx)
	writers.Wait()
	c.waitUntilAllTold(ctx)
	stop()
	officers.Wait()
	c.waitUntilQuiet(ctx)
	p.stop()
	c.reportCases()
}

type crashCases struct {
	*crash
	hook    *hookserver.Server
	mail    *mailserver.Server
	primero *primeroserver.Server
	ack     time.Duration
	byChat  int
	bySMS   int

	mine    sync.Mutex
	pressed map[string]bool   // references of cases that officers claimed
	replied map[string]string // reference → what an officer answered
}

func newCrashCases(t *testing.T) *crashCases {
	c := &crashCases{crash: newCrash(t), hook: hookserver.Start(t), mail: mailserver.Start(t), primero: primeroserver.Start(t),
		ack: 4 * time.Second, byChat: int(setting(t, "TREEM_CRASH_CHATS", 60)), bySMS: int(setting(t, "TREEM_CRASH_SMS", 140)),
		pressed: map[string]bool{}, replied: map[string]string{}}
	c.kills = int(setting(t, "TREEM_CRASH_KILLS", 6))
	c.expected = regexp.MustCompile(`STANDING ALARM|nobody takes a case`)
	c.env = append(c.env, "SSL_CERT_FILE="+c.mail.CAFile(),
		"TREEM_HOTLINE_TELEGRAM_CHAT="+dutyGroup, "TREEM_HOTLINE_SMS_TO="+dutyPhone,
		"TREEM_HOTLINE_WEBHOOK_URL="+c.hook.URL(), "TREEM_HOTLINE_WEBHOOK_SECRET="+hookserver.Secret,
		"TREEM_HOTLINE_SMTP_URL="+c.mail.URL(), "TREEM_HOTLINE_EMAIL_TO=truc@mail.test",
		"TREEM_HOTLINE_PRIMERO_URL="+c.primero.URL(), "TREEM_HOTLINE_PRIMERO_USERNAME="+primeroserver.User, "TREEM_HOTLINE_PRIMERO_PASSWORD="+primeroserver.Password,
		"TREEM_HOTLINE_ACK_EMERGENCY="+c.ack.String(), "TREEM_HOTLINE_ACK_URGENT="+c.ack.String())
	// A cut connection to Telegram makes the person's replies wait half a minute each time, so there are few of them.
	fail := func(seed uint64, cut, lost float64, calls ...string) *standin.Schedule {
		return &standin.Schedule{Seed: seed, Calls: calls, After: time.Second, Rates: map[standin.Kind]float64{
			standin.TooMany: .02, standin.ServerError: .05, standin.DropBefore: cut, standin.DropAfter: lost}}
	}
	c.telegram.SetSchedule(fail(1, .01, .01, "sendMessage"))
	c.hook.SetSchedule(fail(2, .03, 0))
	c.mail.SetSchedule(fail(3, .03, 0))
	c.primero.SetSchedule(fail(4, .03, 0))
	return c
}

// waitUntilServing waits until the program has started, however busy the machine is.
func (c *crashCases) waitUntilServing(ctx context.Context) {
	for ctx.Err() == nil && c.metric(ctx, "treem_waiting") == "" {
		c.pauseWith(ctx, 20*time.Millisecond)
	}
}

func (c *crashCases) openByTelegram(ctx context.Context) {
	for i := range c.byChat {
		c.telegram.PushText(chat(i), alarms[i%len(alarms)])
		c.pauseWith(ctx, rand.N(600*time.Millisecond))
	}
}

func (c *crashCases) openBySMS(ctx context.Context) {
	for i := range c.bySMS {
		for ctx.Err() == nil && c.twilio.Deliver(ctx, c.public+"/twilio/sms", messageSID(i), telephone(i), alarms[i%len(alarms)]) != nil {
			c.pauseWith(ctx, 50*time.Millisecond)
		}
		c.pauseWith(ctx, rand.N(200*time.Millisecond))
	}
}

// actAsOfficers presses and answers like people on duty: every third case is taken, now and then by two at once; who has
// the words of a case answers them once.
func (c *crashCases) actAsOfficers(ctx context.Context) {
	seen, n := 0, 0
	for ctx.Err() == nil {
		for _, m := range c.telegram.Sent()[seen:] {
			seen++
			ref := caseRef(m.Text)
			switch {
			case ref == "":
			case m.Chat == dutyGroup && strings.Contains(m.Text, "Ca mới"):
				if n++; n%3 == 0 && c.once(ref) {
					c.press(officerChats[n%len(officerChats)], ref)
					if n%2 == 0 {
						c.press(officerChats[(n+1)%len(officerChats)], ref)
					}
				}
			case strings.Contains(m.Text, "lời người nhắn"):
				c.reply(m.Chat, m.ID, m.Text, ref)
			}
		}
		c.pauseWith(ctx, 50*time.Millisecond)
	}
}

var refForm = regexp.MustCompile(`[Cc]a (?:moi |mới )?([234679CDFGHJKMNPQRTWXYZ]{5})\b`)

func caseRef(text string) string {
	if m := refForm.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// once notes that a case is claimed; false: it was before.
func (c *crashCases) once(ref string) bool {
	c.mine.Lock()
	defer c.mine.Unlock()
	if c.pressed[ref] {
		return false
	}
	c.pressed[ref] = true
	return true
}

func (c *crashCases) press(officer int64, ref string) {
	c.telegram.Push(fmt.Sprintf(`{"callback_query":{"id":"%d%s","from":{"id":%d,"is_bot":false,"first_name":"Trực"},"chat_instance":"1",
		"data":"case:claim:%s","message":{"message_id":1,"date":1,"chat":{"id":%s,"type":"supergroup","title":"Trực"}}}}`, officer, ref, officer, ref, dutyGroup))
}

func (c *crashCases) reply(chat string, message int, quoted, ref string) {
	c.mine.Lock()
	defer c.mine.Unlock()
	if c.replied[ref] != "" {
		return
	}
	text := "Chào bạn, mình là người trực, ca " + ref
	c.replied[ref] = text
	c.telegram.Push(fmt.Sprintf(`{"message":{"message_id":1,"date":1,"text":%q,"from":{"id":%s,"is_bot":false,"first_name":"Trực"},
		"chat":{"id":%s,"type":"private"},"reply_to_message":{"message_id":%d,"date":1,"text":%s,"chat":{"id":%s,"type":"private"},
		"from":{"id":123456789,"is_bot":true,"first_name":"treem"}}}}`, text, chat, chat, message, asJSON(c.t, quoted), chat))
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return data
}

// toldCases is what each target heard of each case, by reference; the web hook also tells when.
type toldCases struct {
	group, phone, mail, primero map[string]bool
	opened, overdue             map[string]time.Time
	due                         map[string]time.Time
}

func (c *crashCases) told() toldCases {
	t := toldCases{group: map[string]bool{}, phone: map[string]bool{}, mail: map[string]bool{}, primero: map[string]bool{},
		opened: map[string]time.Time{}, overdue: map[string]time.Time{}, due: map[string]time.Time{}}
	for _, m := range c.telegram.Sent() {
		if m.Chat == dutyGroup && strings.Contains(m.Text, "Ca mới") {
			t.group[caseRef(m.Text)] = true
		}
	}
	for _, m := range c.twilio.Sent() {
		if m.To == dutyPhone && strings.Contains(m.Body, "ca moi") {
			t.phone[caseRef(m.Body)] = true
		}
	}
	for _, m := range c.mail.Sent() {
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Subject)
		if err != nil {
			c.t.Error(err)
		}
		t.mail[caseRef(subject)] = true
	}
	for _, one := range c.primero.Cases() {
		t.primero[fmt.Sprint(one["case_id_display"])] = true
	}
	for _, n := range c.hook.Sent() {
		ref := fmt.Sprint(n.Case["ref"])
		switch n.Type {
		case "case.opened":
			t.opened[ref] = when(c.t, n.Case["opened_at"])
			t.due[ref] = when(c.t, n.Case["ack_due"])
		case "case.overdue":
			t.overdue[ref] = when(c.t, timestamp.FindStringSubmatch(n.Body)[1])
		}
	}
	return t
}

var timestamp = regexp.MustCompile(`"timestamp":"([^"]+)"`)

func when(t *testing.T, v any) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v))
	if err != nil {
		t.Error(err)
	}
	return at
}

// waitUntilAllTold waits until every case was told everywhere, and every one that officers did not press was escalated.
func (c *crashCases) waitUntilAllTold(ctx context.Context) {
	all := c.byChat + c.bySMS
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		t := c.told()
		if len(t.opened) == all && len(t.group) == all && len(t.phone) == all && len(t.mail) == all && len(t.primero) == all && len(c.left(t)) == 0 && c.allAnswered() {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("of %d cases the web hook heard of %d, the group of %d, the telephone of %d, the mail of %d, Primero of %d; %d neither taken nor escalated, %d taken of which %d answered",
				all, len(t.opened), len(t.group), len(t.phone), len(t.mail), len(t.primero), len(c.left(t)), len(c.pressed), len(c.replied))
		}
	}
}

// allAnswered says whether officers answered every case they took.
func (c *crashCases) allAnswered() bool {
	c.mine.Lock()
	defer c.mine.Unlock()
	return len(c.replied) == len(c.pressed)
}

// left are the cases that officers did not press and that were not escalated.
func (c *crashCases) left(t toldCases) []string {
	c.mine.Lock()
	defer c.mine.Unlock()
	var left []string
	for ref := range t.opened {
		if !c.pressed[ref] && t.overdue[ref].IsZero() {
			left = append(left, ref)
		}
	}
	return left
}

// waitUntilQuiet waits until nothing is left to send.
func (c *crashCases) waitUntilQuiet(ctx context.Context) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for quiet := 0; quiet < 3; {
		if c.telegram.Pending() == 0 && c.idle(ctx) && c.metric(ctx, "treem_notices_waiting") == "0" {
			quiet++
		} else {
			quiet = 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("still waiting: %s replies, %s notices, %d updates", c.metric(context.WithoutCancel(ctx), "treem_waiting"),
				c.metric(context.WithoutCancel(ctx), "treem_notices_waiting"), c.telegram.Pending())
		}
	}
}

// lateness allows for the time the program is dead, for a busy machine and for the sweep.
const lateness = 45 * time.Second

func (c *crashCases) reportCases() {
	t := c.told()
	var worst time.Duration
	for ref, at := range t.overdue {
		worst = max(worst, at.Sub(t.due[ref]))
	}
	if worst > lateness {
		c.t.Errorf("a case was escalated %s after its time", worst)
	}
	claimed := 0
	for _, n := range c.hook.Sent() {
		if n.Type == "case.claimed" {
			claimed++
		}
	}
	if claimed != len(c.pressed) {
		c.t.Errorf("officers pressed for %d cases, %d were claimed", len(c.pressed), claimed)
	}
	reached := map[string]bool{}
	for _, m := range c.telegram.Sent() {
		if i := strings.Index(m.Text, "Chào bạn, mình là người trực"); i > 0 {
			reached[m.Text[strings.LastIndex(m.Text, " ")+1:]] = true
		}
	}
	for _, m := range c.twilio.Sent() {
		if i := strings.Index(m.Body, "Chao ban, minh la nguoi truc"); i > 0 {
			reached[m.Body[strings.LastIndex(m.Body, " ")+1:]] = true
		}
	}
	if len(c.replied) != len(c.pressed) || len(reached) != len(c.replied) {
		c.t.Errorf("%d cases claimed, officers answered %d, %d answers reached their person", len(c.pressed), len(c.replied), len(reached))
	}
	repeats, lost := c.repeats()
	c.t.Logf("%d kills; %d cases, each told at 5 targets; %d claimed and answered, %d escalated, the latest %s after its time; %d notices and replies repeated, %d were being sent when the program died, %d answers were lost on the way",
		c.kills, len(t.opened), len(c.pressed), len(t.overdue), worst.Round(time.Millisecond), repeats, c.uncertain+c.doubtful, lost)
	if repeats > c.uncertain+c.doubtful+lost {
		c.t.Errorf("%d repeats, but only %d sends were cut off by a crash and %d answers lost", repeats, c.uncertain+c.doubtful, lost)
	}
	for name, bad := range map[string][]string{"telegram": c.telegram.Rejected(), "twilio": c.twilio.Rejected(), "hook": c.hook.Rejected(),
		"mail": c.mail.Rejected(), "primero": c.primero.Rejected()} {
		if len(bad) > 0 {
			c.t.Errorf("malformed calls to %s: %v", name, bad)
		}
	}
}

// repeats counts the messages that reached one place more than once, and the sends whose answer was lost on purpose.
func (c *crashCases) repeats() (repeats, lost int) {
	times := map[string]int{}
	for _, m := range c.telegram.Sent() {
		times["telegram"+m.Chat+m.Text]++
		if m.Lost {
			lost++
		}
	}
	for _, m := range c.twilio.Sent() {
		times["sms"+m.To+m.Body]++
	}
	for _, m := range c.mail.Sent() {
		times["mail"+m.ID]++
	}
	for _, n := range times {
		repeats += n - 1
	}
	return repeats + c.hook.Repeats(), lost
}
