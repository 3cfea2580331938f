package telegram_test

import (
	"fmt"
	"testing"

	"treem/channels"
	"treem/channels/channelstest/telegramserver"
)

// TestDutyGroup: everything written in the duty group is passed on, whatever number or name it goes by, and nothing of
// other groups that is not meant for the bot.
func TestDutyGroup(t *testing.T) {
	group := func(chat int64, more, text string) string {
		return fmt.Sprintf(`{"message":{"message_id":5,"date":1789000000,"from":{"id":501,"is_bot":false,"first_name":"Trực"},`+
			`"chat":{"id":%d,"type":"supergroup","username":"truc_ca_111"},%s"text":%q}}`, chat, more, text)
	}
	const answer = `"reply_to_message":{"message_id":9,"from":{"id":123456789,"is_bot":true,"first_name":"T"},"chat":{"id":-1001,"type":"supergroup"},"date":1},`
	const topic = `"message_thread_id":7,"is_topic_message":true,`
	for _, tc := range []struct {
		name, duty string
		update     string
		from       string // empty: nothing is passed on
		overheard  bool
		replyTo    string
	}{
		{"talk", "-1001", group(-1001, "", "NHAN K7F3Q"), "-1001", true, ""},
		{"answer to a notice", "-1001", group(-1001, answer, "cháu ở đâu"), "-1001", false, "9"},
		{"talk in any topic", "-1001", group(-1001, topic, "NHAN K7F3Q"), "-1001", true, ""},
		{"by name", "@Truc_Ca_111", group(-1001, "", "NHAN K7F3Q"), "@Truc_Ca_111", true, ""},
		{"the topic", "-1001/7", group(-1001, topic, "NHAN K7F3Q"), "-1001/7", true, ""},
		{"beside the topic", "-1001/7", group(-1001, "", "mai trực không"), "", false, ""},
		{"another group", "-1001", group(-1002, "", "NHAN K7F3Q"), "", false, ""},
		{"no duty group", "", group(-1001, "", "NHAN K7F3Q"), "", false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := telegramserver.Start(t)
			cfg := config(api)
			cfg.DutyChat = tc.duty
			_, sink := start(t, cfg)
			must(t, api.WaitConfirmed(within(t), api.Push(tc.update)))
			got := sink.Stored()
			if tc.from == "" {
				if len(got) != 0 {
					t.Errorf("passed on: %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].From.ID != tc.from || got[0].Overheard != tc.overheard || got[0].Author != "501" ||
				got[0].ReplyTo != tc.replyTo || !got[0].Group {
				t.Errorf("passed on: %+v", got)
			}
		})
	}
}

// TestDutyGroupMoves: the group becomes a supergroup; what is written there still comes from the group in the settings,
// whether Telegram says so in the chat or when a notice is sent.
func TestDutyGroupMoves(t *testing.T) {
	for _, told := range []string{"in the chat", "when sending"} {
		t.Run(told, func(t *testing.T) {
			api := telegramserver.Start(t)
			cfg := config(api)
			cfg.DutyChat = "-4001"
			c, sink := start(t, cfg)
			if told == "in the chat" {
				must(t, api.WaitConfirmed(within(t), api.Push(`{"message":{"message_id":1,"date":1,"chat":{"id":-4001,"type":"group"},`+
					`"from":{"id":501,"is_bot":false,"first_name":"T"},"migrate_to_chat_id":-1004001}}`)))
			} else {
				api.Migrate(-4001, -1004001)
				must(t, second(c.Send(within(t), channels.Outbound{To: to("-4001"), Text: "Ca mới"})))
			}
			must(t, api.WaitConfirmed(within(t), api.Push(`{"message":{"message_id":2,"date":1,"chat":{"id":-1004001,"type":"supergroup"},`+
				`"from":{"id":501,"is_bot":false,"first_name":"T"},"text":"NHAN K7F3Q"}}`)))
			if got := sink.Stored(); len(got) != 1 || got[0].From.ID != "-4001" {
				t.Errorf("passed on: %+v", got)
			}
		})
	}
}
