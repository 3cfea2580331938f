package telegram_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"treem/channels"
	"treem/channels/channelstest/telegramserver"
)

// TestCallPage: with an address of our own a number to call is a button to a page that dials it; nothing else is.
func TestCallPage(t *testing.T) {
	api := telegramserver.Start(t)
	cfg := config(api)
	cfg.PublicURL, cfg.CallLabel = "https://tre.example.vn/", "Gọi {number}"
	c := newChannel(t, cfg, discard)
	must(t, second(c.Send(within(t), channels.Outbound{To: to("77"), Text: "Gọi 114 ngay.", Urgent: true, Buttons: [][]channels.Button{
		{{Label: "114", Call: "114"}}, {{Label: "115", Call: "115"}}, {{Label: "Công an xã", Call: "02563000000"}},
	}})))
	sent := api.Sent()[0]
	if want := "Gọi 114 ngay.\n☎ 115\n☎ Công an xã: 02563000000"; sent.Text != want {
		t.Errorf("text %q, want %q", sent.Text, want)
	}
	want := [][]telegramserver.Button{{{Text: "Gọi 114", URL: "https://tre.example.vn/goi/114"}}, {{Text: "Gọi 115", URL: "https://tre.example.vn/goi/115"}}}
	if !reflect.DeepEqual(sent.Buttons, want) {
		t.Errorf("buttons %+v", sent.Buttons)
	}
	mux := http.NewServeMux()
	for _, r := range c.Routes() {
		mux.Handle(r.Pattern, r.Handler)
	}
	for path, status := range map[string]int{"/goi/114": 200, "/goi/19001234": 404, "/goi/1": 404, "/goi/<b>": 404} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != status {
			t.Errorf("%s: %d, want %d", path, w.Code, status)
		}
		if status == 200 && !strings.Contains(w.Body.String(), `<a href="tel:114">☎ Gọi 114</a>`) {
			t.Errorf("%s:\n%s", path, w.Body)
		}
	}
}

// TestPrivateLink: the button out of a group leads to the bot's own chat, once its name is known.
func TestPrivateLink(t *testing.T) {
	api := telegramserver.Start(t)
	out := channels.Outbound{To: to("-1005"), Text: "Xin nhắn riêng.", Urgent: true, Buttons: [][]channels.Button{{{Label: "Nhắn riêng", Private: true}}}}
	must(t, second(newChannel(t, config(api), discard).Send(within(t), out)))
	if b := api.Sent()[0].Buttons; b != nil {
		t.Errorf("before the name is known: %+v", b)
	}
	c, _ := start(t, config(api))
	must(t, api.WaitCalls(within(t), "getUpdates", 1)) // getMe came before
	must(t, second(c.Send(within(t), out)))
	want := [][]telegramserver.Button{{{Text: "Nhắn riêng", URL: "https://t.me/" + telegramserver.Username + "?start=rieng"}}}
	if b := api.Sent()[1].Buttons; !reflect.DeepEqual(b, want) {
		t.Errorf("buttons %+v", b)
	}
}
