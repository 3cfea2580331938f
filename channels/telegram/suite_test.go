package telegram_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/telegramserver"
	"treem/channels/telegram"
)

const secret = "a-secret_of-the-web-hook"

func TestSuitePolling(t *testing.T) {
	channelstest.Suite(t, channelstest.Harness{Name: "telegram", New: func(t *testing.T, log *slog.Logger) *channelstest.Rig {
		api := telegramserver.Start(t)
		again := func(t *testing.T) channels.Channel { return newChannel(t, config(api), log) }
		return rig(api, again(t), again)
	}})
}

func TestSuiteWebhook(t *testing.T) {
	channelstest.Suite(t, channelstest.Harness{Name: "telegram", New: func(t *testing.T, log *slog.Logger) *channelstest.Rig {
		api := telegramserver.Start(t)
		front := channelstest.NewFront(t)
		again := func(t *testing.T) channels.Channel {
			cfg := config(api)
			cfg.Mode, cfg.WebhookSecret, cfg.PublicURL = telegram.ModeWebhook, secret, front.URL+"/"
			c := newChannel(t, cfg, log)
			front.Serve(c)
			return c
		}
		r := rig(api, again(t), again)
		var last int64
		deliver := r.Deliver
		r.Deliver = func(t *testing.T, m channelstest.Message) <-chan struct{} {
			last++
			return deliver(t, m)
		}
		r.Repeat = func(t *testing.T) <-chan struct{} {
			id := firstUpdate + last - 1
			api.Repeat(id)
			return confirmed(t, api, id)
		}
		return r
	}})
}

// firstUpdate is the number of the stand-in's first update.
const firstUpdate = 700_000_001

func config(api *telegramserver.Server) telegram.Config {
	return telegram.Config{
		Token: telegramserver.Token, APIURL: api.URL(), CallTimeout: 10 * time.Second,
		Backoff: func(int) time.Duration { return 5 * time.Millisecond },
		Profile: telegram.Profile{
			Commands: []telegram.Command{
				{Name: "start", Description: "Bắt đầu"}, {Name: "help", Description: "Cách dùng"},
				{Name: "xoa", Description: "Xoá cuộc trò chuyện"},
			},
			Description: "Hỏi đáp về bảo vệ trẻ em.", ShortDescription: "Bảo vệ trẻ em",
		},
		Languages: map[string]telegram.Profile{"en": {
			Commands:    []telegram.Command{{Name: "start", Description: "Start"}},
			Description: "Answers about the protection of children.", ShortDescription: "Protection of children",
		}},
	}
}

func newChannel(t *testing.T, cfg telegram.Config, log *slog.Logger) *telegram.Channel {
	t.Helper()
	c, err := telegram.New(cfg, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rig(api *telegramserver.Server, c channels.Channel, again func(*testing.T) channels.Channel) *channelstest.Rig {
	return &channelstest.Rig{
		Channel: c,
		Again:   again,
		Deliver: func(t *testing.T, m channelstest.Message) <-chan struct{} {
			return confirmed(t, api, api.Push(payload(m)))
		},
		Raw: true,
		Kinds: []channels.Kind{
			channels.KindText, channels.KindChoice, channels.KindEdited, channels.KindMedia, channels.KindLocation,
			channels.KindContact, channels.KindJoined, channels.KindLeft,
		},
		Person:   func(n int) string { return strconv.Itoa(5_550_001_000 + n) },
		Fail:     channelstest.Failing(api, "sendMessage", telegramserver.Blocked),
		Failures: channelstest.AllFailures,
		After:    channelstest.BusyFor,
		Sent: func() (out []channelstest.Sent) {
			for _, s := range api.Sent() {
				out = append(out, channelstest.Sent{To: s.Chat, Text: s.Text})
			}
			return out
		},
		Secrets: []string{telegramserver.Token, secret},
	}
}

// confirmed returns a channel that is closed once Telegram may forget the update.
func confirmed(t *testing.T, api *telegramserver.Server, id int64) <-chan struct{} {
	acked := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() {
		if api.WaitConfirmed(ctx, id) == nil {
			close(acked)
		}
	}()
	return acked
}

// payload is the update Telegram makes of what a person does.
func payload(m channelstest.Message) string {
	text := channelstest.JSONString(m.Text)
	who := fmt.Sprintf(`"from":{"id":%s,"is_bot":false,"first_name":"Bé Na","language_code":"vi"},`, m.From)
	chat := fmt.Sprintf(`"chat":{"id":%s,"first_name":"Bé Na","type":"private"}`, m.From)
	head := `"message_id":77,"date":1789000000,` + who + chat
	switch m.Kind {
	case channels.KindChoice:
		return fmt.Sprintf(`{"callback_query":{"id":"4382bfdwdsb323b2d9",%s"chat_instance":"99","data":%s,"message":{%s,"text":"Chọn"}}}`,
			who, channelstest.JSONString(m.Payload), head)
	case channels.KindEdited:
		return fmt.Sprintf(`{"edited_message":{%s,"edit_date":1789000100,"text":%s}}`, head, text)
	case channels.KindMedia:
		return fmt.Sprintf(`{"message":{%s,"photo":[{"file_id":"AgAC","file_unique_id":"AQAD","width":90,"height":60}],"caption":%s}}`, head, text)
	case channels.KindLocation:
		return fmt.Sprintf(`{"message":{%s,"location":{"latitude":21.0285,"longitude":105.8542}}}`, head)
	case channels.KindContact:
		return fmt.Sprintf(`{"message":{%s,"contact":{"phone_number":"+84912345678","first_name":"Mẹ"}}}`, head)
	case channels.KindJoined, channels.KindLeft:
		old, status := `{"user":{"id":123456789,"is_bot":true,"first_name":"T"},"status":"kicked","until_date":0}`,
			`{"user":{"id":123456789,"is_bot":true,"first_name":"T"},"status":"member"}`
		if m.Kind == channels.KindLeft {
			old, status = status, old
		}
		return fmt.Sprintf(`{"my_chat_member":{%s%s,"date":1789000000,"old_chat_member":%s,"new_chat_member":%s}}`,
			who, chat, old, status)
	}
	if m.Text == "" {
		return fmt.Sprintf(`{"message":{%s}}`, head)
	}
	return fmt.Sprintf(`{"message":{%s,"text":%s}}`, head, text)
}
