package telegram_test

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/telegramserver"
	"treem/channels/telegram"
)

var discard = slog.New(slog.DiscardHandler)

func sender(t *testing.T, api *telegramserver.Server) *telegram.Channel {
	t.Helper()
	return newChannel(t, config(api), slog.New(slog.DiscardHandler))
}

func to(id string) channels.Address { return channels.Address{Channel: telegram.Name, ID: id} }

func TestSendButtons(t *testing.T) {
	api := telegramserver.Start(t)
	c := sender(t, api)
	row := func(b ...channels.Button) []channels.Button { return b }
	var wide []channels.Button
	for range 9 {
		wide = append(wide, channels.Button{Label: "1", Payload: "p"})
	}
	for _, tc := range []struct {
		name    string
		buttons [][]channels.Button
		text    string
		keys    [][]telegramserver.Button
		fault   bool
	}{
		{"rows", [][]channels.Button{
			row(channels.Button{Label: "Đuối nước", Payload: strings.Repeat("x", 64)}),
			row(channels.Button{Label: "Có", Payload: "y"}, channels.Button{Label: "Không", Payload: "n"}),
		}, "Chọn:", [][]telegramserver.Button{
			{{Text: "Đuối nước", Data: strings.Repeat("x", 64)}}, {{Text: "Có", Data: "y"}, {Text: "Không", Data: "n"}},
		}, false},
		{"call", [][]channels.Button{
			row(channels.Button{Label: "Gọi 111", Call: "111"}, channels.Button{Label: "Về đầu", Payload: "m"}),
			row(channels.Button{Label: "Cấp cứu", Call: "115"}), row(channels.Button{Call: "113"}),
		}, "Chọn:\n☎ Gọi 111\n☎ Cấp cứu: 115\n☎ 113", [][]telegramserver.Button{{{Text: "Về đầu", Data: "m"}}}, false},
		{"only call", [][]channels.Button{row(channels.Button{Label: "Gọi 111", Call: "111"})},
			"Chọn:\n☎ Gọi 111", nil, false},
		{"row too wide", [][]channels.Button{wide}, "Chọn:", [][]telegramserver.Button{
			{{Text: "1", Data: "p"}, {Text: "1", Data: "p"}, {Text: "1", Data: "p"}, {Text: "1", Data: "p"},
				{Text: "1", Data: "p"}, {Text: "1", Data: "p"}, {Text: "1", Data: "p"}, {Text: "1", Data: "p"}},
			{{Text: "1", Data: "p"}},
		}, false},
		{"payload too long", [][]channels.Button{row(channels.Button{Label: "x", Payload: strings.Repeat("x", 65)})},
			"", nil, true},
		{"no action", [][]channels.Button{row(channels.Button{Label: "x"})}, "", nil, true},
		{"two actions", [][]channels.Button{row(channels.Button{Label: "x", Payload: "p", Call: "1"})}, "", nil, true},
		{"no label", [][]channels.Button{row(channels.Button{Payload: "p"})}, "", nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := len(api.Sent())
			_, err := c.Send(within(t), channels.Outbound{To: to("5550" + string(rune('1'+before))), Text: "Chọn:", Buttons: tc.buttons})
			if tc.fault {
				if se := channels.AsSendError(err); se == nil || se.Verdict != channels.Fault {
					t.Errorf("error %v, want a fault", err)
				}
				return
			}
			must(t, err)
			s := api.Sent()[before]
			if s.Text != tc.text || !reflect.DeepEqual(s.Buttons, tc.keys) {
				t.Errorf("sent %q, %+v", s.Text, s.Buttons)
			}
		})
	}
	if bad := api.Rejected(); len(bad) != 0 {
		t.Errorf("malformed calls: %q", bad)
	}
}

func TestSendLong(t *testing.T) {
	api := telegramserver.Start(t)
	text := strings.Repeat("Gọi ngay 111. 😊 ", 500)
	_, err := sender(t, api).Send(within(t), channels.Outbound{
		To: to("5550001"), Urgent: true, Text: text,
		Buttons: [][]channels.Button{{{Label: "Ổn", Payload: "ok"}}},
	})
	must(t, err)
	var parts []string
	sent := api.Sent()
	for i, s := range sent {
		parts = append(parts, s.Text)
		if n := len(utf16.Encode([]rune(s.Text))); n > 4096 {
			t.Errorf("part of %d units", n)
		}
		if last := i == len(sent)-1; last != (s.Buttons != nil) {
			t.Errorf("part %d has buttons: %v", i, s.Buttons != nil)
		}
	}
	if len(parts) != 3 || strings.Join(parts, " ") != strings.TrimSpace(text) {
		t.Errorf("%d parts, not the whole text", len(parts))
	}
}

func TestSendSpecial(t *testing.T) {
	api := telegramserver.Start(t)
	c := sender(t, api)
	api.Migrate(-4001, -1004001)
	if _, err := c.Send(within(t), channels.Outbound{To: to("-4001"), Text: "nhóm đã dời"}); err != nil {
		t.Errorf("moved group: %v", err)
	} else if got := api.Sent()[0].Chat; got != "-1004001" {
		t.Errorf("moved group: sent to %s", got)
	}
	must(t, second(c.Send(within(t), channels.Outbound{To: to("-4001"), Text: "lần nữa"})))
	if n := api.Calls("sendMessage"); n != 3 {
		t.Errorf("moved group: %d calls for two messages, the new number was not kept", n)
	}
	must(t, second(c.Send(within(t), channels.Outbound{To: to("-1004002/7"), Text: "trong chủ đề"})))
	if s := api.Sent()[2]; s.Chat != "-1004002" || s.Topic != 7 {
		t.Errorf("topic: sent to %s, topic %d", s.Chat, s.Topic)
	}
	if _, err := c.Send(within(t), channels.Outbound{To: to("@truc_ca_111"), Text: "theo tên"}); err != nil {
		t.Errorf("by name: %v", err)
	}
	api.Block(5550002)
	api.Forget(5550003)
	for id, want := range map[string]channels.Verdict{"5550002": channels.Stop, "5550003": channels.Stop} {
		_, err := c.Send(within(t), channels.Outbound{To: to(id), Text: "còn đó không"})
		if se := channels.AsSendError(err); se == nil || se.Verdict != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	for _, empty := range []string{"", " \n\t"} {
		if se := channels.AsSendError(second(c.Send(within(t), channels.Outbound{To: to("5550004"), Text: empty}))); se == nil ||
			se.Verdict != channels.Fault {
			t.Errorf("empty text: %v", se)
		}
	}
	c.Typing(within(t), to("5550005"))
	c.Typing(within(t), to("nobody"))
	c.Typing(within(t), to("-100/x"))
	if api.Calls("sendChatAction") != 1 || len(api.Rejected()) != 0 {
		t.Errorf("typing: %d calls, malformed: %q", api.Calls("sendChatAction"), api.Rejected())
	}
}

func second(_ string, err error) error { return err }

// TestStrangers: answers that are not Telegram's must not be taken for its word.
func TestStrangers(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		want   channels.Verdict
	}{
		{403, "<html>Trang này bị chặn</html>", channels.Retry},
		{502, "<html>Bad Gateway</html>", channels.Retry},
		{503, "", channels.Retry},
		{504, "<html>", channels.Unknown},
		{200, "<html>hello</html>", channels.Unknown},
		{200, `{"ok":true,"result":"5550001 mật"}`, channels.Unknown},
		{200, `{"ok":true}`, channels.Unknown},
		{404, "not here", channels.Fault},
		{302, "", channels.Fault},
		{429, "slow down", channels.Retry},
		{400, `{"ok":false,"error_code":400,"description":"Bad Request: \"lời mật\" in 5550001"}`, channels.Fault},
		{403, `{"ok":false,"error_code":403,"description":"Forbidden: user is deactivated"}`, channels.Stop},
		{404, `{"ok":false,"error_code":404,"description":"Not Found"}`, channels.Fault},
	} {
		t.Run(http.StatusText(tc.status)+" "+string(tc.want), func(t *testing.T) {
			cfg := config(telegramserver.New())
			cfg.APIURL = channelstest.Answering(t, tc.status, tc.body)
			guard := channelstest.NewGuard(t)
			guard.Forbid("private", telegramserver.Token, "5550001", "mật")
			_, err := newChannel(t, cfg, guard.Logger()).Send(within(t), channels.Outbound{To: to("5550001"), Text: "xin chào"})
			if err == nil {
				t.Fatal("no error")
			}
			guard.Error(t, err)
			se := channels.AsSendError(err)
			if se.Verdict != tc.want {
				t.Errorf("verdict %s, want %s: %v", se.Verdict, tc.want, err)
			}
			if tc.status == 429 && se.After != 7*time.Second {
				t.Errorf("After = %v", se.After)
			}
		})
	}
}

// TestSentIsSent: an answer with parts nobody here knows says all the same that the message was taken.
func TestSentIsSent(t *testing.T) {
	cfg := config(telegramserver.New())
	cfg.APIURL = channelstest.Answering(t, 200, `{"ok":true,"result":{"message_id":7,"chat":"?","link_preview_options":"{}","hologram":1}}`)
	id, err := newChannel(t, cfg, slog.New(slog.DiscardHandler)).Send(within(t), channels.Outbound{To: to("77"), Text: "chào"})
	if id != "7" || err != nil {
		t.Errorf("Send = %q, %v", id, err)
	}
}

func TestSendWaitsForItsTurn(t *testing.T) {
	api := telegramserver.Start(t)
	c := sender(t, api)
	out := channels.Outbound{To: to("5550001"), Text: "một"}
	must(t, second(c.Send(within(t), out)))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	se := channels.AsSendError(second(c.Send(ctx, out)))
	if se == nil || se.Verdict != channels.Retry || len(api.Sent()) != 1 {
		t.Errorf("second message within a second: %v, %d sent", se, len(api.Sent()))
	}
	out.Urgent = true
	must(t, second(c.Send(within(t), out))) // an emergency does not wait
}
