package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot/handover"
	"treem/channels"
	"treem/channels/channelstest/telegramserver"
)

// labels are those of the buttons under the messages in a chat.
func (d *desk) labels(chat string) (all []string) {
	for _, m := range d.api.Sent() {
		if m.Chat != chat {
			continue
		}
		for _, row := range m.Buttons {
			for _, b := range row {
				all = append(all, b.Text)
			}
		}
	}
	return all
}

const hideLabel = "Ẩn tin trên máy này"

// TestHide: the button under an urgent reply deletes everything the bot said in the chat, also if the first try fails
// and the program is started anew meanwhile, and then says so.
func TestHide(t *testing.T) {
	d := newDesk(t)
	d.says(person, "trẻ mấy tuổi được đi làm")
	d.says(person, "ba con danh me con, con so lam")
	if labels := d.labels(person); !slices.Contains(labels, hideLabel) {
		t.Fatalf("buttons %q", labels)
	}
	shown := 0
	for _, m := range d.api.Sent() {
		if m.Chat == person {
			shown++
		}
	}
	d.api.Fail("deleteMessages", telegramserver.Failure{Kind: telegramserver.DropBefore})
	d.in(channels.Inbound{From: channels.Address{ID: person}, Kind: channels.KindChoice, Payload: "hide"})
	d.check(d.Handle(t.Context(), 1))
	d.check(d.Deliver(t.Context(), 1))
	if n := len(d.api.Deleted()); n != 0 {
		t.Fatalf("%d deleted although the call failed", n)
	}
	if _, err := d.store.Recover(t.Context(), true, d.clock()); err != nil { // as at a start
		t.Fatal(err)
	}
	d.wait(time.Minute)
	d.settle()
	deleted := d.api.Deleted()
	if len(deleted) != shown {
		t.Errorf("%d deleted, want %d", len(deleted), shown)
	}
	for _, m := range deleted {
		if m.Chat != person {
			t.Errorf("deleted in chat %s: %q", m.Chat, m.Text)
		}
	}
	d.expect(person, "Đã xóa các tin của tôi")
	if left := d.labels(person); len(left) != 0 {
		t.Errorf("buttons left: %q", left)
	}

	calls := d.api.Calls("deleteMessages")
	d.wait(49 * time.Hour)
	d.press(person, "", "hide") // what was said last is too old by now
	if d.api.Calls("deleteMessages") != calls {
		t.Error("messages older than 48 hours were to be deleted")
	}
}

// TestEraseHides: XOA takes the messages off the screen too, but for its own answer.
func TestEraseHides(t *testing.T) {
	d := newDesk(t)
	d.says(person, "trẻ mấy tuổi được đi làm")
	d.says(person, "XOA")
	var left []string
	for _, m := range d.api.Sent() {
		if m.Chat == person {
			left = append(left, m.Text)
		}
	}
	if len(left) != 1 || !strings.Contains(left[0], "Đã xóa") {
		t.Errorf("left on the screen: %q", left)
	}
}

// TestDangerInAGroup: the people on duty are told, the group hears only how to get help and where to write alone.
// Nobody there can withdraw the case or is told of it, and no officer can speak there.
func TestDangerInAGroup(t *testing.T) {
	const class = "-500"
	d := newDesk(t)
	d.in(channels.Inbound{From: channels.Address{ID: class}, Author: person, Kind: channels.KindText, Text: "@bot ba con danh me con, con so lam"})
	d.settle()
	c := d.onlyCase()
	d.expect(group, "Ca mới "+c.Ref)
	d.expect(class, "111", "nhắn riêng", "!đã được ghi")
	d.in(channels.Inbound{From: channels.Address{ID: class}, Author: person, Kind: channels.KindText, Text: "ba lai danh con nua"})
	d.settle()
	if again := d.onlyCase(); again.ID != c.ID { // the same case, not another
		t.Errorf("cases %s and %s", c.ID, again.ID)
	}
	d.got(class)
	d.got(group)
	d.in(channels.Inbound{From: channels.Address{ID: class}, Author: "78", Kind: channels.KindText, Text: "không phải vậy"})
	d.settle()
	d.got(class)
	if status := d.onlyCase().Status; status != handover.Open {
		t.Errorf("somebody else in the group made the case %s", status)
	}
	d.press(group, officA, "case:claim:"+c.Ref)
	d.answers(officA, "", "cháu đang ở đâu")
	if got := d.got(class); got != "" {
		t.Errorf("said in the group: %s", got)
	}
	d.expect(officA, "nhóm chung")
}
