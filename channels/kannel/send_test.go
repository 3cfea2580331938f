package kannel_test

import (
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/kannelserver"
	"treem/channels/kannel"
)

const person = "+84905123456"

func TestSendParameters(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("Gọi 111 ngay. ", 20))
	for _, tc := range []struct {
		name   string
		change func(*kannel.Config)
		out    channels.Outbound
		want   []kannelserver.Sent // without URL, which is looked at apart
	}{
		{"plain", nil, channels.Outbound{ID: "a1", Text: "Goi 111"},
			[]kannelserver.Sent{{Text: "Goi 111", Validity: 240, Mask: 19}}},
		{"marks", nil, channels.Outbound{ID: "a2", Text: "Gọi 111 😊"},
			[]kannelserver.Sent{{Text: "Gọi 111 😊", UCS2: true, Validity: 240, Mask: 19}}},
		{"urgent", nil, channels.Outbound{ID: "a3", Text: "Goi 114", Urgent: true},
			[]kannelserver.Sent{{Text: "Goi 114", Validity: 240, Mask: 19, Priority: 3}}},
		{"route and validity", func(c *kannel.Config) { c.SMSC, c.Validity = "viettel", time.Hour },
			channels.Outbound{ID: "a4", Text: "x"}, []kannelserver.Sent{{Text: "x", Validity: 60, Mask: 19, SMSC: "viettel"}}},
		{"long, left to Kannel", nil, channels.Outbound{ID: "a5", Text: long},
			[]kannelserver.Sent{{Text: long, UCS2: true, Validity: 240, Mask: 19}}},
		{"long, our own parts", func(c *kannel.Config) { c.Split = kannel.SplitOwn }, channels.Outbound{ID: "a6", Text: long},
			[]kannelserver.Sent{
				{Text: cut(long, 0, 67), UCS2: true, Validity: 240, Mask: 18, Header: "0501"},
				{Text: cut(long, 67, 134), UCS2: true, Validity: 240, Mask: 18, Header: "0502"},
				{Text: cut(long, 134, 201), UCS2: true, Validity: 240, Mask: 18, Header: "0503"},
				{Text: cut(long, 201, 268), UCS2: true, Validity: 240, Mask: 18, Header: "0504"},
				{Text: cut(long, 268, 999), UCS2: true, Validity: 240, Mask: 19, Header: "0505"},
			}},
		{"short, our own parts", func(c *kannel.Config) { c.Split = kannel.SplitOwn }, channels.Outbound{ID: "a7", Text: "x"},
			[]kannelserver.Sent{{Text: "x", Validity: 240, Mask: 19}}},
		{"too long for one", nil, channels.Outbound{ID: "a8", Text: strings.Repeat("x", 8*153+1)},
			[]kannelserver.Sent{{Text: strings.Repeat("x", 8*153), Validity: 240, Mask: 18}, {Text: "x", Validity: 240, Mask: 19}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			box := kannelserver.Start(t)
			cfg := config(box, "http://127.0.0.1:8080/treem/")
			if tc.change != nil {
				tc.change(&cfg)
			}
			tc.out.To = to(person)
			id, err := newChannel(t, cfg, channelstest.NewGuard(t).Logger()).Send(within(t), tc.out)
			must(t, err)
			got := box.Sent()
			if id != tc.out.ID || len(got) != len(tc.want) {
				t.Fatalf("id %q, %d messages, want %q, %d; rejected: %q", id, len(got), tc.out.ID, len(tc.want), box.Rejected())
			}
			for i, s := range got {
				if !strings.HasPrefix(s.URL, "http://treem:"+secret+"@127.0.0.1:8080/treem/kannel/dlr?") ||
					query(t, s.URL).Get("id") != tc.out.ID || strings.Contains(s.URL, "%A") {
					t.Errorf("dlr-url %q", s.URL)
				}
				if s.Header != "" { // 05 00 03, reference, how many, which
					if s.Header[:6] != "050003" || s.Header[6:8] != got[0].Header[6:8] {
						t.Errorf("header %s", s.Header)
					}
					s.Header = s.Header[8:]
				}
				want := tc.want[i]
				want.To, want.From, want.URL = person, kannelserver.Sender, s.URL
				if s != want {
					t.Errorf("got  %+v\nwant %+v", s, want)
				}
			}
			if bad := box.Rejected(); len(bad) != 0 {
				t.Errorf("malformed calls: %q", bad)
			}
		})
	}
}

// cut returns the characters of text from one number to another.
func cut(text string, from, to int) string {
	runes := []rune(text)
	return string(runes[from:min(to, len(runes))])
}

// TestRepeatHasTheSameReference: a telephone must put the parts of a second try together with those of the first.
func TestRepeatHasTheSameReference(t *testing.T) {
	box := kannelserver.Start(t)
	cfg := config(box, "http://127.0.0.1:8080")
	cfg.Split = kannel.SplitOwn
	c := newChannel(t, cfg, channelstest.NewGuard(t).Logger())
	out := channels.Outbound{ID: "same", To: to(person), Text: strings.Repeat("x", 200)}
	box.Fail(kannelserver.SendSMS, kannelserver.Failure{}, kannelserver.Failure{Kind: kannelserver.ServerError})
	if se := channels.AsSendError(second(c.Send(within(t), out))); se == nil || se.Verdict != channels.Retry {
		t.Fatalf("Send = %v, want a failure of the second part", se)
	}
	must(t, second(c.Send(within(t), out)))
	if s := box.Sent(); len(s) != 3 || s[0].Header != s[1].Header || s[0].Header == s[2].Header {
		t.Errorf("sent %+v", s)
	}
}

func TestSendFaults(t *testing.T) {
	box := kannelserver.Start(t)
	c := newChannel(t, config(box, "http://127.0.0.1:8080"), channelstest.NewGuard(t).Logger())
	for _, out := range []channels.Outbound{
		{ID: "a", To: to(person), Text: ""},
		{ID: "a", To: to(person), Text: " \n\t"},
		{ID: "a", To: to("0905123456"), Text: "x"},
		{ID: "a", To: to("8085"), Text: "x"},
		{ID: "a", To: channels.Address{Channel: "twilio", ID: person}, Text: "x"},
		{ID: "", To: to(person), Text: "x"},
		{ID: "a b&c=%d", To: to(person), Text: "x"},
	} {
		se := channels.AsSendError(second(c.Send(within(t), out)))
		if se == nil || se.Verdict != channels.Fault || strings.Contains(se.Error(), "905123456") {
			t.Errorf("to %q: %v", out.To.ID, se)
		}
	}
	if n := box.Calls(kannelserver.SendSMS); n != 0 {
		t.Errorf("%d calls for nothing", n)
	}
}

// TestVerdicts: what smsbox and what stands in its place may answer.
func TestVerdicts(t *testing.T) {
	for _, tc := range []struct {
		status  int
		server  string
		body    string
		verdict channels.Verdict // "": taken
		code    string
	}{
		{202, "Kannel/1.4.5", "0: Accepted for delivery", "", ""},
		{202, "Kannel/1.4.3", "3: Queued for later delivery", "", ""},
		{202, "Kannel/1.4.5", "Sent.", "", ""},
		{403, "Kannel/1.4.5", "Authorization failed for sendsms", channels.Fault, "4031"},
		{403, "Kannel/1.4.5", "Not routable. Do not try again.", channels.Fault, "4032"},
		{403, "Kannel/1.4.5", "new words", channels.Fault, "403"},
		{400, "Kannel/1.4.5", "Number(s) has/have been denied by white- and/or black-lists.", channels.Stop, "4001"},
		{400, "Kannel/1.4.5", "Coding field misformed, rejected", channels.Fault, "400"},
		{404, "Kannel/1.4.5", "Unknown request.", channels.Fault, "404"},
		{500, "Kannel/1.4.5", "Sending failed.", channels.Retry, "500"},
		{503, "Kannel/1.4.5", "Temporal failure, try again later.", channels.Retry, "503"},
		{202, "nginx", "0: Accepted for delivery", channels.Fault, "202"},
		{200, "nginx", "welcome", channels.Fault, "200"},
		{403, "nginx", "Authorization failed for sendsms", channels.Retry, "403"},
		{502, "nginx", "", channels.Retry, "502"},
		{504, "nginx", "", channels.Unknown, "504"},
		{302, "", "", channels.Fault, "302"},
	} {
		t.Run(tc.server+tc.body, func(t *testing.T) {
			guard := channelstest.NewGuard(t)
			guard.Forbid("secret", kannelserver.Password, secret, person)
			cfg := config(kannelserver.Start(t), "http://127.0.0.1:8080")
			cfg.SendURL = answering(t, tc.status, tc.server, tc.body+" "+person)
			err := second(newChannel(t, cfg, guard.Logger()).Send(within(t), channels.Outbound{ID: "v", To: to(person), Text: "x"}))
			se := channels.AsSendError(err)
			if tc.verdict == "" {
				must(t, err)
				return
			}
			if se == nil || se.Verdict != tc.verdict || se.Code != tc.code {
				t.Fatalf("%v, want %s, code %s", se, tc.verdict, tc.code)
			}
			guard.Error(t, err)
		})
	}
}
