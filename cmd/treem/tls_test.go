package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treem/config"
)

// authority signs certificates for tests.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.key = newKey(t)
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, of, of, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue writes a certificate for a name and its key.
func (a *authority) issue(serial int64, name string, ends time.Time, certFile, keyFile string) {
	a.t.Helper()
	key := newKey(a.t)
	of := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: ends,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, of, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	writeTo(a.t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	writeTo(a.t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// visitor reaches a listener under its public name and trusts the authority. Every request makes a connection of its own.
func (a *authority) visitor(listener string) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", listener)
		},
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2: true,
		DisableKeepAlives: true,
	}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// TestTLSByFile: pages come over TLS, the certificate is read again when it was renewed, a renewed one that cannot be
// read does not stop the service, visitors without TLS are led to it, and when the certificate ends is in the metrics.
func TestTLSByFile(t *testing.T) {
	const name = "treem.test"
	ca := newAuthority(t)
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	ends := time.Now().Add(30 * time.Minute).Truncate(time.Second)
	ca.issue(10, name, ends, cert, key)
	cfg := testConfig(t)
	cfg.PublicURL = "https://" + name
	cfg.TLS = config.TLS{Cert: cert, Key: key, Redirect: freePort(t)}
	a := openTestApp(t, cfg)
	listener := a.listener.Addr().String()
	visitor := ca.visitor(listener)
	serial := func() int64 {
		t.Helper()
		resp, err := visitor.Get("https://" + name + "/")
		page := body(t, resp, err)
		if resp.ProtoMajor != 2 || !strings.Contains(page, "tel:111") || resp.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("HTTP/%d %v:\n%s", resp.ProtoMajor, resp.Header, page)
		}
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if n := serial(); n != 10 {
		t.Errorf("certificate %d is shown", n)
	}
	resp, err := visitor.Get("https://" + name + "/metrics")
	if got := body(t, resp, err); !strings.Contains(got, fmt.Sprintf("treem_certificate_expiry_timestamp_seconds %g", float64(ends.Unix()))) {
		t.Error("the metrics do not say when the certificate ends")
	}
	ca.issue(11, name, ends, cert, key)
	age(t, cert, time.Minute)
	if n := serial(); n != 11 {
		t.Errorf("after the renewal certificate %d is shown", n)
	}
	writeTo(t, cert, "half a certificate")
	age(t, cert, 2*time.Minute)
	if n := serial(); n != 11 {
		t.Errorf("with a broken file certificate %d is shown", n)
	}
	if _, err := ca.visitor(listener).Get("https://other.test/"); !badCertificate(err) {
		t.Errorf("under another name: %v", err)
	}
	plain := ca.visitor(cfg.TLS.Redirect)
	resp, err = plain.Get("http://" + name + "/e/drowning-first-aid?x=1")
	if body(t, resp, err); resp.Header.Get("Location") != "https://"+name+"/e/drowning-first-aid?x=1" {
		t.Errorf("without TLS: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	resp, err = plain.Get("http://" + name + "//evil.test/")
	if body(t, resp, err); resp.Header.Get("Location") != "https://"+name+"/evil.test/" {
		t.Errorf("led away to %q", resp.Header.Get("Location"))
	}
	resp, err = plain.PostForm("http://"+name+"/", map[string][]string{"text": {"giúp em"}})
	if body(t, resp, err); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("words posted without TLS: %d", resp.StatusCode)
	}
	cfg.Listen = listener
	if _, err := checkService(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("doctor accepts a certificate that no browser knows: %v", err)
	}
}

// age sets a file's time into the future, as if it had been written later.
func age(t *testing.T, file string, by time.Duration) {
	t.Helper()
	if err := os.Chtimes(file, time.Time{}, time.Now().Add(by)); err != nil {
		t.Fatal(err)
	}
}

// freePort is a port that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestTLSRefusesBadFiles: a certificate that cannot be used is said at the start.
func TestTLSRefusesBadFiles(t *testing.T) {
	cfg := testConfig(t)
	cfg.PublicURL = "https://treem.test"
	cfg.TLS = config.TLS{Cert: writeTo(t, filepath.Join(t.TempDir(), "c"), "no"), Key: writeTo(t, filepath.Join(t.TempDir(), "k"), "no")}
	if _, err := openApp(t.Context(), cfg, slog.New(slog.DiscardHandler), serviceChannels); err == nil || !strings.Contains(err.Error(), "tls.cert") {
		t.Errorf("%v", err)
	}
}

// TestHTTPLogHidesAddresses: what the HTTP server says itself names network addresses, and people have those.
func TestHTTPLogHidesAddresses(t *testing.T) {
	var out bytes.Buffer
	l := newHTTPLog(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	l.Print("http: TLS handshake error from 203.0.113.7:51234: EOF")
	l.Printf("http: panic serving [2001:db8::7%%eth0]:4711: runtime error: index out of range")
	got := out.String()
	if strings.Contains(got, "203.0.113.7") || strings.Contains(got, "2001:db8") || !strings.Contains(got, "level=DEBUG") || !strings.Contains(got, "level=ERROR") {
		t.Error(got)
	}
}
