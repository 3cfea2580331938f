package main_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// TestACME has Pebble, the authority that Let's Encrypt gives out for tests, issue a certificate to the running program,
// which proves over TLS that it holds the name; after a restart the same certificate is used again.
func TestACME(t *testing.T) {
	t.Parallel()
	pebble, err := exec.LookPath("pebble")
	if err != nil {
		if os.Getenv("TREEM_REQUIRE_ENGINES") != "" {
			t.Fatal("pebble is missing: go install github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.3")
		}
		t.Skip("pebble is not installed")
	}
	const name = "treem.test"
	listen := freeAddress(t)
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		t.Fatal(err)
	}
	api := startPebble(t, pebble, port)
	c := &crash{t: t, binary: buildProgram(t), public: "https://" + name, env: append(cleanEnvironment(), "TREEM_DATA_DIR="+t.TempDir(),
		"TREEM_LISTEN="+listen, "TREEM_PUBLIC_URL=https://"+name, "TREEM_TLS_ACME="+name, "TREEM_TLS_ACME_URL="+api.directory, "SSL_CERT_FILE="+api.trusted)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var serials []string
	for range 2 {
		p := c.start(ctx)
		var state tls.ConnectionState
		for again := time.NewTicker(50 * time.Millisecond); ; <-again.C {
			conn, err := tls.Dial("tcp", listen, &tls.Config{ServerName: name, RootCAs: api.roots})
			if err == nil {
				state = conn.ConnectionState()
				conn.Close()
				again.Stop()
				break
			}
			if ctx.Err() != nil {
				t.Fatalf("%v\n%s", err, p.log)
			}
		}
		serials = append(serials, state.PeerCertificates[0].SerialNumber.String())
		p.kill()
	}
	if serials[0] != serials[1] {
		t.Errorf("certificate %s, after a restart %s: it was fetched again", serials[0], serials[1])
	}
}

// pebbleAPI is where a running Pebble answers.
type pebbleAPI struct {
	directory string
	trusted   string // file of what its own API's certificate is signed with
	roots     *x509.CertPool
}

func startPebble(t *testing.T, program, tlsPort string) pebbleAPI {
	t.Helper()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "api.pem"), filepath.Join(dir, "api.key")
	selfSigned(t, cert, key)
	listen, management := freeAddress(t), freeAddress(t)
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{"listenAddress": listen, "managementListenAddress": management,
		"certificate": cert, "privateKey": key, "httpPort": 5002, "tlsPort": json.Number(tlsPort), "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1}, "profiles": map[string]any{"default": map[string]any{"description": "d", "validityPeriod": 7776000}}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-config", file, "-dnsserver", nameServer(t))
	cmd.Env = append(cleanEnvironment(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	own := x509.NewCertPool()
	data, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	own.AppendCertsFromPEM(data)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: own}}}
	for again := time.NewTicker(50 * time.Millisecond); ; <-again.C {
		resp, err := client.Get("https://" + management + "/roots/0")
		if err != nil {
			if t.Context().Err() != nil {
				t.Fatal(err)
			}
			continue
		}
		again.Stop()
		root, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		api := pebbleAPI{directory: "https://" + listen + "/dir", trusted: cert, roots: x509.NewCertPool()}
		if !api.roots.AppendCertsFromPEM(root) {
			t.Fatalf("Pebble's root: %s", root)
		}
		return api
	}
}

// selfSigned writes a certificate for this machine and its key.
func selfSigned(t *testing.T, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// nameServer answers, over TCP, that every name has this machine's address, and returns where it listens.
func nameServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerNames(conn)
		}
	}()
	return l.Addr().String()
}

func answerNames(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		buf := make([]byte, binary.BigEndian.Uint16(size[:]))
		var m dnsmessage.Message
		if _, err := io.ReadFull(conn, buf); err != nil || m.Unpack(buf) != nil || len(m.Questions) != 1 {
			return
		}
		q := m.Questions[0]
		answer := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
		if q.Type == dnsmessage.TypeA {
			answer.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
				Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
		}
		out, err := answer.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...)); err != nil {
			return
		}
	}
}
