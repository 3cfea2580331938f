package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest/telegramserver"
)

// TestDatabaseRefusesWrites: the disk is full, or became read-only. Who is in danger still gets the numbers to call, once
// for each message, however often the provider sends it; the provider is told that the message was not stored; and when
// the database works again the case is opened after all.
func TestDatabaseRefusesWrites(t *testing.T) {
	for name, c := range map[string]struct{ broken, mended string }{
		"read-only": {"PRAGMA query_only = 1", "PRAGMA query_only = 0"},
		"full":      {"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			exec := func(q string) {
				t.Helper()
				if _, err := d.db.ExecContext(t.Context(), q); err != nil {
					t.Fatal(err)
				}
			}
			exec(c.broken)
			if name == "full" { // the pages that are left are used up first
				for n := 0; ; n++ {
					in := channels.Inbound{ProviderID: fmt.Sprint("fill", n), From: channels.Address{Channel: "telegram", ID: "88"},
						Kind: channels.KindText, Text: strings.Repeat("xin chào ", 400)}
					if d.Store.Accept(t.Context(), in, false, d.clock()) != nil {
						break
					}
					if n > 1000 {
						t.Fatal("the disk does not become full")
					}
				}
			}
			urgent := channels.Inbound{ProviderID: "u1", From: channels.Address{Channel: "telegram", ID: person}, Kind: channels.KindText, Text: emergency}
			d.api.Fail("sendMessage", telegramserver.Failure{Kind: telegramserver.TooMany, After: time.Millisecond})
			for range 4 { // the first time Telegram refuses
				err := d.Accept(t.Context(), urgent)
				var not *channels.NotStored
				if !errors.As(err, &not) || !strings.Contains(not.Say, "114") || strings.Contains(err.Error(), "ao") {
					t.Fatalf("the channel is told %v", err)
				}
			}
			if sent := d.got(person); strings.Count(sent, "Gọi 114") != 1 {
				t.Errorf("the person got:\n%s", sent)
			}
			if d.Unstored().IsZero() {
				t.Error("nobody is told that messages cannot be stored")
			}
			calm := channels.Inbound{ProviderID: "u2", From: channels.Address{Channel: "telegram", ID: "99"}, Kind: channels.KindText, Text: "trẻ em có những quyền gì"}
			if err := d.Accept(t.Context(), calm); err == nil {
				t.Error("a message that was not stored was confirmed")
			}
			d.expect("99")
			exec(c.mended)
			if err := d.Accept(t.Context(), urgent); err != nil {
				t.Fatal(err)
			}
			d.settle()
			if d.onlyCase().Machine.Category != "drowning" || !d.Unstored().IsZero() {
				t.Error("the case was not opened when the database worked again")
			}
			d.expect(group, "Ca mới")
		})
	}
}

// TestDatabaseFailsBetweenMessageAndReply: the message is stored, the reply cannot be.
func TestDatabaseFailsBetweenMessageAndReply(t *testing.T) {
	d := newDesk(t)
	if err := d.Accept(t.Context(), channels.Inbound{ProviderID: "u1", From: channels.Address{Channel: "telegram", ID: person}, Kind: channels.KindText, Text: emergency}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.db.ExecContext(t.Context(), "PRAGMA query_only = 1"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := d.Handle(t.Context(), 1); err == nil {
			t.Fatal("handled although nothing can be stored")
		}
	}
	if sent := d.got(person); strings.Count(sent, "Gọi 114") != 1 {
		t.Errorf("the person got:\n%s", sent)
	}
	if _, err := d.db.ExecContext(t.Context(), "PRAGMA query_only = 0"); err != nil {
		t.Fatal(err)
	}
	d.settle()
	d.onlyCase()
	d.expect(group, "Ca mới")
}
