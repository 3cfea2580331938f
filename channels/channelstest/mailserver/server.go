// Package mailserver stands in for a mail server that takes case notices: a real SMTP server with STARTTLS and log-in on
// a local port, which refuses, breaks off and loses answers on request.
package mailserver

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"time"

	"treem/channels/channelstest/standin"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Who may log in, and who sends.
const (
	User     = "treem@mail.test"
	Password = "mail-test-password"
)

// Call is the name of the one call, a message handed over, for Fail. ServerError refuses it for now (451), Malformed for
// good (550), DropBefore ends the connection before the message, DropAfter takes it and ends the connection.
const Call = "message"

// Message is one message taken.
type Message struct {
	ID, From string
	To       []string
	Subject  string
	Body     string
}

// Server is the stand-in.
type Server struct {
	standin.Base[Message]
	smtp   *smtp.Server
	addr   string
	roots  *x509.CertPool
	caFile string
}

// TB is the part of testing.TB that Start needs.
type TB interface {
	standin.TB
	TempDir() string
}

// Start runs one until the test ends.
func Start(t TB) *Server {
	t.Helper()
	s := &Server{}
	s.Init("mailserver", nil, Call)
	certificate, err := s.certify(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	s.smtp.Domain = "mail.test"
	s.smtp.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.smtp.ErrorLog = silent{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	go func() { _ = s.smtp.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		_ = s.smtp.Close()
	})
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// URL is what hotline.smtp_url must be set to.
func (s *Server) URL() string {
	return fmt.Sprintf("smtp://%s:%s@%s", "treem%40mail.test", Password, s.addr)
}

// Trust makes a client believe the server's certificate.
func (s *Server) Trust() *tls.Config { return &tls.Config{RootCAs: s.roots, ServerName: "127.0.0.1"} }

// CAFile is the certificate in a file, for a program's SSL_CERT_FILE.
func (s *Server) CAFile() string { return s.caFile }

// certify makes a certificate for this machine that signs itself.
func (s *Server) certify(dir string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, IsCA: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(parsed)
	s.caFile = filepath.Join(dir, "mail-ca.pem")
	if err := os.WriteFile(s.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	known  bool
	from   string
	to     []string
}

func (s *session) AuthMechanisms() []string {
	if _, encrypted := s.conn.TLSConnectionState(); !encrypted {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if _, encrypted := s.conn.TLSConnectionState(); !encrypted || !s.known {
		s.server.Reject("mail", "a message before TLS and log-in")
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	server := s.server
	f := server.Arrived(Call)
	cut := func() error {
		_ = s.conn.Conn().Close()
		return errors.New("cut off")
	}
	switch f.Kind {
	case standin.ServerError, standin.TooMany, standin.BadGateway:
		_, _ = io.Copy(io.Discard, r)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	case standin.Malformed, standin.Unauthorized:
		_, _ = io.Copy(io.Discard, r)
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not accepted"}
	case standin.DropBefore, standin.Hang:
		return cut()
	}
	raw, err := io.ReadAll(r)
	if err != nil { // the sender died on the way: no message, so no malformed one
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		server.Reject("mail", "malformed message")
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	id := m.Header.Get("Message-Id")
	if id == "" || m.Header.Get("Date") == "" || m.Header.Get("Subject") == "" {
		server.Reject("mail", "no Message-ID, Date or Subject")
	}
	server.Mu.Lock()
	server.Taken = append(server.Taken, Message{ID: id, From: s.from, To: s.to, Subject: m.Header.Get("Subject"), Body: string(body)})
	server.Notify()
	server.Mu.Unlock()
	if f.Kind == standin.DropAfter {
		return cut()
	}
	return nil
}
