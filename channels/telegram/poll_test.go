package telegram_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"treem/channels/channelstest"
	"treem/channels/channelstest/telegramserver"
	"treem/channels/telegram"
)

// start starts a channel against api and returns its sink.
func start(t *testing.T, cfg telegram.Config) (*telegram.Channel, *channelstest.Sink) {
	t.Helper()
	guard := channelstest.NewGuard(t)
	guard.Forbid("token", telegramserver.Token)
	c := newChannel(t, cfg, guard.Logger())
	sink := channelstest.NewSink()
	if err := c.Start(t.Context(), sink); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c, sink
}

// within returns a context for one wait.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), channelstest.Patience)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// checkSays waits until Check's error contains words; empty words stand for no error.
func checkSays(t *testing.T, c *telegram.Channel, words string) {
	t.Helper()
	ctx := within(t)
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for {
		err := c.Check(ctx)
		if words == "" && err == nil || words != "" && err != nil && strings.Contains(err.Error(), words) {
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			t.Fatalf("Check says %v, want %q", err, words)
		}
	}
}

func TestStartWhileUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := l.Addr().String()
	must(t, l.Close())
	api := telegramserver.New()
	cfg := config(api)
	cfg.APIURL = "http://" + addr
	c, sink := start(t, cfg)
	if err := c.Check(within(t)); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("Check = %v", err)
	}
	api.PushText(5550001, "chờ lâu quá")
	must(t, api.Listen(addr))
	t.Cleanup(api.Close)
	sink.WaitStored(t, 1)
	checkSays(t, c, "")
}

func TestWrongToken(t *testing.T) {
	api := telegramserver.Start(t)
	cfg := config(api)
	cfg.Token = "123456789:wrong"
	c := newChannel(t, cfg, slog.New(slog.DiscardHandler))
	must(t, c.Start(t.Context(), channelstest.NewSink()))
	must(t, c.Stop(within(t))) // the loop has ended or ends at once
	err := c.Check(within(t))
	if err == nil || !strings.Contains(err.Error(), "@BotFather") || strings.Contains(err.Error(), cfg.Token) {
		t.Errorf("Check = %v", err)
	}
}

// TestWebhookTakesOver: another program sets a web hook while we poll, and later removes it.
func TestWebhookTakesOver(t *testing.T) {
	api := telegramserver.Start(t)
	api.SetWebhook("http://127.0.0.1:9/left-over-from-before", "")
	c, sink := start(t, config(api)) // takes the old one away
	api.PushText(5550001, "một")
	sink.WaitStored(t, 1)
	api.SetWebhook("http://127.0.0.1:9/someone-else/secret-path", "")
	checkSays(t, c, "another program")
	other := newChannel(t, config(api), slog.New(slog.DiscardHandler)) // as `treem doctor` does
	if err := other.Check(within(t)); err == nil || !strings.Contains(err.Error(), "127.0.0.1:9") ||
		strings.Contains(err.Error(), "secret-path") {
		t.Errorf("Check = %v", err)
	}
	api.PushText(5550001, "hai")
	api.SetWebhook("", "")
	sink.WaitStored(t, 2)
	checkSays(t, c, "")
}

// TestTwoPollers: both are told, and nothing is lost between them.
func TestTwoPollers(t *testing.T) {
	api := telegramserver.Start(t)
	_, one := start(t, config(api))
	must(t, api.WaitCalls(within(t), "getUpdates", 1))
	_, two := start(t, config(api))
	must(t, api.WaitCalls(within(t), "getUpdates", 6))
	id := api.PushText(5550001, "ai nhận cũng được")
	must(t, api.WaitConfirmed(within(t), id))
	if len(one.Stored())+len(two.Stored()) == 0 {
		t.Error("confirmed and not stored")
	}
}

func TestRetryAfterHonoured(t *testing.T) {
	api := telegramserver.Start(t)
	api.Fail("getUpdates", telegramserver.Failure{Kind: telegramserver.TooMany, After: time.Second})
	_, sink := start(t, config(api))
	must(t, api.WaitCalls(within(t), "getUpdates", 1))
	begun := time.Now()
	api.PushText(5550001, "từ từ thôi")
	sink.WaitStored(t, 1)
	if waited := time.Since(begun); waited < 900*time.Millisecond {
		t.Errorf("asked again after %v, told to wait a second", waited)
	}
}

// TestUnreadableUpdates: one update nobody can read must not stop the others.
func TestUnreadableUpdates(t *testing.T) {
	api := telegramserver.Start(t)
	api.Push(`{"message":"no object at all"}`)
	api.Push(`{"my_chat_member":{"new_chat_member":{"status":"ghost"}}}`)
	id := api.PushText(5550001, "vẫn đến nơi")
	_, sink := start(t, config(api))
	sink.WaitStored(t, 1)
	must(t, api.WaitConfirmed(within(t), id))
}

// TestStopConfirms: what was stored is confirmed before Stop returns. The stop begins with Start's context, so that it
// is sure to have begun before the message is stored.
func TestStopConfirms(t *testing.T) {
	api := telegramserver.Start(t)
	c := newChannel(t, config(api), slog.New(slog.DiscardHandler))
	sink := channelstest.NewSink()
	ctx, cancel := context.WithCancel(t.Context())
	must(t, c.Start(ctx, sink))
	release := sink.Hold()
	api.PushText(5550001, "đang lưu")
	sink.WaitTried(t, 1)
	cancel()
	release()
	must(t, c.Stop(within(t)))
	if len(sink.Stored()) != 1 || api.Pending() != 0 {
		t.Errorf("%d stored, %d still pending", len(sink.Stored()), api.Pending())
	}
}

// TestBadLine: failures of every sort, by a fixed seed; all messages arrive, in order.
func TestBadLine(t *testing.T) {
	api := telegramserver.Start(t)
	api.SetSchedule(&telegramserver.Schedule{
		Seed: 111, Calls: []string{"getUpdates", "getMe", "deleteWebhook"}, After: time.Millisecond,
		Rates: map[telegramserver.Kind]float64{
			telegramserver.ServerError: 0.1, telegramserver.BadGateway: 0.1, telegramserver.Delay: 0.1,
			telegramserver.DropBefore: 0.1, telegramserver.DropAfter: 0.2,
		},
	})
	_, sink := start(t, config(api))
	const n = 100
	sink.Refuse(7)
	for i := range n {
		api.PushText(5550001, strconv.Itoa(i))
	}
	for i, in := range sink.WaitStored(t, n) {
		if in.Text != strconv.Itoa(i) {
			t.Fatalf("message %d is %q", i, in.Text)
		}
	}
}

func TestButtonAnsweredAfterAccept(t *testing.T) {
	api := telegramserver.Start(t)
	_, sink := start(t, config(api))
	release := sink.Hold()
	api.Push(`{"callback_query":{"id":"778899","from":{"id":5550001,"is_bot":false,"first_name":"Na"},"data":"x",
		"message":{"message_id":1,"date":1,"chat":{"id":5550001,"type":"private"}}}}`)
	sink.WaitTried(t, 1)
	if got := api.Answered(); len(got) != 0 {
		t.Errorf("answered %v before Accept returned", got)
	}
	release()
	must(t, api.WaitAnswered(within(t), 1))
}

func TestMenuAndStrictness(t *testing.T) {
	api := telegramserver.Start(t)
	_, _ = start(t, config(api))
	for _, part := range []struct{ what, language, want string }{
		{"commands", "", "Cách dùng"}, {"description", "", "Hỏi đáp về bảo vệ trẻ em."}, {"short_description", "", "Bảo vệ trẻ em"},
		{"commands", "en", "Start"}, {"description", "en", "Answers about the protection of children."},
		{"short_description", "en", "Protection of children"},
	} {
		got, err := api.WaitDescribed(within(t), part.what, part.language)
		must(t, err)
		if !strings.Contains(got, part.want) {
			t.Errorf("%s in %q: %s", part.what, part.language, got)
		}
	}
	must(t, api.WaitCalls(within(t), "getUpdates", 1))
	if bad := api.Rejected(); len(bad) != 0 {
		t.Errorf("malformed calls: %q", bad)
	}
}

func TestStartTwice(t *testing.T) {
	api := telegramserver.Start(t)
	c, sink := start(t, config(api))
	if c.Start(t.Context(), sink) == nil {
		t.Error("started twice")
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  telegram.Config
	}{
		{"no token", telegram.Config{}},
		{"half a token", telegram.Config{Token: "123456789"}},
		{"mode", telegram.Config{Token: telegramserver.Token, Mode: "push"}},
		{"secret", telegram.Config{Token: telegramserver.Token, WebhookSecret: "mật khẩu"}},
		{"address", telegram.Config{Token: telegramserver.Token, APIURL: "api.telegram.org"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := telegram.New(c.cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
			if err == nil || errors.Is(err, context.Canceled) {
				t.Errorf("New = %v", err)
			}
		})
	}
}
