// Package storetest is the conformance suite of bot.Store. Every engine runs the same cases: a new engine's test makes
// a [Subject] and calls [Suite].
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/store"
	"treem/channels"
)

// Subject is a fresh, empty store under test.
type Subject struct {
	Store *store.Store
	Jobs  func() []bot.Job         // every job enqueued so far, by committed transactions only
	Fail  func(error)              // makes the next enqueueing fail; nil: works again
	Raw   func() []byte            // every byte the database holds, to search for what must be encrypted
	Exec  func(query string) error // runs a statement behind the store's back
}

// start is when the cases happen.
var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// Suite runs every case on fresh subjects.
func Suite(t *testing.T, fresh func(t *testing.T) Subject) {
	for name, run := range map[string]func(*testing.T, Subject){
		"AcceptStoresOnce":            acceptStoresOnce,
		"UrgentIsHandledFirst":        urgentIsHandledFirst,
		"UrgentIsFoundFirst":          urgentIsFoundFirst,
		"AcceptIsAllOrNothing":        acceptIsAllOrNothing,
		"AcceptInParallel":            acceptInParallel,
		"OneRefusedAmongMany":         oneRefusedAmongMany,
		"ForgettingLosesNoMessage":    forgettingLosesNoMessage,
		"MessagesComeInOrder":         messagesComeInOrder,
		"TurnIsStoredOnce":            turnIsStoredOnce,
		"TurnUnderOldVersion":         turnUnderOldVersion,
		"TurnIsAllOrNothing":          turnIsAllOrNothing,
		"RepliesAreClaimedInOrder":    repliesAreClaimedInOrder,
		"OneReplyAtATime":             oneReplyAtATime,
		"LeaseEnds":                   leaseEnds,
		"RetryWaits":                  retryWaits,
		"WhatWasShownIsHidden":        whatWasShownIsHidden,
		"OptOutStopsWhatWaits":        optOutStopsWhatWaits,
		"ReceiptsOnlyMoveForward":     receiptsOnlyMoveForward,
		"ReceiptBeforeOutcome":        receiptBeforeOutcome,
		"CaseHistory":                 caseHistory,
		"CaseUnderOldVersion":         caseUnderOldVersion,
		"CaseReferenceIsUnique":       caseReferenceIsUnique,
		"ActIsStoredOnce":             actIsStoredOnce,
		"ActReachesThePerson":         actReachesThePerson,
		"CaseIsAllOrNothing":          caseIsAllOrNothing,
		"DeadlineHasAJob":             deadlineHasAJob,
		"NoticesAreClaimedInOrder":    noticesAreClaimedInOrder,
		"NoticeLeaseEnds":             noticeLeaseEnds,
		"NoticeRetryWaits":            noticeRetryWaits,
		"RemindersDoNotPileUp":        remindersDoNotPileUp,
		"NoticeTellsItsCase":          noticeTellsItsCase,
		"NoticeCausesNotices":         noticeCausesNotices,
		"RecoverFindsCases":           recoverFindsCases,
		"StalledIsFound":              stalledIsFound,
		"AlarmIsRaised":               alarmIsRaised,
		"WordsOfACase":                wordsOfACase,
		"EraseForgets":                eraseForgets,
		"EraseKeepsOpenCaseReachable": eraseKeepsOpenCaseReachable,
		"RecoverFindsWhatWasLeft":     recoverFindsWhatWasLeft,
		"RetentionForgets":            retentionForgets,
		"ClosedCasesGo":               closedCasesGo,
		"KeptIsCounted":               keptIsCounted,
		"PersonIsOneConversation":     personIsOneConversation,
		"NothingReadableOnDisk":       nothingReadableOnDisk,
		"TranscriptIsOneConversation": transcriptIsOneConversation,
		"StatutesKeepVersions":        statutesKeepVersions,
		"ContentSetsKeepOrder":        contentSetsKeepOrder,
		"TurnsAreCounted":             turnsAreCounted,
		"CountsAreAllOrNothing":       countsAreAllOrNothing,
		"CountsOutliveTheWords":       countsOutliveTheWords,
		"SMSAreCounted":               smsAreCounted,
		"CasesAreFacts":               casesAreFacts,
		"AccountsAreStored":           accountsAreStored,
		"LinksAreUsedOnce":            linksAreUsedOnce,
		"AttemptsAreCounted":          attemptsAreCounted,
		"AuditLogIsOnlyAddedTo":       auditLogIsOnlyAddedTo,
		"SessionsEnd":                 sessionsEnd,
		"QueueOfTheDesk":              queueOfTheDesk,
		"DraftsAreStored":             draftsAreStored,
		"PublishingIsAllOrNothing":    publishingIsAllOrNothing,
	} {
		t.Run(name, func(t *testing.T) { run(t, fresh(t)) })
	}
}

func inbound(id, from, text string) channels.Inbound {
	return channels.Inbound{ProviderID: id, From: channels.Address{Channel: "test", ID: from}, Kind: channels.KindText, Text: text}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// accept stores a message and returns it as read back with its conversation.
func accept(t *testing.T, s Subject, id, from, text string) (bot.Message, bot.Conversation) {
	t.Helper()
	must(t, s.Store.Accept(t.Context(), inbound(id, from, text), false, start))
	jobs := s.Jobs()
	m, c, err := s.Store.NextMessage(t.Context(), jobs[len(jobs)-1].Conversation)
	must(t, err)
	return m, c
}

// turn answers a message with the texts.
func turn(m bot.Message, c bot.Conversation, texts ...string) bot.Turn {
	out := bot.Turn{Message: m, Conversation: c, At: start}
	for i, text := range texts {
		out.Say = append(out.Say, channels.Outbound{ID: fmt.Sprintf("%d-%d", m.ID, i), To: m.In.From, Text: text})
	}
	return out
}

func wantCode(t *testing.T, err error, want bot.Code) {
	t.Helper()
	if got := bot.ErrorCode(err); got != want {
		t.Fatalf("error %v has code %q, want %q", err, got, want)
	}
}

func acceptStoresOnce(t *testing.T, s Subject) {
	for range 3 {
		must(t, s.Store.Accept(t.Context(), inbound("1", "an", "xin chào"), false, start))
	}
	if jobs := s.Jobs(); len(jobs) != 1 || jobs[0].Kind != bot.JobHandle {
		t.Fatalf("jobs %+v, want one to handle", jobs)
	}
	m, c, err := s.Store.NextMessage(t.Context(), s.Jobs()[0].Conversation)
	must(t, err)
	if m.In != inbound("1", "an", "xin chào") || !m.ReceivedAt.Equal(start) {
		t.Errorf("read back %+v", m)
	}
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c)))
	must(t, s.Store.Accept(t.Context(), inbound("1", "an", "xin chào"), false, start))
	_, _, err = s.Store.NextMessage(t.Context(), c.ID)
	wantCode(t, err, bot.NotFound)
}

// urgentIsHandledFirst: who is in danger, and who has a live case, does not wait behind others.
func urgentIsHandledFirst(t *testing.T, s Subject) {
	must(t, s.Store.Accept(t.Context(), inbound("1", "an", "hỏi"), false, start))
	must(t, s.Store.Accept(t.Context(), inbound("2", "binh", "cứu"), true, start))
	jobs := s.Jobs()
	m, c, err := s.Store.NextMessage(t.Context(), jobs[1].Conversation)
	must(t, err)
	tn := turn(m, c)
	tn.Case = opening(m, c, "case-1")
	must(t, s.Store.SaveTurn(t.Context(), tn))
	must(t, s.Store.Accept(t.Context(), inbound("3", "binh", "dạ"), false, start))
	var urgent []bool
	for _, j := range s.Jobs() {
		if j.Kind == bot.JobHandle {
			urgent = append(urgent, j.Urgent)
		}
	}
	if !slices.Equal(urgent, []bool{false, true, true}) {
		t.Errorf("handled before others: %v", urgent)
	}
}

// urgentIsFoundFirst: behind a long line of older messages, one from somebody in danger whose job was lost is found at once.
func urgentIsFoundFirst(t *testing.T, s Subject) {
	must(t, s.Store.Accept(t.Context(), inbound("0", "an", "hỏi"), false, start))
	var rows []string
	for i := range 600 {
		rows = append(rows, fmt.Sprintf(`(1, 'test', 'old%d', %d)`, i, start.UnixMilli()))
	}
	must(t, s.Exec(`INSERT INTO inbox (conversation_id, channel, provider_id, received_at) VALUES `+strings.Join(rows, ", ")))
	must(t, s.Store.Accept(t.Context(), inbound("1", "binh", "cứu"), true, start.Add(time.Second)))
	jobs := s.Jobs()
	danger := jobs[len(jobs)-1].Conversation
	must(t, s.Exec(`DELETE FROM test_jobs`))
	now := start.Add(time.Hour)
	stalled, err := s.Store.Stalled(t.Context(), time.Minute, time.Hour, now)
	must(t, err)
	if !slices.Contains(stalled.Handle, danger) {
		t.Error("the sweep does not see it")
	}
	_, err = s.Store.Overdue(t.Context(), time.Minute, now)
	must(t, err)
	if !slices.ContainsFunc(s.Jobs(), func(j bot.Job) bool { return j.Conversation == danger && j.Urgent }) {
		t.Error("upkeep gives it no urgent job")
	}
}

func acceptIsAllOrNothing(t *testing.T, s Subject) {
	s.Fail(errors.New("queue is down"))
	if err := s.Store.Accept(t.Context(), inbound("1", "an", "xin chào"), false, start); err == nil {
		t.Fatal("accepted without a job")
	}
	s.Fail(nil)
	must(t, s.Store.Accept(t.Context(), inbound("1", "an", "xin chào"), false, start))
	if n := len(s.Jobs()); n != 1 {
		t.Errorf("%d jobs, want 1", n)
	}
}

func acceptInParallel(t *testing.T, s Subject) {
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.Store.Accept(t.Context(), inbound(fmt.Sprint(i%4), "an", "xin chào"), false, start)
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	if n := len(s.Jobs()); n != 4 {
		t.Errorf("%d messages stored, want 4", n)
	}
}

// oneRefusedAmongMany: a message that the database will not take does no harm to those that came with it.
func oneRefusedAmongMany(t *testing.T, s Subject) {
	must(t, s.Exec(`CREATE UNIQUE INDEX one_of_these ON inbox (received_at) WHERE channel = 'bad'`))
	var wg sync.WaitGroup
	errs := make([]error, 60)
	for i := range errs {
		in := inbound(fmt.Sprint(i), fmt.Sprint("person ", i), "xin chào")
		if i < 3 {
			in.From.Channel = "bad"
		}
		wg.Go(func() { errs[i] = s.Store.Accept(t.Context(), in, false, start) })
	}
	wg.Wait()
	refused := 0
	for i, err := range errs {
		switch {
		case err != nil && i >= 3:
			t.Errorf("message %d: %v", i, err)
		case err != nil:
			refused++
		}
	}
	if n := len(s.Jobs()); refused != 2 || n != len(errs)-2 {
		t.Errorf("%d refused, %d kept, want 2 and %d", refused, n, len(errs)-2)
	}
}

func messagesComeInOrder(t *testing.T, s Subject) {
	for i := range 5 {
		must(t, s.Store.Accept(t.Context(), inbound(fmt.Sprint(i), "an", fmt.Sprint("tin ", i)), false, start))
	}
	for i := range 5 {
		m, c, err := s.Store.NextMessage(t.Context(), s.Jobs()[0].Conversation)
		must(t, err)
		if m.In.Text != fmt.Sprint("tin ", i) {
			t.Fatalf("message %d is %q", i, m.In.Text)
		}
		must(t, s.Store.SaveTurn(t.Context(), turn(m, c)))
	}
}

func turnIsStoredOnce(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "xin chào")
	c.State.LastEntry = "an-entry"
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "chào anh/chị")))
	c.Version++
	wantCode(t, s.Store.SaveTurn(t.Context(), turn(m, c, "chào lần nữa")), bot.Conflict)
	_, again := accept(t, s, "2", "an", "hỏi")
	if again.State.LastEntry != "an-entry" || again.Version != 1 {
		t.Errorf("conversation %+v", again)
	}
	var deliver int
	for _, j := range s.Jobs() {
		if j.Kind == bot.JobDeliver {
			deliver++
		}
	}
	if deliver != 1 {
		t.Errorf("%d jobs to deliver, want 1", deliver)
	}
}

func turnUnderOldVersion(t *testing.T, s Subject) {
	m1, c := accept(t, s, "1", "an", "một")
	must(t, s.Store.SaveTurn(t.Context(), turn(m1, c, "trả lời một")))
	m2, _ := accept(t, s, "2", "an", "hai")
	wantCode(t, s.Store.SaveTurn(t.Context(), turn(m2, c, "trả lời hai")), bot.Conflict)
	m, c, err := s.Store.NextMessage(t.Context(), c.ID)
	must(t, err)
	if m.ID != m2.ID {
		t.Fatal("the refused message is gone")
	}
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "trả lời hai")))
}

func turnIsAllOrNothing(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "cứu")
	tn := turn(m, c, "Gọi 111")
	tn.Case = opening(m, c, "case-1")
	s.Fail(errors.New("queue is down"))
	if err := s.Store.SaveTurn(t.Context(), tn); err == nil {
		t.Fatal("stored without a job")
	}
	s.Fail(nil)
	_, err := s.Store.Case(t.Context(), "case-1")
	wantCode(t, err, bot.NotFound)
	must(t, s.Store.SaveTurn(t.Context(), tn))
	_, err = s.Store.Case(t.Context(), "case-1")
	must(t, err)
}

// claim takes the next reply, which must be there.
func claim(t *testing.T, s Subject, conversation int64, at time.Time) bot.Reply {
	t.Helper()
	r, err := s.Store.ClaimReply(t.Context(), conversation, at, time.Minute)
	must(t, err)
	return r
}

func sent(t *testing.T, s Subject, r bot.Reply, providerID string) {
	t.Helper()
	must(t, s.Store.SaveOutcome(t.Context(), r, bot.Outcome{Delivery: channels.DeliverySent, ProviderID: providerID}, start))
}

func repliesAreClaimedInOrder(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	tn := turn(m, c, "một", "hai", "gấp")
	tn.Say[2].Urgent = true
	must(t, s.Store.SaveTurn(t.Context(), tn))
	var got []string
	for range 3 {
		r := claim(t, s, c.ID, start)
		got = append(got, r.Out.Text)
		if r.Out.To != m.In.From {
			t.Errorf("reply goes to %v", r.Out.To)
		}
		sent(t, s, r, "")
	}
	if !slices.Equal(got, []string{"gấp", "một", "hai"}) {
		t.Errorf("order %v", got)
	}
	_, err := s.Store.ClaimReply(t.Context(), c.ID, start, time.Minute)
	wantCode(t, err, bot.NotFound)
}

func oneReplyAtATime(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một", "hai")))
	var mu sync.Mutex
	var wg sync.WaitGroup
	claimed := 0
	for range 8 {
		wg.Go(func() {
			if _, err := s.Store.ClaimReply(context.WithoutCancel(t.Context()), c.ID, start, time.Minute); err == nil {
				mu.Lock()
				claimed++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if claimed != 1 {
		t.Errorf("%d replies being sent at once, want 1", claimed)
	}
}

func leaseEnds(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một")))
	first := claim(t, s, c.ID, start)
	_, err := s.Store.ClaimReply(t.Context(), c.ID, start.Add(59*time.Second), time.Minute)
	wantCode(t, err, bot.NotFound)
	again := claim(t, s, c.ID, start.Add(time.Minute))
	if again.ID != first.ID || !again.Uncertain || again.Tries != 1 {
		t.Errorf("claimed again as %+v", again)
	}
}

func retryWaits(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một", "hai")))
	r := claim(t, s, c.ID, start)
	due := start.Add(10 * time.Second)
	must(t, s.Store.SaveOutcome(t.Context(), r, bot.Outcome{Delivery: channels.DeliveryQueued, RetryAt: due, Code: "429"}, start))
	_, err := s.Store.ClaimReply(t.Context(), c.ID, start.Add(9*time.Second), time.Minute)
	wantCode(t, err, bot.NotFound)
	if again := claim(t, s, c.ID, due); again.ID != r.ID {
		t.Error("a later reply overtook the one that waits")
	}
	jobs := s.Jobs()
	if last := jobs[len(jobs)-1]; last.Kind != bot.JobDeliver || !last.RunAt.Equal(due) {
		t.Errorf("last job %+v, want a delivery at %s", last, due)
	}
}

func optOutStopsWhatWaits(t *testing.T, s Subject) {
	m, c := accept(t, s, "1", "an", "hỏi")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "một", "hai")))
	r := claim(t, s, c.ID, start)
	must(t, s.Store.SaveOutcome(t.Context(), r, bot.Outcome{Delivery: channels.DeliveryFailed, Code: "403", OptedOut: true}, start))
	_, err := s.Store.ClaimReply(t.Context(), c.ID, start, time.Minute)
	wantCode(t, err, bot.NotFound)
	m, c = accept(t, s, "2", "an", "tôi quay lại")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, c, "ba")))
	if r := claim(t, s, c.ID, start); r.Out.Text != "ba" {
		t.Errorf("after coming back: %q", r.Out.Text)
	}
}

// whatWasShownIsHidden: a conversation's sent messages are listed for hiding until that is done; neither what was sent
// too long ago, nor what comes later, nor other people's.
func whatWasShownIsHidden(t *testing.T, s Subject) {
	at := start
	deliver := func(conversation int64, providerID string) bot.Reply {
		t.Helper()
		at = at.Add(time.Hour)
		r, err := s.Store.ClaimReply(t.Context(), conversation, at, time.Minute)
		must(t, err)
		if providerID != "" {
			must(t, s.Store.SaveOutcome(t.Context(), r, bot.Outcome{Delivery: channels.DeliverySent, ProviderID: providerID}, at))
		}
		return r
	}
	m, c := accept(t, s, "1", "an", "một")
	tr := turn(m, c, "a", "b", "c", "d", "e")
	tr.Say[3].Text, tr.Say[3].Hide = "", true
	must(t, s.Store.SaveTurn(t.Context(), tr))
	m, other := accept(t, s, "2", "binh", "hai")
	must(t, s.Store.SaveTurn(t.Context(), turn(m, other, "x")))
	deliver(other.ID, "90")
	for _, id := range []string{"11", "12 13", "14"} {
		deliver(c.ID, id)
	}
	hide := deliver(c.ID, "")
	if !hide.Out.Hide {
		t.Fatalf("claimed %+v, want the hiding", hide)
	}
	ids, err := s.Store.Shown(t.Context(), hide, at.Add(-150*time.Minute))
	must(t, err)
	if !slices.Equal(ids, []string{"12 13", "14"}) {
		t.Errorf("shown %q", ids)
	}
	must(t, s.Store.SaveOutcome(t.Context(), hide, bot.Outcome{Delivery: channels.DeliveryQueued, RetryAt: at}, at))
	hide = deliver(c.ID, "")
	if ids, err = s.Store.Shown(t.Context(), hide, start); len(ids) != 3 || err != nil {
		t.Errorf("after a failure: shown %q, %v", ids, err)
	}
	must(t, s.Store.SaveOutcome(t.Context(), hide, bot.Outcome{Delivery: channels.DeliverySent}, at))
	if ids, err = s.Store.Shown(t.Context(), hide, start); len(ids) != 0 || err != nil {
		t.Errorf("after the hiding: shown %q, %v", ids, err)
	}
	if r := deliver(c.ID, "15"); r.Out.Text != "e" || r.Out.Hide {
		t.Errorf("then comes %+v", r)
	}
}
