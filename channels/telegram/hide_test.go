package telegram_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"treem/channels"
	"treem/channels/channelstest/telegramserver"
)

// TestHide: the bot's messages are deleted a hundred a call; what is gone or too old does not keep the others.
func TestHide(t *testing.T) {
	api := telegramserver.Start(t)
	c := sender(t, api)
	send := func(chat, text string) string {
		id, err := c.Send(within(t), channels.Outbound{To: to(chat), Text: text, Urgent: true})
		must(t, err)
		return id
	}
	old := send("77", "hôm kia")
	api.Age()
	ids := []string{send("77", "một"), "999", send("77", strings.Repeat("dài quá đi ", 500))}
	other := send("78", "của người khác")
	must(t, c.Hide(within(t), to("77"), ids))
	if n := len(api.Deleted()); n != 3 {
		t.Errorf("%d deleted, want 3: the long one has two parts", n)
	}
	must(t, c.Hide(within(t), to("77"), []string{old, send("77", "hai")}))
	var left []string
	for _, m := range api.Sent() {
		left = append(left, strconv.Itoa(m.ID))
	}
	if got, want := fmt.Sprint(left), fmt.Sprint([]string{old, other}); got != want {
		t.Errorf("left %s, want %s", got, want)
	}
	ids = nil
	for n := range 250 {
		ids = append(ids, strconv.Itoa(5000+n))
	}
	before := api.Calls("deleteMessages")
	must(t, c.Hide(within(t), to("77"), ids))
	if n := api.Calls("deleteMessages") - before; n != 3 {
		t.Errorf("%d calls for 250 messages", n)
	}
	if bad := api.Rejected(); len(bad) != 0 {
		t.Errorf("malformed calls: %q", bad)
	}
}

func TestHideFails(t *testing.T) {
	for _, tc := range []struct {
		kind telegramserver.Kind
		want channels.Verdict
	}{
		{telegramserver.TooMany, channels.Retry},
		{telegramserver.ServerError, channels.Retry},
		{telegramserver.DropBefore, channels.Unknown},
		{telegramserver.Blocked, channels.Stop},
		{telegramserver.Unauthorized, channels.Fault},
	} {
		api := telegramserver.Start(t)
		api.Fail("deleteMessages", telegramserver.Failure{Kind: tc.kind})
		err := sender(t, api).Hide(within(t), to("77"), []string{"5"})
		if se := channels.AsSendError(err); se == nil || se.Verdict != tc.want {
			t.Errorf("failure %d: %v, want %s", tc.kind, err, tc.want)
		}
	}
	for _, bad := range []string{"0", "x", "-1"} {
		err := sender(t, telegramserver.Start(t)).Hide(within(t), to("77"), []string{bad})
		if se := channels.AsSendError(err); se == nil || se.Verdict != channels.Fault {
			t.Errorf("message %q: %v", bad, err)
		}
	}
}
