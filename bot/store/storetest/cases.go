package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/hotline"
)

// refs are references of cases, by id.
func ref(id string) string { return strings.ToUpper(strings.ReplaceAll(id, "case-", "CASE")) }

// opening is the update that opens a case of that id.
func opening(m bot.Message, c bot.Conversation, id string) *bot.CaseUpdate {
	return &bot.CaseUpdate{
		Case: handover.Case{ID: id, Ref: ref(id), Conversation: c.ID, Channel: m.In.From.Channel, Status: handover.Open, Version: 1,
			Machine:  handover.Assessment{Level: triage.Urgent, Category: "bullying", Subject: triage.Self, Reasons: []string{"harm"}, Rules: "r1", At: start},
			OpenedAt: start, UpdatedAt: start, AckDue: start.Add(30 * time.Minute)},
		Events: []handover.Event{{Action: handover.ActionOpen, Actor: handover.Person, Message: m.ID, Reasons: []string{"harm"}, At: start}},
		Due:    true, At: start,
	}
}

// opened stores a case that person "an" opens.
func opened(t *testing.T, s Subject, id string, notices ...bot.Notice) handover.Case {
	t.Helper()
	m, c := accept(t, s, "open "+id, "an", "cứu")
	tn := turn(m, c)
	tn.Case = opening(m, c, id)
	for i := range notices {
		notices[i].Notice.Case.ID = id
	}
	tn.Case.Notices = notices
	must(t, s.Store.SaveTurn(t.Context(), tn))
	return readCase(t, s, id)
}

func readCase(t *testing.T, s Subject, id string) handover.Case {
	t.Helper()
	c, err := s.Store.Case(t.Context(), id)
	must(t, err)
	return c
}

// change stores a changed case with one more event.
func change(t *testing.T, s Subject, id string, f func(c *handover.Case), notices ...bot.Notice) {
	t.Helper()
	must(t, s.Store.SaveCase(t.Context(), changed(readCase(t, s, id), f, notices...)))
}

func changed(c handover.Case, f func(c *handover.Case), notices ...bot.Notice) bot.CaseUpdate {
	f(&c)
	c.Version++
	return bot.CaseUpdate{Case: c, Notices: notices, At: start,
		Events: []handover.Event{{Action: handover.ActNote, Actor: "lan", Detail: "ghi chú", At: start}}}
}

func notice(id, target, to string) bot.Notice {
	return bot.Notice{Target: target, Notice: hotline.Notice{ID: id, Kind: hotline.Opened, To: to, Title: "Ca " + id, Case: hotline.Case{ID: "case-1"}, At: start}}
}

func claimNotice(t *testing.T, s Subject, target string, at time.Time) bot.Notice {
	t.Helper()
	n, err := s.Store.ClaimNotice(t.Context(), target, at, time.Minute)
	must(t, err)
	return n
}

func noNotice(t *testing.T, s Subject, target string, at time.Time) {
	t.Helper()
	_, err := s.Store.ClaimNotice(t.Context(), target, at, time.Minute)
	wantCode(t, err, bot.NotFound)
}

func told(t *testing.T, s Subject, n bot.Notice, providerID string) {
	t.Helper()
	must(t, s.Store.SaveNotice(t.Context(), n, bot.Outcome{Delivery: channels.DeliverySent, ProviderID: providerID}, nil, start))
}

func caseHistory(t *testing.T, s Subject) {
	first := opened(t, s, "case-1")
	want := opening(bot.Message{ID: first.Events[0].Message, In: inbound("", "", "")}, bot.Conversation{ID: first.Conversation}, "case-1")
	want.Case.Events = want.Events
	if !reflect.DeepEqual(first, want.Case) {
		t.Errorf("read back %+v\nwant      %+v", first, want.Case)
	}
	change(t, s, "case-1", func(c *handover.Case) {
		c.Owner, c.Status, c.Human, c.Consent.Commune = "lan", handover.Claimed, &handover.Assessment{Level: triage.None, By: "lan"}, "21853"
		c.AckDue = time.Time{}
	})
	got := readCase(t, s, "case-1")
	if got.Version != 2 || got.Owner != "lan" || got.Status != handover.Claimed || got.Human.By != "lan" || got.Consent.Commune != "21853" || !got.AckDue.IsZero() {
		t.Errorf("changed to %+v", got)
	}
	if len(got.Events) != 2 || got.Events[1].Actor != "lan" || got.Events[1].Detail != "ghi chú" || !reflect.DeepEqual(got.Events[0], first.Events[0]) {
		t.Errorf("history %+v", got.Events)
	}
	byRef, err := s.Store.CaseByRef(t.Context(), strings.ToLower(first.Ref))
	must(t, err)
	if byRef.ID != "case-1" {
		t.Errorf("the reference leads to %q", byRef.ID)
	}
	_, err = s.Store.CaseByRef(t.Context(), "XXXXX")
	wantCode(t, err, bot.NotFound)
	list, err := s.Store.Cases(t.Context(), true, 10)
	must(t, err)
	if len(list) != 1 || list[0].Ref != first.Ref || list[0].Level != triage.None {
		t.Errorf("list %+v", list)
	}
}

// caseUnderOldVersion: of two officers who claim at once one gets the case.
func caseUnderOldVersion(t *testing.T, s Subject) {
	c := opened(t, s, "case-1")
	must(t, s.Store.SaveCase(t.Context(), changed(c, func(c *handover.Case) { c.Owner = "lan" })))
	wantCode(t, s.Store.SaveCase(t.Context(), changed(c, func(c *handover.Case) { c.Owner = "hai" })), bot.Conflict)
	if got := readCase(t, s, "case-1"); got.Owner != "lan" || len(got.Events) != 2 {
		t.Errorf("the case is %q's with %d events", got.Owner, len(got.Events))
	}
}

func caseReferenceIsUnique(t *testing.T, s Subject) {
	opened(t, s, "case-1")
	m, c := accept(t, s, "2", "binh", "cứu")
	tn := turn(m, c, "Gọi 111")
	tn.Case = opening(m, c, "case-2")
	tn.Case.Case.Ref = ref("case-1")
	wantCode(t, s.Store.SaveTurn(t.Context(), tn), bot.Conflict)
	tn.Case.Case.Ref = ref("case-2")
	must(t, s.Store.SaveTurn(t.Context(), tn))
}

func actIsStoredOnce(t *testing.T, s Subject) {
	c := opened(t, s, "case-1")
	u := changed(c, func(c *handover.Case) { c.Owner = "lan" }, notice("n1", "mail", ""))
	u.ActID = "telegram:u7"
	must(t, s.Store.SaveCase(t.Context(), u))
	must(t, s.Store.SaveCase(t.Context(), u))
	if got := readCase(t, s, "case-1"); got.Version != 2 || len(got.Events) != 2 {
		t.Errorf("version %d, %d events", got.Version, len(got.Events))
	}
	claimNotice(t, s, "mail", start)
	noNotice(t, s, "mail", start)
}

func actReachesThePerson(t *testing.T, s Subject) {
	c := opened(t, s, "case-1")
	person, address, err := s.Store.Conversation(t.Context(), c.Conversation)
	must(t, err)
	if address.ID != "an" || person.Version != 1 {
		t.Fatalf("the person is %q, version %d", address.ID, person.Version)
	}
	u := changed(c, func(c *handover.Case) { c.Held = true })
	person.State.Case.Held = true
	u.Person, u.Say = &person, []channels.Outbound{{ID: "o1", To: address, Text: "chào em", Urgent: true}}
	must(t, s.Store.SaveCase(t.Context(), u))
	if r := claim(t, s, c.Conversation, start); r.Out.Text != "chào em" || r.Out.To.ID != "an" {
		t.Errorf("the person gets %+v", r.Out)
	}
	m, now := accept(t, s, "2", "an", "dạ")
	if !now.State.Case.Held {
		t.Error("the bot is not silent")
	}
	// The person's turn was worked out before the officer acted once more: it is worked out again.
	again := changed(readCase(t, s, "case-1"), func(c *handover.Case) { c.Held = false })
	person.Version, person.State.Case.Held = now.Version, false
	again.Person = &person
	must(t, s.Store.SaveCase(t.Context(), again))
	wantCode(t, s.Store.SaveTurn(t.Context(), turn(m, now)), bot.Conflict)
	// And the other way round.
	late := changed(readCase(t, s, "case-1"), func(c *handover.Case) { c.Held = true })
	late.Person = &person
	wantCode(t, s.Store.SaveCase(t.Context(), late), bot.Conflict)
	if readCase(t, s, "case-1").Held {
		t.Error("half of a refused act was stored")
	}
	_, _, err = s.Store.Conversation(t.Context(), 999)
	wantCode(t, err, bot.NotFound)
}

func caseIsAllOrNothing(t *testing.T, s Subject) {
	c := opened(t, s, "case-1")
	s.Fail(errors.New("queue is down"))
	u := changed(c, func(c *handover.Case) { c.Owner = "lan" }, notice("n1", "mail", ""))
	if err := s.Store.SaveCase(t.Context(), u); err == nil {
		t.Fatal("stored without a job")
	}
	s.Fail(nil)
	if got := readCase(t, s, "case-1"); got.Version != 1 || len(got.Events) != 1 {
		t.Errorf("half stored: %+v", got)
	}
	noNotice(t, s, "mail", start)
	must(t, s.Store.SaveCase(t.Context(), u))
	claimNotice(t, s, "mail", start)
}

func deadlineHasAJob(t *testing.T, s Subject) {
	c := opened(t, s, "case-1")
	jobs := s.Jobs()
	if last := jobs[len(jobs)-1]; last.Kind != bot.JobEscalate || last.Case != "case-1" || !last.RunAt.Equal(c.AckDue) {
		t.Errorf("last job %+v, want one to escalate at %s", last, c.AckDue)
	}
	change(t, s, "case-1", func(*handover.Case) {}) // the deadline stays: no further job
	if n := len(s.Jobs()); n != len(jobs) {
		t.Errorf("%d jobs more", n-len(jobs))
	}
}

func noticesAreClaimedInOrder(t *testing.T, s Subject) {
	opened(t, s, "case-1", notice("a1", "mail", ""), notice("a2", "mail", ""), notice("a3", "mail", "lan@x"), notice("w", "webhook", ""))
	urgent := notice("b1", "mail", "")
	urgent.Urgent = true
	opened(t, s, "case-2", urgent)
	want := func(id string) bot.Notice {
		t.Helper()
		n := claimNotice(t, s, "mail", start)
		if n.Notice.ID != id || n.Target != "mail" {
			t.Fatalf("claimed %s, want %s", n.Notice.ID, id)
		}
		return n
	}
	want("b1") // the emergency
	first := want("a1")
	want("a3") // to another address; a2 waits for a1
	noNotice(t, s, "mail", start)
	told(t, s, first, "m1")
	want("a2")
	if n := claimNotice(t, s, "webhook", start); n.Notice.ID != "w" {
		t.Errorf("the other target got %s", n.Notice.ID)
	}
}

func noticeLeaseEnds(t *testing.T, s Subject) {
	opened(t, s, "case-1", notice("a1", "mail", ""))
	first := claimNotice(t, s, "mail", start)
	noNotice(t, s, "mail", start.Add(59*time.Second))
	again := claimNotice(t, s, "mail", start.Add(time.Minute))
	if again.ID != first.ID || again.Notice.ID != "a1" || !again.Uncertain || again.Tries != 1 || !again.CreatedAt.Equal(start) {
		t.Errorf("claimed again as %+v", again)
	}
}

func noticeRetryWaits(t *testing.T, s Subject) {
	opened(t, s, "case-1", notice("a1", "mail", ""), notice("a2", "mail", ""))
	n := claimNotice(t, s, "mail", start)
	due := start.Add(time.Hour)
	must(t, s.Store.SaveNotice(t.Context(), n, bot.Outcome{Delivery: channels.DeliveryQueued, RetryAt: due, Code: "421"}, nil, start))
	jobs := s.Jobs()
	if last := jobs[len(jobs)-1]; last.Kind != bot.JobNotify || last.Target != "mail" || !last.RunAt.Equal(due) {
		t.Errorf("last job %+v, want one to notify at %s", last, due)
	}
	noNotice(t, s, "mail", due.Add(-time.Second))
	if again := claimNotice(t, s, "mail", due); again.Notice.ID != "a1" {
		t.Errorf("%s overtook the one that waits", again.Notice.ID)
	}
}

// remindersDoNotPileUp: a target that was away for days gets the latest reminder, and none of a case that is taken.
func remindersDoNotPileUp(t *testing.T, s Subject) {
	opened(t, s, "case-1", notice("a1", "mail", ""))
	told(t, s, claimNotice(t, s, "mail", start), "")
	remind := func(id string, kind hotline.Kind) bot.Notice {
		n := notice(id, "mail", "")
		n.Notice.Kind = kind
		return n
	}
	for i := range 5 {
		change(t, s, "case-1", func(*handover.Case) {}, remind(fmt.Sprint("s", i), hotline.Standing))
	}
	n := claimNotice(t, s, "mail", start)
	if n.Notice.ID != "s4" {
		t.Errorf("claimed %s, want the latest", n.Notice.ID)
	}
	told(t, s, n, "")
	noNotice(t, s, "mail", start)
	change(t, s, "case-1", func(*handover.Case) {}, remind("s5", hotline.Overdue))
	change(t, s, "case-1", func(c *handover.Case) { c.Status = handover.Claimed })
	noNotice(t, s, "mail", start)
}

func noticeTellsItsCase(t *testing.T, s Subject) {
	opened(t, s, "case-1", notice("a1", "telegram", ""))
	opened(t, s, "case-2", notice("b1", "telegram", ""))
	told(t, s, claimNotice(t, s, "telegram", start), "-100/5")
	told(t, s, claimNotice(t, s, "telegram", start), "-100/6")
	c, err := s.Store.CaseByNotice(t.Context(), "telegram", "-100/6")
	must(t, err)
	if c.ID != "case-2" {
		t.Errorf("the answer goes to %s", c.ID)
	}
	for _, other := range [][2]string{{"telegram", "55/6"}, {"mail", "-100/6"}, {"telegram", ""}} {
		_, err := s.Store.CaseByNotice(t.Context(), other[0], other[1])
		wantCode(t, err, bot.NotFound)
	}
}

// noticeCausesNotices: an officer's own chat refused what the person wrote, so the group is told, in the same transaction.
func noticeCausesNotices(t *testing.T, s Subject) {
	opened(t, s, "case-1", notice("a1", "telegram", "55"))
	n := claimNotice(t, s, "telegram", start)
	o := bot.Outcome{Delivery: channels.DeliveryFailed, Code: "403"}
	s.Fail(errors.New("queue is down"))
	if err := s.Store.SaveNotice(t.Context(), n, o, []bot.Notice{notice("a2", "telegram", "")}, start); err == nil {
		t.Fatal("stored without a job")
	}
	s.Fail(nil)
	must(t, s.Store.SaveNotice(t.Context(), n, o, []bot.Notice{notice("a2", "telegram", "")}, start))
	if next := claimNotice(t, s, "telegram", start.Add(time.Hour)); next.Notice.ID != "a2" {
		t.Errorf("claimed %s", next.Notice.ID)
	}
}

func recoverFindsCases(t *testing.T, s Subject) {
	c := opened(t, s, "case-1", notice("a1", "mail", ""), notice("a2", "mail", ""), notice("w1", "webhook", ""))
	claimNotice(t, s, "mail", start)
	before := len(s.Jobs())
	got, err := s.Store.Recover(t.Context(), true, c.AckDue)
	must(t, err)
	if got.Notices != 3 || got.Doubtful != 1 || got.Overdue != 1 {
		t.Errorf("recovered %+v", got)
	}
	var kinds []string
	for _, j := range s.Jobs()[before:] {
		kinds = append(kinds, string(j.Kind)+j.Target+j.Case)
	}
	slices.Sort(kinds)
	if want := []string{"escalatecase-1", "notifymail", "notifywebhook"}; !slices.Equal(kinds, want) {
		t.Errorf("jobs %v, want %v", kinds, want)
	}
	if n := claimNotice(t, s, "mail", c.AckDue); n.Notice.ID != "a1" || !n.Uncertain {
		t.Errorf("first claimed after the crash: %+v", n)
	}
}

func stalledIsFound(t *testing.T, s Subject) {
	c := opened(t, s, "case-1", notice("a1", "mail", ""))
	m, conv := accept(t, s, "2", "an", "tin")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, conv, "trả lời")))
	accept(t, s, "3", "an", "tin nữa")
	for _, step := range []struct {
		at   time.Time
		want bot.Stalled
	}{
		{start.Add(time.Minute), bot.Stalled{}},
		{start.Add(2 * time.Minute), bot.Stalled{Handle: []int64{conv.ID}, Deliver: []int64{conv.ID}, Targets: []string{"mail"}}},
		{c.AckDue.Add(2 * time.Minute), bot.Stalled{Handle: []int64{conv.ID}, Deliver: []int64{conv.ID}, Targets: []string{"mail"}, Cases: []string{"case-1"}}},
		{c.AckDue.Add(-2 * time.Hour), bot.Stalled{Cases: []string{"case-1"}}}, // the clock was put back
	} {
		got, err := s.Store.Stalled(t.Context(), 2*time.Minute, time.Hour, step.at)
		must(t, err)
		if !reflect.DeepEqual(got, step.want) {
			t.Errorf("at %s: %+v, want %+v", step.at.Format(time.TimeOnly), got, step.want)
		}
	}
}

func alarmIsRaised(t *testing.T, s Subject) {
	c := opened(t, s, "case-1", notice("a1", "mail", ""), notice("a2", "mail", ""))
	const grace = 5 * time.Minute
	look := func(at time.Time) bot.Alarm {
		t.Helper()
		a, err := s.Store.Alarm(t.Context(), grace, at)
		must(t, err)
		return a
	}
	if a := look(start.Add(time.Minute)); !a.Well() {
		t.Errorf("alarm at once: %+v", a)
	}
	if a := look(start.Add(grace)); len(a.Failing) != 1 || a.Failing[0].Target != "mail" || a.Failing[0].Waiting != 2 || !a.Failing[0].Since.Equal(start) {
		t.Errorf("a target that takes nothing: %+v", a)
	}
	if a := look(c.AckDue.Add(grace)); a.Overdue != 1 {
		t.Errorf("a case past its time: %+v", a)
	}
	u := changed(readCase(t, s, "case-1"), func(c *handover.Case) { c.AckDue = start.Add(time.Hour) })
	u.Unheard = true
	must(t, s.Store.SaveCase(t.Context(), u))
	if a := look(start); a.Unheard != 1 {
		t.Errorf("a case nobody takes: %+v", a)
	}
	change(t, s, "case-1", func(c *handover.Case) { c.Status = handover.Claimed })
	if a := look(start); a.Unheard != 0 {
		t.Errorf("a case that is taken still alarms: %+v", a)
	}
	waiting, err := s.Store.WaitingNotices(t.Context())
	must(t, err)
	if waiting["mail"] != 2 {
		t.Errorf("waiting %v", waiting)
	}
}

func wordsOfACase(t *testing.T, s Subject) {
	m, conv := accept(t, s, "0", "an", "chuyện cũ")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, conv, "trả lời")))
	c := opened(t, s, "case-1")
	m, conv = accept(t, s, "2", "an", "chuyện mới")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, conv)))
	lines, err := s.Store.Words(t.Context(), c)
	must(t, err)
	var got []string
	for _, l := range lines {
		got = append(got, l.Text)
	}
	if want := []string{"cứu", "chuyện mới"}; !slices.Equal(got, want) {
		t.Errorf("words %q, want %q", got, want)
	}
}
