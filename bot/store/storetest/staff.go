package storetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/staff"
	"treem/bot/store"
)

// account is one that suits most cases.
func account(login string) staff.Account {
	return staff.Account{ID: "id-" + login, Login: login, Name: "Trần Thị Kín", Roles: []staff.Role{staff.Officer}, PasswordHash: "hash-of-a-secret",
		SecondFactor: "SECRETSECRETSECRET", CreatedAt: start, UpdatedAt: start, Version: 1}
}

func line(action, object string) staff.Record {
	return staff.Record{At: start, Who: "admin", Action: action, Object: object, Detail: "chi tiết kín"}
}

func accountsAreStored(t *testing.T, s Subject) {
	ctx := t.Context()
	a := account("lan")
	must(t, s.Store.SaveAccount(ctx, a, "", time.Time{}, line("account.new", "lan")))
	if err := s.Store.SaveAccount(ctx, account("lan"), "", time.Time{}, line("account.new", "lan")); bot.ErrorCode(err) != bot.Conflict {
		t.Errorf("a second account of one login: %v", err)
	}
	for name, read := range map[string]func() (staff.Account, error){
		"id":    func() (staff.Account, error) { return s.Store.Account(ctx, a.ID) },
		"login": func() (staff.Account, error) { return s.Store.AccountByLogin(ctx, "lan") },
	} {
		got, err := read()
		if err != nil || got.Name != a.Name || got.PasswordHash != a.PasswordHash || !got.May(staff.WorkCases) {
			t.Errorf("read by %s: %+v, %v", name, got, err)
		}
	}
	if _, err := s.Store.AccountByLogin(ctx, "minh"); bot.ErrorCode(err) != bot.NotFound {
		t.Errorf("an unknown login: %v", err)
	}
	a.Version, a.Name = 2, "Lan"
	must(t, s.Store.SaveAccount(ctx, a, "", time.Time{}, line("account.save", "lan")))
	if err := s.Store.SaveAccount(ctx, a, "", time.Time{}, line("account.save", "lan")); bot.ErrorCode(err) != bot.Conflict {
		t.Errorf("saved under an old version: %v", err)
	}
	must(t, s.Store.SaveAccount(ctx, account("binh"), "", time.Time{}, line("account.new", "binh")))
	all, err := s.Store.Accounts(ctx)
	if err != nil || len(all) != 2 || all[0].Login != "binh" || all[1].Name != "Lan" {
		t.Errorf("the list is %+v, %v", all, err)
	}
	records, _, err := s.Store.Records(ctx, "", 0, 10)
	if err != nil || len(records) != 3 { // what was refused left no line
		t.Errorf("the audit log has %d lines, %v", len(records), err)
	}
	for _, kept := range []string{"Trần Thị Kín", "hash-of-a-secret", "SECRETSECRET", "chi tiết kín"} {
		if bytes.Contains(s.Raw(), []byte(kept)) {
			t.Errorf("%q can be read in the database", kept)
		}
	}
}

func linksAreUsedOnce(t *testing.T, s Subject) {
	ctx := t.Context()
	a := account("lan")
	must(t, s.Store.SaveAccount(ctx, a, "first", start.Add(time.Hour), line("account.new", "lan")))
	if got, err := s.Store.Link(ctx, "first", start); err != nil || got.Login != "lan" {
		t.Errorf("the link is for %+v, %v", got, err)
	}
	if _, err := s.Store.Link(ctx, "first", start.Add(time.Hour)); bot.ErrorCode(err) != bot.NotFound {
		t.Errorf("after its time the link gives %v", err)
	}
	a.Version = 2
	must(t, s.Store.SaveAccount(ctx, a, "second", start.Add(time.Hour), line("account.link", "lan")))
	if _, err := s.Store.Link(ctx, "first", start); bot.ErrorCode(err) != bot.NotFound {
		t.Errorf("a replaced link gives %v", err)
	}
	a.Version, a.PasswordHash = 3, "new"
	must(t, s.Store.UseLink(ctx, "second", a, line("account.password", "lan"), start))
	a.Version = 4
	if err := s.Store.UseLink(ctx, "second", a, line("account.password", "lan"), start); bot.ErrorCode(err) != bot.Conflict {
		t.Errorf("the link used again: %v", err)
	}
	if got, err := s.Store.Account(ctx, a.ID); err != nil || got.PasswordHash != "new" || got.Version != 3 {
		t.Errorf("after both: %+v, %v", got, err)
	}
}

func attemptsAreCounted(t *testing.T, s Subject) {
	ctx := t.Context()
	for range 3 {
		must(t, s.Store.LoginFailed(ctx, line("login.refused", ""), "login lan", "network 203.0.113.9"))
	}
	if a, err := s.Store.Attempts(ctx, "login lan"); err != nil || a.Failed != 3 || !a.Last.Equal(start) {
		t.Errorf("attempts %+v, %v", a, err)
	}
	if a, err := s.Store.Attempts(ctx, "login minh"); err != nil || a.Failed != 0 {
		t.Errorf("of another login %+v, %v", a, err)
	}
	if bytes.Contains(s.Raw(), []byte("203.0.113.9")) {
		t.Error("a network can be read in the database")
	}
	must(t, s.Store.LoginWorked(ctx, line("login", "lan"), "login lan"))
	for who, want := range map[string]int{"login lan": 0, "network 203.0.113.9": 3} {
		if a, err := s.Store.Attempts(ctx, who); err != nil || a.Failed != want {
			t.Errorf("after logging in %s has %+v, %v", who, a, err)
		}
	}
}

func auditLogIsOnlyAddedTo(t *testing.T, s Subject) {
	ctx := t.Context()
	for i := range 5 {
		r := line("try", fmt.Sprint(i))
		if i%2 == 1 {
			r.Who = "lan"
		}
		must(t, s.Store.Record(ctx, r))
	}
	first, next, err := s.Store.Records(ctx, "", 0, 3)
	if err != nil || len(first) != 3 || first[0].Object != "4" || first[0].Detail != "chi tiết kín" || next == 0 {
		t.Fatalf("the first page is %+v, next %d, %v", first, next, err)
	}
	rest, end, err := s.Store.Records(ctx, "", next, 3)
	if err != nil || len(rest) != 2 || rest[1].Object != "0" || end != 0 {
		t.Errorf("the second page is %+v, next %d, %v", rest, end, err)
	}
	if mine, _, err := s.Store.Records(ctx, "lan", 0, 9); err != nil || len(mine) != 2 {
		t.Errorf("lan's lines are %+v, %v", mine, err)
	}
	for _, q := range []string{`UPDATE audit SET who = 'nobody'`, `DELETE FROM audit`} {
		if err := s.Exec(q); err == nil {
			t.Errorf("%s is let through", q)
		}
	}
}

func sessionsEnd(t *testing.T, s Subject) {
	ctx, now := t.Context(), start
	sessions := store.Sessions{Store: s.Store, Now: func() time.Time { return now }}
	must(t, sessions.CommitCtx(ctx, "token", []byte("who and what"), start.Add(time.Hour)))
	must(t, sessions.CommitCtx(ctx, "token", []byte("who and what else"), start.Add(time.Hour)))
	if data, found, err := sessions.FindCtx(ctx, "token"); err != nil || !found || string(data) != "who and what else" {
		t.Errorf("found %q %v %v", data, found, err)
	}
	if bytes.Contains(s.Raw(), []byte("who and what")) {
		t.Error("a session can be read in the database")
	}
	now = start.Add(time.Hour)
	if _, found, err := sessions.FindCtx(ctx, "token"); err != nil || found {
		t.Errorf("after its time a session is found: %v, %v", found, err)
	}
	now = start
	must(t, sessions.DeleteCtx(ctx, "token"))
	if _, found, err := sessions.FindCtx(ctx, "token"); err != nil || found {
		t.Errorf("an ended session is found: %v, %v", found, err)
	}
}

func queueOfTheDesk(t *testing.T, s Subject) {
	ctx := t.Context()
	c := opened(t, s, "case-1")
	queue, err := s.Store.Queue(ctx, false, 10)
	if err != nil || len(queue) != 1 || queue[0].Ref != c.Ref || queue[0].Owner != "" || queue[0].Status != handover.Open {
		t.Fatalf("the queue is %+v, %v", queue, err)
	}
	change(t, s, c.ID, func(c *handover.Case) { c.Owner, c.Status, c.Consent.Commune = "lan", handover.Claimed, "21853" })
	opened(t, s, "case-2")
	queue, err = s.Store.Queue(ctx, false, 10)
	if err != nil || len(queue) != 2 || queue[0].Ref != ref("case-2") || queue[1].Owner != "lan" || queue[1].Commune != "21853" {
		t.Errorf("what nobody has does not come first: %+v, %v", queue, err)
	}
	if over, err := s.Store.Queue(ctx, true, 10); err != nil || len(over) != 0 {
		t.Errorf("what is over is %+v, %v", over, err)
	}
	talk, err := s.Store.Talk(ctx, c)
	if err != nil || len(talk) == 0 || !talk[0].FromPerson {
		t.Errorf("what was said is %+v, %v", talk, err)
	}
}
