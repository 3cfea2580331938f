package kannel_test

import (
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest"
	"treem/channels/channelstest/kannelbox"
	"treem/channels/channelstest/smscserver"
	"treem/channels/channelstest/standin"
	"treem/channels/kannel"
)

const (
	sample = "../../config/deploy/kannel.conf"
	secret = "0localtestsecret-not-a-secret"
)

// line is a channel behind a real Kannel behind a message centre.
type line struct {
	centre  *smscserver.Server
	kannel  *kannelbox.Kannel
	channel *kannel.Channel
	sink    *channelstest.Sink
	guard   *channelstest.Guard
}

// connect brings everything up. hook is what stands behind the host in the address Kannel calls.
func connect(t *testing.T, change func(*kannel.Config, *kannelbox.Setup)) *line {
	t.Helper()
	l := &line{centre: smscserver.Start(t), sink: channelstest.NewSink(), guard: channelstest.NewGuard(t)}
	front := channelstest.NewFront(t)
	setup := kannelbox.Setup{Sample: sample, Centre: l.centre.Address(), SystemID: smscserver.SystemID,
		Password: smscserver.Password,
		Hook:     strings.Replace(front.URL, "://", "://treem:"+secret+"@", 1) + "/kannel/sms?id=%I"}
	cfg := kannel.Config{Username: kannelbox.Username, Password: kannelbox.Password, Secret: secret, From: smscserver.Number,
		CallbackURL: front.URL, StatusPassword: kannelbox.StatusPassword}
	if change != nil {
		change(&cfg, &setup)
	}
	l.kannel = kannelbox.Start(t, setup)
	cfg.SendURL, cfg.StatusURL = l.kannel.SendURL, l.kannel.StatusURL
	l.guard.Forbid("secret", secret, kannelbox.Password, kannelbox.StatusPassword)
	var err error
	l.channel, err = kannel.New(cfg, l.guard.Logger(), time.Now)
	must(t, err)
	front.Serve(l.channel)
	must(t, l.channel.Start(t.Context(), l.sink))
	t.Cleanup(func() {
		must(t, l.channel.Stop(within(t)))
		if bad := l.centre.Rejected(); len(bad) != 0 {
			t.Errorf("against the specification of SMPP: %q", bad)
		}
	})
	l.waitReady(t)
	return l
}

// waitReady waits until Kannel's boxes know each other and the centre, as Check tells.
func (l *line) waitReady(t *testing.T) {
	t.Helper()
	ctx := within(t)
	for {
		err := l.channel.Check(ctx)
		if err == nil {
			return
		}
		l.guard.Error(t, err)
		if standin.Pause(ctx, 50*time.Millisecond) != nil {
			t.Fatalf("Kannel is not ready: %v", err)
		}
	}
}

var (
	longMarks = strings.TrimSpace(strings.Repeat("Cháu bị bạn đánh ở trường, cô giáo không biết. Cháu sợ lắm ạ! ", 6))
	longPlain = strings.TrimSpace(strings.Repeat("Con toi bi nga xuong ao [sau nha], moi vot len, chua tinh ~ 5 phut. ", 8))
)

// engineTexts are what people write and read on real telephones, in both codings, short and in parts.
var engineTexts = []struct{ name, text string }{
	{"short with marks", "Trẻ em bị đuối nước phải làm gì?"},
	{"short plain", "tre em bi duoi nuoc phai lam gi? @ _ $ {x} €5"},
	{"lines and spaces", "  dong mot\ndong  hai "},
	{"long with marks", longMarks},
	{"long plain", longPlain},
	{"emoji over the edge", strings.Repeat("ữ", 66) + "😊😊" + strings.Repeat("ê", 80)},
}

// TestRealKannel takes messages the whole way between telephones and the channel, through the sample configuration.
func TestRealKannel(t *testing.T) {
	l := connect(t, nil)
	t.Run("in", func(t *testing.T) { l.in(t) })
	t.Run("out", func(t *testing.T) { l.out(t) })
	t.Run("reports", func(t *testing.T) { l.reports(t) })
}

// TestRealKannelOtherSettings: get-url instead of post-url, without mo-recode, and our own parts.
func TestRealKannelOtherSettings(t *testing.T) {
	l := connect(t, func(c *kannel.Config, s *kannelbox.Setup) {
		c.Split = kannel.SplitOwn
		base, _, _ := strings.Cut(s.Hook, "?")
		base = strings.Replace(base, "treem:"+secret+"@", "", 1)
		s.Hook = ""
		s.Change = map[string]string{
			"smsbox.mo-recode": "false",
			"sms-service.+get-url": `"` + base + "?secret=" + secret +
				`&id=%I&from=%p&to=%P&text=%b&coding=%c&charset=%C&time=%t&udh=%u&smsc=%i"`,
			"sms-service.post-url": "",
		}
	})
	t.Run("in", func(t *testing.T) { l.in(t) })
	t.Run("out", func(t *testing.T) { l.out(t) })
	t.Run("reports", func(t *testing.T) { l.reports(t) })
}

func (l *line) in(t *testing.T) {
	for i, tc := range engineTexts {
		t.Run(tc.name, func(t *testing.T) {
			l.guard.ForbidText(tc.text)
			l.centre.Write("84905123456", tc.text)
			in := l.sink.WaitStored(t, i+1)[i]
			if in.Text != tc.text {
				t.Errorf("arrived %q,\nwant    %q", in.Text, tc.text)
			}
			if in.From.ID != "+84905123456" || in.Kind != channels.KindText || in.ProviderID == "" {
				t.Errorf("from %q, kind %q, id %q", in.From.ID, in.Kind, in.ProviderID)
			}
			if age := time.Since(in.SentAt); age < -time.Minute || age > time.Minute {
				t.Errorf("sent %v ago", age)
			}
		})
	}
	must(t, l.centre.WaitTaken(within(t)))
}

func (l *line) out(t *testing.T) {
	for i, tc := range engineTexts {
		t.Run(tc.name, func(t *testing.T) {
			l.guard.ForbidText(tc.text)
			text := strings.TrimSpace(tc.text)
			id, err := l.channel.Send(within(t), channels.Outbound{ID: "out-" + string(rune('a'+i)), Text: text,
				To: channels.Address{Channel: kannel.Name, ID: "+84905123457"}, Urgent: i == 0})
			must(t, err)
			got, err := l.centre.WaitSent(within(t), i+1)
			must(t, err)
			if got[i].Text != text || got[i].To != "+84905123457" || got[i].From != smscserver.Number {
				t.Errorf("arrived %+v,\nwant    %q", got[i], text)
			}
			if want := map[bool]int{true: 3}[i == 0]; got[i].Priority != want {
				t.Errorf("priority %d, want %d", got[i].Priority, want)
			}
			receipts := l.sink.WaitReceipts(t, i+1)
			if r := receipts[i]; r.ProviderID != id || r.Delivery != channels.DeliveryDelivered {
				t.Errorf("receipt %+v", r)
			}
		})
	}
}

func (l *line) reports(t *testing.T) {
	before := len(l.sink.Receipts())
	for i, tc := range []struct {
		outcome smscserver.Outcome
		text    string
		code    string
	}{
		{smscserver.Undelivered, "khong den", "err-31"},
		{smscserver.Refused, "bi tu choi", "rejected"},
		{smscserver.Undelivered, longMarks, "err-31"},
	} {
		to := "+8490512346" + string(rune('0'+i))
		l.centre.SetOutcome(to, tc.outcome)
		_, err := l.channel.Send(within(t), channels.Outbound{ID: "report-" + string(rune('a'+i)), Text: tc.text,
			To: channels.Address{Channel: kannel.Name, ID: to}})
		must(t, err)
		id := "report-" + string(rune('a'+i))
		all := l.sink.WaitReceipts(t, before+1)
		r := all[before]
		if r.ProviderID != id || r.Delivery != channels.DeliveryFailed || r.Code != tc.code {
			t.Errorf("receipt %+v, want a failure of %s with code %q", r, id, tc.code)
		}
		must(t, l.centre.WaitTaken(within(t)))
		before = len(l.sink.Receipts())
	}
}
