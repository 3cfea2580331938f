package twilio_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/twilioserver"
	"treem/channels/twilio"
)

func sender(t *testing.T, api *twilioserver.Server, change func(*twilio.Config)) *twilio.Channel {
	t.Helper()
	cfg := config(api, public)
	if change != nil {
		change(&cfg)
	}
	return newChannel(t, cfg, slog.New(slog.DiscardHandler))
}

func to(id string) channels.Address { return channels.Address{Channel: twilio.Name, ID: id} }

func second(_ string, err error) error { return err }

func TestSendParameters(t *testing.T) {
	for _, tc := range []struct {
		name     string
		change   func(*twilio.Config)
		from     string
		validity int
	}{
		{"number", nil, twilioserver.Number, 4 * 3600},
		{"sender name", func(c *twilio.Config) { c.From = twilioserver.SenderName }, twilioserver.SenderName, 4 * 3600},
		{"service", func(c *twilio.Config) { c.From, c.MessagingServiceSID = "", twilioserver.ServiceSID },
			twilioserver.ServiceSID, 4 * 3600},
		{"service goes first", func(c *twilio.Config) { c.MessagingServiceSID = twilioserver.ServiceSID },
			twilioserver.ServiceSID, 4 * 3600},
		{"validity", func(c *twilio.Config) { c.Validity = 48 * time.Hour }, twilioserver.Number, 36000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := begin(t)
			api.SetCallbacks() // nobody listens at the public address
			id, err := sender(t, api, tc.change).Send(within(t), channels.Outbound{To: to(person), Text: "Gọi 111"})
			must(t, err)
			want := twilioserver.Sent{SID: id, To: person, From: tc.from, Body: "Gọi 111",
				StatusCallback: public + "/twilio/status", ValidityPeriod: tc.validity}
			if got := api.Sent(); len(got) != 1 || got[0] != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestSendLong(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		parts      int
	}{
		{"just fits", strings.Repeat("x", 1600), 1},
		{"just fits, accented", strings.Repeat("ữ", 1600), 1},
		{"one more", strings.Repeat("x", 1601), 2},
		{"words", strings.TrimSpace(strings.Repeat("Goi ngay 111. ", 300)), 3},
		{"emoji", strings.Repeat("😊", 801), 2},
		{"accents first", strings.Repeat("ữ", 1500) + "\n" + strings.Repeat("plain ", 800), 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := begin(t)
			api.SetCallbacks()
			id, err := sender(t, api, nil).Send(within(t), channels.Outbound{To: to(person), Text: tc.text})
			must(t, err)
			var parts []string
			sent := api.Sent()
			for _, s := range sent {
				parts = append(parts, s.Body)
			}
			if len(parts) != tc.parts || sent[len(sent)-1].SID != id {
				t.Errorf("%d parts, want %d", len(parts), tc.parts)
			}
			if strip(strings.Join(parts, "")) != strip(tc.text) {
				t.Error("not the whole text")
			}
		})
	}
}

func strip(s string) string { return strings.Join(strings.Fields(s), "") }

func TestSendFaults(t *testing.T) {
	api := begin(t)
	c := sender(t, api, nil)
	for _, out := range []channels.Outbound{
		{To: to(person), Text: ""},
		{To: to(person), Text: " \n\t"},
		{To: to("0905123456"), Text: "x"},
		{To: to("whatsapp:" + person), Text: "x"},
		{To: to("12345"), Text: "x"},
		{To: channels.Address{Channel: "telegram", ID: person}, Text: "x"},
	} {
		se := channels.AsSendError(second(c.Send(within(t), out)))
		if se == nil || se.Verdict != channels.Fault || strings.Contains(se.Error(), "905123456") {
			t.Errorf("to %q: %v", out.To.ID, se)
		}
	}
	if n := api.Calls(twilioserver.Messages); n != 0 {
		t.Errorf("%d calls for nothing", n)
	}
}

// TestSendPeople: what stands in a number's way at Twilio.
func TestSendPeople(t *testing.T) {
	api := begin(t)
	api.SetCallbacks()
	c := sender(t, api, nil)
	api.OptOut(person)
	api.Landline("+842438241111")
	for number, code := range map[string]string{person: "21610", "+842438241111": "21614"} {
		se := channels.AsSendError(second(c.Send(within(t), channels.Outbound{To: to(number), Text: "còn đó không"})))
		if se == nil || se.Verdict != channels.Stop || se.Code != code {
			t.Errorf("error %v, want stop, %s", se, code)
		}
	}
	api.OptIn(person)
	must(t, second(c.Send(within(t), channels.Outbound{To: to(person), Text: "chào em"})))
}

// TestVerdicts: what the API and what stands in its place may answer.
func TestVerdicts(t *testing.T) {
	word := func(code, status int) string {
		return `{"code":` + strconv.Itoa(code) + `,"message":"no ` + person + ` lời mật","more_info":"` + person +
			`","status":` + strconv.Itoa(status) + `}`
	}
	for _, tc := range []struct {
		status  int
		body    string
		verdict channels.Verdict
		code    string
	}{
		{400, word(21610, 400), channels.Stop, "21610"},
		{400, word(21211, 400), channels.Stop, "21211"},
		{400, word(21614, 400), channels.Stop, "21614"},
		{400, word(21635, 400), channels.Stop, "21635"},
		{400, word(21408, 400), channels.Fault, "21408"},
		{400, word(21606, 400), channels.Fault, "21606"},
		{400, word(21212, 400), channels.Fault, "21212"},
		{400, word(21603, 400), channels.Fault, "21603"},
		{400, word(21612, 400), channels.Fault, "21612"},
		{400, word(21608, 400), channels.Fault, "21608"},
		{400, word(21617, 400), channels.Fault, "21617"},
		{400, word(21611, 400), channels.Retry, "21611"},
		{400, word(29999, 400), channels.Fault, "29999"},
		{401, word(20003, 401), channels.Fault, "20003"},
		{403, word(20403, 403), channels.Fault, "20403"},
		{403, word(29998, 403), channels.Fault, "29998"},
		{404, word(20404, 404), channels.Fault, "20404"},
		{429, word(20429, 429), channels.Retry, "20429"},
		{429, word(29997, 429), channels.Retry, "29997"},
		{500, word(20500, 500), channels.Retry, "20500"},
		{503, word(20503, 503), channels.Retry, "20503"},
		{503, word(29996, 503), channels.Retry, "29996"},
		{403, "<html>Trang này bị chặn</html>", channels.Retry, "403"},
		{407, "", channels.Retry, "407"},
		{429, "slow down", channels.Retry, "429"},
		{502, "<html>Bad Gateway</html>", channels.Retry, "502"},
		{503, "", channels.Retry, "503"},
		{504, "<html>", channels.Unknown, "504"},
		{404, "not here", channels.Fault, "404"},
		{302, "", channels.Fault, "302"},
		{400, `{"code":"` + person + `"}`, channels.Fault, "400"},
		{200, "<html>hello " + person + "</html>", channels.Unknown, "no-answer"},
		{201, `{"sid":null}`, channels.Unknown, "no-answer"},
		{201, `{"sid":["lời mật"]}`, channels.Unknown, "no-answer"},
	} {
		t.Run(strconv.Itoa(tc.status)+" "+tc.code, func(t *testing.T) {
			guard := channelstest.NewGuard(t)
			guard.Forbid("private", twilioserver.AuthToken, person, "905123456", "lời mật")
			cfg := config(twilioserver.New(), public)
			cfg.APIURL = channelstest.Answering(t, tc.status, tc.body)
			err := second(newChannel(t, cfg, guard.Logger()).Send(within(t), channels.Outbound{To: to(person), Text: "xin chào"}))
			if err == nil {
				t.Fatal("no error")
			}
			guard.Error(t, err)
			se := channels.AsSendError(err)
			if se.Verdict != tc.verdict || se.Code != tc.code {
				t.Errorf("%s, code %s; want %s, %s: %v", se.Verdict, se.Code, tc.verdict, tc.code, err)
			}
			if want := map[bool]time.Duration{true: 7 * time.Second}[tc.verdict == channels.Retry]; se.After != want {
				t.Errorf("After = %v, want %v", se.After, want)
			}
		})
	}
}

func TestSendWaitsForItsTurn(t *testing.T) {
	api := begin(t)
	api.SetCallbacks()
	c := sender(t, api, func(cfg *twilio.Config) { cfg.PerSecond = 0 }) // as in the program
	out := channels.Outbound{To: to(person), Text: "một"}
	must(t, second(c.Send(within(t), out)))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	se := channels.AsSendError(second(c.Send(ctx, out)))
	if se == nil || se.Verdict != channels.Retry || se.After <= 0 || se.After > time.Second || len(api.Sent()) != 1 {
		t.Errorf("second message within a second: %v, %d sent", se, len(api.Sent()))
	}
	out.Urgent = true
	must(t, second(c.Send(within(t), out))) // an emergency does not wait
}

// TestReceiptsArrive goes the whole way: a message out, its receipts in, in whatever order.
func TestReceiptsArrive(t *testing.T) {
	api := begin(t)
	api.SetCallbacks("delivered", "sent", "undelivered 30003")
	c, sink, _ := start(t, api)
	sink.Refuse(2) // the stand-in tries again
	id, err := c.Send(within(t), channels.Outbound{To: to(person), Text: "chào em"})
	must(t, err)
	var got []channels.Delivery
	for _, r := range sink.WaitReceipts(t, 3) {
		if r.ProviderID != id {
			t.Errorf("receipt for %q, want %q", r.ProviderID, id)
		}
		got = append(got, r.Delivery)
	}
	if want := []channels.Delivery{channels.DeliveryDelivered, channels.DeliverySent, channels.DeliveryFailed}; !slices.Equal(got, want) {
		t.Errorf("receipts %v, want %v", got, want)
	}
	calls, err := api.WaitCallbacks(within(t), 3)
	must(t, err)
	for _, call := range calls {
		if call.HTTP != http.StatusOK {
			t.Errorf("callback %+v", call)
		}
	}
}

// TestEnvironment: the library's settings in the environment must not send our messages elsewhere.
func TestEnvironment(t *testing.T) {
	t.Setenv("TWILIO_EDGE", "nowhere")
	t.Setenv("TWILIO_REGION", "nowhere")
	t.Setenv("TWILIO_ACCOUNT_SID", "ACx")
	api := begin(t)
	api.SetCallbacks()
	must(t, second(sender(t, api, nil).Send(within(t), channels.Outbound{To: to(person), Text: "chào em"})))
}
