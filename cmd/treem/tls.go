package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"treem/config"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/time/rate"
)

// certificates gives the listeners their TLS certificate: from files, read again when they change, or from an authority
// that speaks ACME, fetched and renewed by itself.
type certificates struct {
	config   *tls.Config
	redirect http.Handler // for the listener without TLS

	mu  sync.Mutex
	end time.Time // when the certificate last handed out ends; zero: none was yet
}

// openTLS returns nil if another program does TLS.
func openTLS(cfg config.Config, log *slog.Logger) (*certificates, error) {
	switch {
	case cfg.TLS.Cert != "":
		f := &certFile{cert: cfg.TLS.Cert, key: cfg.TLS.Key, log: log}
		if err := f.read(); err != nil {
			return nil, fmt.Errorf("%w; tls.cert must name a certificate with its chain and tls.key its key, both in PEM form", err)
		}
		c := &certificates{redirect: toPublic(cfg.PublicURL)}
		c.config = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.noting(f.get)}
		c.note(f.now)
		return c, nil
	case len(cfg.TLS.ACME) > 0:
		m := &autocert.Manager{
			Prompt:     autocert.AcceptTOS,
			Cache:      autocert.DirCache(filepath.Join(cfg.DataDir, "acme")),
			HostPolicy: autocert.HostWhitelist(cfg.TLS.ACME...),
			Email:      cfg.TLS.ACMEEmail,
			Client:     &acme.Client{DirectoryURL: cfg.TLS.ACMEURL, UserAgent: "treem"},
		}
		c := &certificates{redirect: m.HTTPHandler(toPublic(cfg.PublicURL))}
		c.config = m.TLSConfig() // also answers the authority's tls-alpn-01 challenge
		c.config.MinVersion = tls.VersionTLS12
		complaints := rate.NewLimiter(rate.Every(time.Minute), 3)
		c.config.GetCertificate = c.noting(func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			cert, err := m.GetCertificate(hello)
			if err != nil && slices.Contains(cfg.TLS.ACME, hello.ServerName) && complaints.Allow() { // others only try names
				log.Error("the authority gave no certificate; it is asked again", "name", hello.ServerName, "error", err)
			}
			return cert, err
		})
		return c, nil
	}
	return nil, nil
}

// noting keeps when the certificate that is handed out ends.
func (c *certificates) noting(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := get(hello)
		if err == nil && len(hello.SupportedProtos) != 1 || err == nil && hello.SupportedProtos[0] != acme.ALPNProto {
			c.note(cert)
		}
		return cert, err
	}
}

func (c *certificates) note(cert *tls.Certificate) {
	if cert.Leaf == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = cert.Leaf.NotAfter
}

// ends says when the certificate in use ends; zero: another program does TLS, or nobody has asked for one yet.
func (c *certificates) ends() time.Time {
	if c == nil {
		return time.Time{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end
}

// certFile is a certificate on disk.
type certFile struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	now     *tls.Certificate
	changed time.Time // of the file that now was read from
}

func (f *certFile) read() error {
	info, err := os.Stat(f.cert)
	if err != nil {
		return err
	}
	cert, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return err
	}
	f.now, f.changed = &cert, info.ModTime()
	return nil
}

// get returns the certificate, a renewed one as soon as it can be read. While it cannot the old one goes on serving.
func (f *certFile) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if info, err := os.Stat(f.cert); err == nil && !info.ModTime().Equal(f.changed) {
		if err := f.read(); err != nil {
			f.log.Error("the renewed certificate cannot be read; the old one is used on", "error", err)
		}
	}
	return f.now, nil
}

// toPublic sends visitors without TLS to the public address. What is posted without TLS is refused and not passed on.
func toPublic(public string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Use HTTPS", http.StatusBadRequest)
			return
		}
		// #nosec G710 -- behind public_url, whatever is asked for
		http.Redirect(w, r, strings.TrimSuffix(public, "/")+"/"+strings.TrimLeft(r.URL.RequestURI(), "/"), http.StatusMovedPermanently)
	})
}

// serviceClient asks a service on this machine at its listener, whatever its public address resolves to.
func serviceClient(cfg config.Config) (client *http.Client, base string) {
	if !cfg.TLS.On() {
		return http.DefaultClient, "http://" + cfg.Listen
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	dial := t.DialContext
	t.Proxy = nil
	t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) { return dial(ctx, network, cfg.Listen) }
	return &http.Client{Transport: t}, strings.TrimSuffix(cfg.PublicURL, "/")
}

// badCertificate says whether an error is about the certificate that a listener shows.
func badCertificate(err error) bool {
	var bad *tls.CertificateVerificationError
	var host x509.HostnameError
	return errors.As(err, &bad) || errors.As(err, &host)
}
