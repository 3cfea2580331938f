// Package kannelbox runs a real Kannel, bearerbox and smsbox from the machine's package, on free local ports and from a
// temporary folder, with the sample configuration of config/deploy and only its addresses, folders, secrets and waiting
// times changed. What tests prove with it is proven of the sample.
package kannelbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The accounts in the configuration made from the sample.
const (
	Username       = "treem"
	Password       = "sendsms-pw-not-a-secret"
	StatusPassword = "status-pw-not-a-secret"
)

// Setup is what differs between tests.
type Setup struct {
	Sample   string            // file name of the sample configuration
	Centre   string            // host and port of the operator's message centre
	SystemID string            // account there
	Password string            //
	Hook     string            // the address smsbox calls for messages, secret and all
	Change   map[string]string // more settings, "group.name"; an empty value takes the line out
}

// Kannel is a running pair of boxes.
type Kannel struct {
	SendURL   string
	StatusURL string

	dir  string
	logs []*bytes.Buffer
}

// Start runs Kannel until the test ends. Without the engine the test is skipped, or fails where engines are required:
// in CI (CI=true) and with TREEM_REQUIRE_ENGINES=1.
func Start(t *testing.T, s Setup) *Kannel {
	t.Helper()
	bearerbox, smsbox := engine(t, "bearerbox"), engine(t, "smsbox")
	dir := t.TempDir()
	admin, box, send := freePort(t), freePort(t), freePort(t)
	host, port, err := net.SplitHostPort(s.Centre)
	if err != nil {
		t.Fatal(err)
	}
	change := map[string]string{
		"core.admin-port": admin, "core.smsbox-port": box, "core.admin-password": "admin-pw",
		"core.status-password": StatusPassword, "core.store-location": filepath.Join(dir, "store"),
		"core.dlr-spool": filepath.Join(dir, "dlr"), "core.log-file": "", "core.sms-resend-freq": "1",
		"smsc.host": host, "smsc.port": port, "smsc.smsc-username": s.SystemID, "smsc.smsc-password": s.Password,
		"smsc.reconnect-delay": "1", "smsc.throughput": "1000",
		"smsbox.sendsms-port": send, "smsbox.log-file": "",
		"sms-service.post-url":  `"` + s.Hook + `"`,
		"sendsms-user.password": Password,
	}
	for name, value := range s.Change {
		change[name] = value
	}
	for _, folder := range []string{"store", "dlr"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	k := &Kannel{dir: dir, SendURL: "http://127.0.0.1:" + send + "/cgi-bin/sendsms",
		StatusURL: "http://127.0.0.1:" + admin + "/status.xml"}
	file := filepath.Join(dir, "kannel.conf")
	if err := os.WriteFile(file, configuration(t, s.Sample, change), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, log := range k.logs {
				t.Logf("%.20000s", log)
			}
		}
	})
	k.run(t, bearerbox, file)
	waitPort(t, box)
	k.run(t, smsbox, file)
	k.waitSmsbox(t)
	return k
}

// engine is the path of one of Kannel's programs.
func engine(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	const how = "%s is not installed: apt-get install --no-install-recommends kannel"
	if os.Getenv("CI") == "true" || os.Getenv("TREEM_REQUIRE_ENGINES") == "1" {
		t.Fatalf(how, name)
	}
	t.Skipf(how+"; TREEM_REQUIRE_ENGINES=1 makes this a failure", name)
	return ""
}

// configuration is the sample with some values changed. A change that meets nothing in the sample is a failure.
func configuration(t *testing.T, sample string, change map[string]string) []byte {
	t.Helper()
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	group := ""
	met := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		name, value, isSetting := strings.Cut(strings.TrimSpace(line), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !isSetting || strings.HasPrefix(name, "#") {
			continue
		}
		if name == "group" {
			group = value
			fmt.Fprintf(&out, "\ngroup = %s\n", group)
			for key, value := range change {
				if rest, ok := strings.CutPrefix(key, group+".+"); ok {
					fmt.Fprintf(&out, "%s = %s\n", rest, value)
					met[key] = true
				}
			}
			continue
		}
		if changed, ok := change[group+"."+name]; ok {
			met[group+"."+name] = true
			if changed == "" {
				continue
			}
			value = changed
		}
		fmt.Fprintf(&out, "%s = %s\n", name, value)
	}
	for key := range change {
		if !met[key] {
			t.Fatalf("%s has no setting %s", sample, key)
		}
	}
	return []byte(out.String())
}

// run starts one of the boxes, to be stopped when the test ends.
func (k *Kannel) run(t *testing.T, program, file string) {
	t.Helper()
	log := &bytes.Buffer{}
	k.logs = append(k.logs, log)
	cmd := exec.Command(program, file)
	cmd.Dir, cmd.Stdout, cmd.Stderr = k.dir, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		// Kannel's own ending can wait long for its threads; what it keeps on disk needs no farewell.
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		<-ended
	})
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// waitPort waits until somebody listens.
func waitPort(t *testing.T, port string) {
	t.Helper()
	until(t, "Kannel listens on port "+port, func(ctx context.Context) bool {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	})
}

// waitSmsbox waits until bearerbox knows smsbox. That one must not be asked before: Kannel 1.4.5 crashes if a message
// comes while it still reads its configuration.
func (k *Kannel) waitSmsbox(t *testing.T) {
	t.Helper()
	until(t, "smsbox is connected to bearerbox", func(ctx context.Context) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.StatusURL+"?password="+StatusPassword, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		return err == nil && bytes.Contains(page, []byte("<type>smsbox</type>"))
	})
}

func until(t *testing.T, what string, done func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("in vain: %s", what)
		}
	}
}
