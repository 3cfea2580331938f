package bot_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/channels"
	"treem/channels/channelstest/hookserver"
	"treem/channels/channelstest/standin"
	"treem/channels/hotline"
	"treem/kb/content"
)

// The places of the duty desk: a group and two officers' private chats.
const (
	group  = "-1001"
	officA = "501"
	officB = "502"
	person = "77"
)

// desk is a bench whose cases are told to a duty group on Telegram and to a web hook.
type desk struct {
	*bench
	hook *hookserver.Server
	read map[string]bool // chat messages looked at
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{bench: newBench(t), hook: hookserver.Start(t), read: map[string]bool{}}
	hook, err := hotline.NewWebHook(d.hook.URL(), hookserver.Secret, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	chat := hotline.NewChat(d.Channels["telegram"], group)
	d.Desk.Targets = map[string]bot.Target{"telegram": chat, "webhook": hook}
	d.Desk.Group = chat.Address("")
	d.Desk.Duty = handover.Always{Targets: []string{"telegram", "webhook"}, Chat: "telegram"}
	d.Responder.Duty = d.Desk.TellPerson
	return d
}

// in stores one inbound message.
func (d *desk) in(in channels.Inbound) {
	d.t.Helper()
	d.next++
	in.ProviderID = fmt.Sprint(d.next)
	in.From.Channel = "telegram"
	in.Group = strings.HasPrefix(in.From.ID, "-")
	if err := d.Accept(d.t.Context(), in); err != nil {
		d.t.Fatal(err)
	}
}

// says stores what somebody writes in a private chat and does all there is to do.
func (d *desk) says(chat, text string) {
	d.t.Helper()
	d.in(channels.Inbound{From: channels.Address{ID: chat}, Kind: channels.KindText, Text: text})
	d.settle()
}

// press stores a pressed button; the author counts in groups.
func (d *desk) press(chat, author, payload string) {
	d.t.Helper()
	d.in(channels.Inbound{From: channels.Address{ID: chat}, Author: author, Kind: channels.KindChoice, Payload: payload})
	d.settle()
}

// answers stores what an officer writes under the last notice in a chat.
func (d *desk) answers(chat, author, text string) {
	d.t.Helper()
	id := ""
	for _, m := range d.api.Sent() {
		if m.Chat == chat && strings.Contains(m.Text, "Ca ") {
			id = strconv.Itoa(m.ID)
		}
	}
	d.in(channels.Inbound{From: channels.Address{ID: chat}, Author: author, Kind: channels.KindText, Text: text, ReplyTo: id})
	d.settle()
}

// settle does all there is to do now, as the queue would.
func (d *desk) settle() {
	d.t.Helper()
	for range 50 {
		s, err := d.store.Stalled(d.t.Context(), 0, d.Desk.Longest(), d.clock())
		if err != nil {
			d.t.Fatal(err)
		}
		if len(s.Handle)+len(s.Deliver)+len(s.Targets)+len(s.Cases) == 0 {
			return
		}
		for _, c := range s.Cases {
			d.check(d.Escalate(d.t.Context(), c))
		}
		for _, c := range s.Handle {
			d.check(d.Handle(d.t.Context(), c))
		}
		for _, c := range s.Deliver {
			d.check(d.Deliver(d.t.Context(), c))
		}
		for _, t := range s.Targets {
			d.check(d.Notify(d.t.Context(), t))
		}
	}
	d.t.Fatal("there is always more to do")
}

func (d *desk) check(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// got is what a chat received since the last call for it, joined.
func (d *desk) got(chat string) string {
	var all []string
	for i, m := range d.api.Sent() {
		key := fmt.Sprint(chat, "#", i)
		if m.Chat == chat && !d.read[key] {
			all = append(all, m.Text)
			d.read[key] = true
		}
	}
	return strings.Join(all, "\n---\n")
}

func (d *desk) expect(chat string, wants ...string) {
	d.t.Helper()
	got := d.got(chat)
	for _, want := range wants {
		if words, not := strings.CutPrefix(want, "!"); not == strings.Contains(got, words) {
			d.t.Errorf("chat %s: %q does not hold for:\n%s", chat, want, got)
		}
	}
	if len(wants) == 0 && got != "" {
		d.t.Errorf("chat %s got, though it should get nothing:\n%s", chat, got)
	}
}

// kinds are the notices the web hook took, in order.
func (d *desk) kinds() string {
	var all []string
	for _, n := range d.hook.Sent() {
		all = append(all, strings.TrimPrefix(n.Type, "case."))
	}
	return strings.Join(all, " ")
}

const emergency = "cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên"

func TestCaseFromAlarmToClosing(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	c := d.onlyCase()
	d.expect(person, "114", "Không trả lời cũng không sao")
	d.expect(group, "Ca mới "+c.Ref, "khẩn cấp", "đuối nước", "!rơi xuống ao")
	buttons := d.api.Sent()[len(d.api.Sent())-1].Buttons
	if len(buttons) == 0 || buttons[0][0].Data != "case:claim:"+c.Ref {
		t.Errorf("buttons %+v", buttons)
	}

	d.press(group, officA, "case:claim:"+c.Ref)
	d.expect(group, "đã có người nhận", "!rơi xuống ao", "!"+officA)
	d.expect(officA, "rơi xuống ao", "Trả lời (reply)")
	d.expect(person, "cán bộ trực đã nhận")
	if c = d.onlyCase(); c.Status != handover.Claimed || !c.Held || c.AckDue.Sub(d.clock()) != 12*time.Minute {
		t.Errorf("after the claim: %+v", c)
	}

	d.says(person, "trẻ em có những quyền gì")
	d.expect(person)
	d.expect(officA, "trẻ em có những quyền gì")
	d.expect(group)

	d.answers(officA, "", "Chị đang ở đâu ạ?")
	d.expect(person, "Cán bộ trực: Chị đang ở đâu ạ?")
	d.expect(officA, "đã chuyển lời")
	d.answers(officA, "", "Ghi chú: đã gọi 114 giúp")
	d.expect(person)
	d.expect(officA, "đã ghi chú")

	d.press(officA, "", "case:close:"+c.Ref)
	d.expect(officA, "với kết quả nào")
	if d.onlyCase().Status != handover.Claimed {
		t.Error("closed without an outcome")
	}
	d.press(officA, "", "case:close:"+c.Ref+":helped")
	d.expect(person, "đã khép việc này", "111")
	d.expect(group, "đã đóng", "đã hỗ trợ")

	d.says(person, "trẻ em là người bao nhiêu tuổi")
	d.expect(person, "16 tuổi", "!hệ thống trả lời tự động")
	d.expect(officA, "!16 tuổi")
	if got := d.kinds(); got != "opened claimed closed" {
		t.Errorf("the web hook was told %q", got)
	}
	var history []string
	for _, e := range d.onlyCase().Events {
		history = append(history, string(e.Action))
	}
	if got := strings.Join(history, " "); got != "open claim relay reply note close" {
		t.Errorf("history %q", got)
	}
}

func TestOfTwoOfficersOneGetsTheCase(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	c := d.onlyCase()
	var both sync.WaitGroup
	errs := make([]error, 2)
	for i, officer := range []string{officA, officB} {
		both.Go(func() {
			errs[i] = d.Act(context.WithoutCancel(t.Context()), c.ID, handover.Act{ID: officer, Do: handover.ActClaim, Officer: "telegram:" + officer})
		})
	}
	both.Wait()
	won := d.onlyCase().Owner
	for i, officer := range []string{officA, officB} {
		if refused := errs[i] != nil; refused == (won == "telegram:"+officer) {
			t.Errorf("%s: %v, but the case is %s's", officer, errs[i], won)
		}
	}
	loser := officA
	if won == "telegram:"+officA {
		loser = officB
	}
	d.settle()
	d.got(group)
	d.press(group, loser, "case:claim:"+c.Ref)
	d.expect(group, "đã có", "giữ")
	if got := d.onlyCase(); got.Owner != won || len(got.Events) != 2 {
		t.Errorf("now it is %s's, with %d events", got.Owner, len(got.Events))
	}
}

// TestNobodyElseActs forges what officers do, from other chats and in other words.
func TestNobodyElseActs(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	c := d.onlyCase()
	d.press("99", "", "case:claim:"+c.Ref)
	d.press("-2002", officA, "case:claim:"+c.Ref)
	d.press(person, "", "case:close:"+c.Ref+":helped")
	d.says("99", "NHAN "+c.Ref)
	d.press(officB, "", "case:read:"+c.Ref)
	if got := d.onlyCase(); got.Status != handover.Open || got.Owner != "" || len(got.Events) != 1 {
		t.Errorf("somebody acted: %+v", got)
	}
	d.press(group, officA, "case:claim:"+c.Ref)
	d.got(officB)
	d.press(officB, "", "case:read:"+c.Ref)
	d.answers(group, officB, "em ơi")
	d.expect(officB, "!rơi xuống ao")
	d.expect(person, "!em ơi")
	if got := d.onlyCase(); got.Owner != "telegram:"+officA || len(got.Events) != 2 {
		t.Errorf("another officer acted on it: %+v", got)
	}
}

func TestOfficersWriteInsteadOfPressing(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	ref := d.onlyCase().Ref
	for _, step := range []struct {
		text, says string
		status     handover.Status
	}{
		{"@treem_test_bot nhận " + ref, "đã nhận", handover.Claimed},
		{"GHI CHU " + strings.ToLower(ref) + " đã gọi mẹ bé", "đã ghi chú", handover.Claimed},
		{"đã gọi " + ref + " bé đang ở nhà bà", "nói chuyện", handover.Claimed},
		{"tra loi " + ref + " Chào chị", "đã chuyển lời", handover.Claimed},
		{"leo thang " + ref, "bậc trên", handover.Open},
		{"chuyển " + ref + " 111", "Tổng đài 111", handover.Referred},
		{"dong " + ref + " bored", "Chưa đủ", handover.Referred},
		{"dong " + ref + " referred", "đã đóng", handover.Closed},
		{"nhan " + ref, "đã đóng", handover.Closed},
		{"nhan 23467", "Không có ca nào", handover.Closed},
		{"ba đánh con đau quá cứu con", "nhóm trực", handover.Closed}, // officers' talk opens no case
	} {
		d.got(group)
		d.in(channels.Inbound{From: channels.Address{ID: group}, Author: officA, Kind: channels.KindText, Text: step.text})
		d.settle()
		if got := d.got(group); !strings.Contains(got, step.says) {
			t.Errorf("%q was answered:\n%s", step.text, got)
		}
		if got := d.onlyCase(); got.Status != step.status {
			t.Errorf("after %q the case is %s, want %s", step.text, got.Status, step.status)
		}
	}
	d.expect(person, "Cán bộ trực: Chào chị", "tạm rời", "Tổng đài 111", "!đã gọi mẹ bé", "!nhà bà")
}

func TestTalkUnderANoticeReachesNobody(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	d.got(person)
	d.answers(group, officA, "ai rảnh nhận ca này đi")
	d.expect(person)
	d.expect(group, "chưa có người giữ")
}

// TestOfficerWhoNeverStartedTheBot: the words may not be sent to them, and must not go to the group.
func TestOfficerWhoNeverStartedTheBot(t *testing.T) {
	d := newDesk(t)
	d.api.Block(501)
	d.says(person, emergency)
	ref := d.onlyCase().Ref
	d.press(group, officA, "case:claim:"+ref)
	d.expect(group, "mở cuộc trò chuyện riêng", "!rơi xuống ao")
	d.api.Unblock(501)
	d.press(officA, "", "case:read:"+ref)
	d.expect(officA, "rơi xuống ao")
	events := d.onlyCase().Events
	if last := events[len(events)-1]; last.Action != handover.ActRead || last.Actor != "telegram:"+officA {
		t.Errorf("the reading is recorded as %+v", last)
	}
}

func TestPersonBlocksTheBot(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	ref := d.onlyCase().Ref
	d.press(group, officA, "case:claim:"+ref)
	d.api.Block(77)
	d.got(officA)
	d.answers(officA, "", "Chị đang ở đâu ạ?")
	d.expect(officA, "không gửi được cho người nhắn")
	d.answers(officA, "", "Chị ơi?")
	d.expect(officA, "!không gửi được")
	d.api.Unblock(77)
	d.says(person, "tôi đây")
	d.expect(officA, "tôi đây")
	if d.onlyCase().Blocked {
		t.Error("still taken to be unreachable")
	}
}

// TestNobodyTakesTheCase lets time pass: the next tier, everybody, then again and again, with a standing alarm.
func TestNobodyTakesTheCase(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	for _, step := range []struct {
		after   time.Duration
		kinds   string
		unheard int
	}{
		{3*time.Minute - time.Second, "opened", 0},
		{time.Second, "opened overdue", 0},
		{15 * time.Minute, "opened overdue standing", 1},
		{48 * time.Hour, "opened overdue standing standing", 1}, // the clock jumped ahead: one step, not hundreds
		{15 * time.Minute, "opened overdue standing standing standing", 1},
	} {
		d.wait(step.after)
		d.settle()
		alarm, err := d.store.Alarm(t.Context(), 5*time.Minute, d.clock())
		if err != nil || alarm.Unheard != step.unheard || alarm.Overdue != 0 {
			t.Errorf("after %s: alarm %+v, %v", step.after, alarm, err)
		}
		if got := d.kinds(); got != step.kinds {
			t.Errorf("after %s the web hook was told %q, want %q", step.after, got, step.kinds)
		}
	}
	d.press(group, officA, "case:claim:"+d.onlyCase().Ref)
	if alarm, err := d.store.Alarm(t.Context(), 5*time.Minute, d.clock()); err != nil || !alarm.Well() {
		t.Errorf("after it was taken: alarm %+v, %v", alarm, err)
	}
}

func TestClockPutBackDoesNotDelayACase(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	d.wait(-5 * time.Hour)
	d.settle()
	d.wait(3 * time.Minute)
	d.settle()
	if got := d.kinds(); got != "opened overdue" {
		t.Errorf("three minutes after the clock was put back the web hook was told %q", got)
	}
}

// TestTargetsDownForDays: notices wait, the alarm stands, the group hears of the case meanwhile, and in the end each
// target has each thing once.
func TestTargetsDownForDays(t *testing.T) {
	d := newDesk(t)
	d.hook.SetSchedule(&standin.Schedule{Rates: map[standin.Kind]float64{standin.ServerError: .5, standin.Unauthorized: .5}})
	d.says(person, emergency)
	d.expect(group, "Ca mới")
	for range 8 {
		d.wait(24 * time.Hour)
		d.settle()
	}
	alarm, err := d.store.Alarm(t.Context(), 5*time.Minute, d.clock())
	if err != nil || len(alarm.Failing) != 1 || alarm.Failing[0].Target != "webhook" || alarm.Unheard != 1 {
		t.Errorf("alarm %+v, %v", alarm, err)
	}
	if n := d.hook.Calls(hookserver.Call); n < 8 {
		t.Errorf("tried %d times in eight days", n)
	}
	d.hook.SetSchedule(nil)
	d.wait(10 * time.Minute)
	d.settle()
	if got := d.kinds(); got != "opened standing" {
		t.Errorf("back again, the web hook was told %q", got)
	}
	if alarm, err := d.store.Alarm(t.Context(), 5*time.Minute, d.clock()); err != nil || len(alarm.Failing) != 0 {
		t.Errorf("alarm %+v, %v", alarm, err)
	}
	if bad := d.hook.Rejected(); len(bad) > 0 {
		t.Errorf("malformed: %v", bad)
	}
}

// TestAnswerOfTargetLost: the target took the notice but its answer did not come. It may hear twice, never not at all.
func TestAnswerOfTargetLost(t *testing.T) {
	d := newDesk(t)
	d.hook.Fail(hookserver.Call, standin.Failure{Kind: standin.DropAfter}, standin.Failure{Kind: standin.DropBefore})
	d.says(person, emergency)
	for range 3 {
		d.wait(30 * time.Second)
		d.settle()
	}
	if got := d.kinds(); got != "opened" || d.hook.Repeats() != 1 {
		t.Errorf("told %q, %d repeats", got, d.hook.Repeats())
	}
}

// TestOfficerLeaves: who took a case does nothing with it. It is told to all again, and the bot speaks with its person.
func TestOfficerLeaves(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	d.press(group, officA, "case:claim:"+d.onlyCase().Ref)
	d.expect(person, "cán bộ trực đã nhận")
	d.wait(12 * time.Minute)
	d.settle()
	if c := d.onlyCase(); c.Status != handover.Open || c.Owner != "" || c.Held {
		t.Errorf("after twelve idle minutes: %+v", c)
	}
	d.expect(person, "hệ thống tự động trả lời")
	d.expect(group, "quá hạn")
	d.says(person, "trẻ em có những quyền gì")
	d.expect(person, "quyền")
}

// TestTargetSilentForADay: it takes every notice's connection and never answers. It is told when it speaks again.
func TestTargetSilentForADay(t *testing.T) {
	d := newDesk(t)
	silent := make([]standin.Failure, 12)
	for i := range silent {
		silent[i].Kind = standin.DropBefore
	}
	d.hook.Fail(hookserver.Call, silent...)
	d.says(person, emergency)
	d.press(group, officA, "case:claim:"+d.onlyCase().Ref)
	d.answers(officA, "", "chị đây") // or it would be escalated, and told, again and again
	for range 100 {
		d.wait(time.Hour)
		d.settle()
	}
	if got := d.kinds(); !strings.Contains(got, "opened") {
		t.Errorf("told %q", got)
	}
}

// TestQueueStopped: no job runs at all. The sweep does everything by itself.
func TestQueueStopped(t *testing.T) {
	d := newDesk(t)
	d.in(channels.Inbound{From: channels.Address{ID: person}, Kind: channels.KindText, Text: emergency})
	sweep := func() {
		t.Helper()
		if err := d.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	d.expect(person)
	for range 3 { // what it finds causes more
		d.wait(2 * time.Minute)
		sweep()
	}
	d.expect(person, "114")
	d.expect(group, "Ca mới")
	d.wait(5 * time.Minute)
	sweep()
	d.wait(2 * time.Minute)
	sweep()
	if got := d.kinds(); got != "opened overdue" {
		t.Errorf("told %q", got)
	}
}

// TestNoTargetAtAll: the case is kept, becomes overdue, and stands as an alarm.
func TestNoTargetAtAll(t *testing.T) {
	d := newDesk(t)
	d.Desk.Targets, d.Desk.Duty = nil, handover.Always{}
	d.says(person, emergency)
	d.expect(person, "114", "!cán bộ trực nhắn lại")
	for range 3 {
		d.wait(15 * time.Minute)
		d.settle()
	}
	if alarm, err := d.store.Alarm(t.Context(), time.Minute, d.clock()); err != nil || alarm.Unheard != 1 {
		t.Errorf("alarm %+v, %v", alarm, err)
	}
}

func TestErasingKeepsTheCaseAndTheOfficer(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	ref := d.onlyCase().Ref
	d.press(group, officA, "case:claim:"+ref)
	d.says(person, "XOA")
	d.got(officA)
	d.got(person)
	d.press(officA, "", "case:read:"+ref)
	d.expect(officA, "!rơi xuống ao")
	d.answers(officA, "", "Chị đang ở đâu ạ?")
	d.expect(person, "Cán bộ trực: Chị đang ở đâu ạ?")
	d.says(person, "dạ chị")
	d.expect(person)
	d.expect(officA, "dạ chị")
}

func TestAnswersAboutSafetyReachTheDesk(t *testing.T) {
	d := newDesk(t)
	d.says(person, "ba con hay đánh con, con sợ lắm")
	d.got(group)
	d.press(person, "", "case:contact=here")
	d.press(person, "", "case:safe=no")
	c := d.onlyCase()
	if c.Consent.MayContact != handover.Yes || c.Consent.SafeNow != handover.No || c.Machine.Level.Rank() != 2 || c.Consent.Notice == "" {
		t.Errorf("case %+v, consent %+v", c, c.Consent)
	}
	d.expect(group, "không an toàn", "Liên lạc lại: có")
}

// TestOfficerTriesTheService: the person and the officer are one, as when somebody looks how it works.
func TestOfficerTriesTheService(t *testing.T) {
	d := newDesk(t)
	d.says(officA, emergency)
	d.press(group, officA, "case:claim:"+d.onlyCase().Ref)
	d.answers(officA, "", "thử trả lời")
	d.expect(officA, "114", "Cán bộ trực: thử trả lời")
}

func TestDeskTextsFit(t *testing.T) {
	text, err := bot.ReadDeskText(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range text.Notices {
		longest := strings.NewReplacer("{ref}", "K7F3Q", "{level}", "can can thiep", "{due}", "22:30 25/11", "{tier}", "3").Replace(n.Short)
		if len(longest) > 160 || strings.ContainsFunc(longest, func(r rune) bool { return r > 126 }) {
			t.Errorf("desk.yaml: notices.%s.short has %d characters or marks: %q", name, len(longest), longest)
		}
	}
	for _, category := range triageCategories(t) {
		if _, ok := text.Categories[category]; !ok {
			t.Errorf("desk.yaml: category %s has no name", category)
		}
	}
}

// triageCategories are those with advice in handover.yaml.
func triageCategories(t *testing.T) []string {
	t.Helper()
	data, err := content.FS.ReadFile("handover.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, line := range strings.Split(string(data), "\n") {
		if name, ok := strings.CutSuffix(line, ":"); ok && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "#") {
			all = append(all, name)
		}
	}
	if len(all) < 20 {
		t.Fatalf("%d categories", len(all))
	}
	return all
}
