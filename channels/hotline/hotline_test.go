package hotline_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"treem/channels"
	"treem/channels/channelstest/hookserver"
	"treem/channels/channelstest/mailserver"
	"treem/channels/channelstest/primeroserver"
	"treem/channels/channelstest/standin"
	"treem/channels/hotline"
)

const caseID = "0d3b0a52-5f0e-4c53-9b0c-2f6f2f8f1a11"

func notice(kind hotline.Kind) hotline.Notice {
	return hotline.Notice{ID: "N-" + string(kind), Kind: kind, Title: "Vụ việc K7F3Q", Text: "Một vụ việc khẩn cấp mới.\nMã: K7F3Q",
		Short: "treem: vu viec moi K7F3Q, khan cap.", Words: "ba con danh con", At: time.Now(),
		Case: hotline.Case{ID: caseID, Ref: "K7F3Q", Status: "open", Level: "emergency", Category: "violence_now", CHI: "violence_physical",
			Commune: "21583", MayContact: "yes", Shared: "unknown", SafeNow: "no", OpenedAt: time.Now()}}
}

// target is what every target does.
type target interface {
	Name() string
	Notify(context.Context, hotline.Notice) (string, error)
}

// verdict is how a send ended; "" is well.
func verdict(t *testing.T, to target, n hotline.Notice) channels.Verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := to.Notify(ctx, n)
	if err == nil {
		return ""
	}
	for _, private := range []string{n.Words, "primero-test-password", "mail-test-password", "dHJlZW0", "127.0.0.1"} {
		if strings.Contains(err.Error(), private) {
			t.Errorf("the error tells %q: %v", private, err)
		}
	}
	return channels.AsSendError(err).Verdict
}

func TestWebHook(t *testing.T) {
	s := hookserver.Start(t)
	h, err := hotline.NewWebHook(s.URL(), hookserver.Secret, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		failure standin.Kind
		want    channels.Verdict
	}{
		{standin.None, ""}, {standin.ServerError, channels.Retry}, {standin.TooMany, channels.Retry}, {standin.Malformed, channels.Retry},
		{standin.DropBefore, channels.Unknown}, {standin.DropAfter, channels.Unknown}, {standin.None, ""},
	} {
		s.Fail(hookserver.Call, standin.Failure{Kind: c.failure, After: time.Second})
		if got := verdict(t, h, notice(hotline.Opened)); got != c.want {
			t.Errorf("failure %d: %q, want %q", c.failure, got, c.want)
		}
	}
	taken := s.Sent()
	if len(taken) != 1 || s.Repeats() != 2 || taken[0].Type != "case.opened" || taken[0].Case["ref"] != "K7F3Q" {
		t.Errorf("taken %+v with %d repeats", taken, s.Repeats())
	}
	if strings.Contains(taken[0].Body, "danh con") {
		t.Error("the person's words were posted")
	}
	if r := s.Rejected(); len(r) > 0 {
		t.Error(r)
	}
}

func TestWebHookWithAnotherSecretIsRefused(t *testing.T) {
	s := hookserver.Start(t)
	for name, made := range map[string]func() (*hotline.WebHook, error){
		"secret": func() (*hotline.WebHook, error) {
			return hotline.NewWebHook(s.URL(), "whsec_"+strings.Repeat("QUJD", 8), time.Now)
		},
		"old call": func() (*hotline.WebHook, error) {
			return hotline.NewWebHook(s.URL(), hookserver.Secret, func() time.Time { return time.Now().Add(-time.Hour) })
		},
	} {
		h, err := made()
		if err != nil {
			t.Fatal(err)
		}
		if got := verdict(t, h, notice(hotline.Opened)); got != channels.Retry {
			t.Errorf("%s: %q", name, got)
		}
	}
	if len(s.Sent()) > 0 || len(s.Rejected()) != 2 {
		t.Errorf("taken %v, rejected %v", s.Sent(), s.Rejected())
	}
}

func TestMail(t *testing.T) {
	s := mailserver.Start(t)
	m, err := hotline.NewMail(s.URL(), []string{"truc@example.vn"}, s.Trust())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		failure standin.Kind
		want    []channels.Verdict
	}{
		{standin.None, []channels.Verdict{""}},
		{standin.ServerError, []channels.Verdict{channels.Retry}},
		{standin.Malformed, []channels.Verdict{channels.Retry}},
		{standin.DropAfter, []channels.Verdict{channels.Unknown, channels.Retry}},
	} {
		s.Fail(mailserver.Call, standin.Failure{Kind: c.failure})
		got := verdict(t, m, notice(hotline.Opened))
		if got != c.want[0] && (len(c.want) < 2 || got != c.want[1]) {
			t.Errorf("failure %d: %q, want %q", c.failure, got, c.want)
		}
	}
	n := notice(hotline.Overdue)
	n.To = "lan@example.vn"
	if got := verdict(t, m, n); got != "" {
		t.Errorf("to an officer: %q", got)
	}
	taken := s.Sent()
	if len(taken) != 3 || taken[0].To[0] != "truc@example.vn" || taken[2].To[0] != "lan@example.vn" {
		t.Fatalf("taken %+v", taken)
	}
	if taken[0].ID != taken[1].ID || taken[0].ID == taken[2].ID {
		t.Errorf("a repeat must carry the same Message-ID, another notice another: %q %q %q", taken[0].ID, taken[1].ID, taken[2].ID)
	}
	if strings.Contains(taken[0].Body, "danh con") || !strings.Contains(taken[0].Body, "K7F3Q") {
		t.Errorf("body: %s", taken[0].Body)
	}
	if r := s.Rejected(); len(r) > 0 {
		t.Error(r)
	}
}

// TestMailWithoutTrust: a server whose certificate nobody vouches for gets neither password nor notice.
func TestMailWithoutTrust(t *testing.T) {
	s := mailserver.Start(t)
	m, err := hotline.NewMail(s.URL(), []string{"truc@example.vn"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := verdict(t, m, notice(hotline.Opened)); got != channels.Retry || len(s.Sent()) > 0 {
		t.Errorf("%q, taken %d", got, len(s.Sent()))
	}
}

func TestPrimero(t *testing.T) {
	s := primeroserver.Start(t)
	p, err := hotline.NewPrimero(s.URL()+"/", primeroserver.User, primeroserver.Password)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if got := verdict(t, p, notice(hotline.Opened)); got != "" {
		t.Fatalf("opened: %q", got)
	}
	if got := verdict(t, p, notice(hotline.Opened)); got != "" {
		t.Errorf("a repeat is a success, not %q", got)
	}
	s.ExpireTokens()
	closed := notice(hotline.Closed)
	closed.Case.Status, closed.Case.MayContact = "closed", "unknown"
	if got := verdict(t, p, closed); got != "" {
		t.Errorf("with a token that had run out: %q", got)
	}
	s.Fail(primeroserver.CallUpdate, standin.Failure{Kind: standin.ServerError}, standin.Failure{Kind: standin.DropAfter})
	if got := verdict(t, p, closed); got != channels.Retry {
		t.Errorf("server error: %q", got)
	}
	if got := verdict(t, p, closed); got != channels.Unknown {
		t.Errorf("answer lost: %q", got)
	}
	other := notice(hotline.Claimed)
	other.Case.ID = "9d3b0a52-5f0e-4c53-9b0c-2f6f2f8f1a99"
	if got := verdict(t, p, other); got != "" {
		t.Errorf("a change of a record that is not there makes it, not %q", got)
	}
	records := s.Cases()
	if len(records) != 2 || records[caseID]["status"] != "closed" || records[caseID]["risk_level"] != "high" || records[caseID]["location_current"] != "VN21583" {
		t.Errorf("records %v", records)
	}
	if r := s.Rejected(); len(r) > 0 {
		t.Error(r)
	}
	stranger, err := hotline.NewPrimero(s.URL(), primeroserver.User, "wrong")
	if err != nil {
		t.Fatal(err)
	}
	if got := verdict(t, stranger, notice(hotline.Opened)); got != channels.Retry {
		t.Errorf("with a wrong password: %q", got)
	}
	if err := stranger.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "primero_password") {
		t.Errorf("check says %v", err)
	}
}

// phone is an SMS channel that remembers.
type phone struct {
	channels.Channel
	sent []channels.Outbound
}

func (p *phone) Name() string { return "twilio" }
func (p *phone) Send(_ context.Context, out channels.Outbound) (string, error) {
	p.sent = append(p.sent, out)
	return "SM1", nil
}

func TestText(t *testing.T) {
	p := &phone{}
	to := hotline.NewText(p, "+84900000001")
	n := notice(hotline.Opened)
	if got := verdict(t, to, n); got != "" {
		t.Fatal(got)
	}
	n.To = "+84900000002"
	if got := verdict(t, to, n); got != "" {
		t.Fatal(got)
	}
	if len(p.sent) != 2 || p.sent[0].To.ID != "+84900000001" || p.sent[1].To.ID != "+84900000002" || p.sent[0].Text != n.Short || !p.sent[0].Urgent {
		t.Errorf("sent %+v", p.sent)
	}
	n.To = ""
	if got := verdict(t, hotline.NewText(p, ""), n); got != channels.Fault {
		t.Errorf("without a phone: %q", got)
	}
}

func TestSettingsAreRefusedWithTheReason(t *testing.T) {
	hook := func(url, secret string) error { _, err := hotline.NewWebHook(url, secret, time.Now); return err }
	mail := func(url string, to ...string) error { _, err := hotline.NewMail(url, to, nil); return err }
	primero := func(url, user, password string) error { _, err := hotline.NewPrimero(url, user, password); return err }
	for says, err := range map[string]error{
		"hotline.webhook_url: notices": hook("http://example.vn/x", hookserver.Secret),
		"hotline.webhook_url: it must": hook("example.vn", hookserver.Secret),
		"hotline.webhook_secret":       hook("https://example.vn", ""),
		"hotline.smtp_url: it must":    mail("mail.example.vn:25", "a@example.vn"),
		"hotline.smtp_url: the sender": mail("smtp://mail.example.vn", "a@example.vn"),
		"hotline.email_to":             mail("smtp://mail.example.vn?from=a@example.vn"),
		"hotline.primero_url":          primero("http://primero.example.vn", "a", "b"),
		"hotline.primero_username":     primero("https://primero.example.vn", "", "b"),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v does not say %q", err, says)
		}
	}
}
