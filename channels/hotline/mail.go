package hotline

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"treem/channels"

	"github.com/wneessen/go-mail"
)

// Mail sends notices by e-mail, over TLS only.
type Mail struct {
	host    string
	from    string
	to      []string
	options []mail.Option
}

// NewMail reads smtps://user:password@host:465 (TLS from the start) or smtp://user:password@host:587 (STARTTLS, which
// the server must offer). The sender's address is the user, or "from" in the query: smtp://host?from=treem@example.vn.
// trust is nil but in tests.
func NewMail(address string, to []string, trust *tls.Config) (*Mail, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("hotline.smtp_url: it must look like smtps://user:password@mail.example.vn:465")
	}
	m := &Mail{host: u.Hostname(), to: to, from: u.Query().Get("from")}
	m.options = []mail.Option{mail.WithTimeout(25 * time.Second), mail.WithTLSPolicy(mail.TLSMandatory)}
	port := 587
	if u.Scheme == "smtps" {
		port = 465
		m.options = append(m.options, mail.WithSSL())
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("hotline.smtp_url: the port is no number")
		}
	}
	m.options = append(m.options, mail.WithPort(port))
	if u.User != nil {
		password, _ := u.User.Password()
		m.options = append(m.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
		if m.from == "" {
			m.from = u.User.Username()
		}
	}
	if trust != nil {
		m.options = append(m.options, mail.WithTLSConfig(trust))
	}
	probe := mail.NewMsg()
	if err := probe.From(m.from); err != nil {
		return nil, errors.New("hotline.smtp_url: the sender is no address; add ?from=treem@example.vn")
	}
	if len(to) == 0 || probe.To(to...) != nil {
		return nil, errors.New("hotline.email_to: at least one whole address is needed")
	}
	return m, nil
}

// Name is "email".
func (m *Mail) Name() string { return "email" }

// Notify sends one notice. Its Message-ID comes from the notice's, so that a mailbox can drop a repeat.
func (m *Mail) Notify(ctx context.Context, n Notice) (string, error) {
	msg := mail.NewMsg()
	to := m.to
	if n.To != "" {
		to = []string{n.To}
	}
	if err := errors.Join(msg.From(m.from), msg.To(to...)); err != nil {
		return "", &channels.SendError{Verdict: channels.Fault, Code: "address", Err: errors.New("hotline email: an address is malformed")}
	}
	msg.Subject(n.Title)
	id := n.ID + "@" + m.host
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(n.At)
	msg.SetBodyString(mail.TypeTextPlain, n.Text)
	if n.Case.Level == "emergency" {
		msg.SetImportance(mail.ImportanceUrgent)
	}
	client, err := mail.NewClient(m.host, m.options...)
	if err != nil {
		return "", &channels.SendError{Verdict: channels.Fault, Code: "settings", Err: errors.New("hotline email: the settings are not accepted")}
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return "", mailError(err)
	}
	return id, nil
}

// Check logs in at the server and out again.
func (m *Mail) Check(ctx context.Context) error {
	client, err := mail.NewClient(m.host, m.options...)
	if err != nil {
		return errors.New("hotline email: the settings are not accepted")
	}
	if err := client.DialWithContext(ctx); err != nil {
		return mailError(err).Err
	}
	return client.Close()
}

// mailError judges a failure. Everything is tried again: a mailbox that is full or unknown today may be mended, and the
// notice is one of several ways. The text names the step and the server's code, never an address.
func mailError(err error) *channels.SendError {
	out := &channels.SendError{Verdict: channels.Retry, Code: "unreachable", Err: errors.New("hotline email: the server was not reached or refused to be spoken to")}
	var se *mail.SendError
	if errors.As(err, &se) {
		out.Code = strconv.Itoa(se.ErrorCode())
		out.Err = fmt.Errorf("hotline email: refused with code %d at step %v", se.ErrorCode(), se.Reason)
		if se.Reason == mail.ErrSMTPDataClose && se.ErrorCode() == 0 { // the whole message was written, its answer is missing
			out.Verdict, out.Code, out.Err = channels.Unknown, "no-answer", errors.New("hotline email: no answer behind the message")
		}
	}
	return out
}
