package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDefaultsAreValid(t *testing.T) {
	c, err := Load("", []string{"HOME=/nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.Telegram.Mode != "polling" || !c.Web.Enabled || c.DataDir == "" {
		t.Errorf("defaults: %+v", c)
	}
}

func TestEnvironmentOverFileOverDefault(t *testing.T) {
	file := write(t, "treem.yaml", "listen: 0.0.0.0:9000\nlog_level: warn\nweb:\n  per_minute: 7\ntrusted_proxy: [10.0.0.0/8]\n")
	token := write(t, "token", "123:abc\n")
	c, err := Load(file, []string{"TREEM_LOG_LEVEL=debug", "TREEM_TELEGRAM_TOKEN_FILE=" + token, "TREEM_RETENTION_MESSAGES=48h",
		"TREEM_TRUSTED_PROXY=192.0.2.1,192.0.2.0/24", "TREEM_DATA_DIR=/data"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "0.0.0.0:9000" || c.LogLevel != "debug" || c.Web.PerMinute != 7 || c.Telegram.Token.Reveal() != "123:abc" ||
		c.Retention.Messages != 48*time.Hour || len(c.TrustedProxy) != 2 || c.DataDir != "/data" || c.Web.QuickExit == "" {
		t.Errorf("loaded: %+v", c)
	}
}

func TestNamesOfTestsAreNoSettings(t *testing.T) {
	if _, err := Load("", []string{"HOME=/nowhere", "TREEM_REQUIRE_ENGINES=1", "TREEM_SCREENSHOTS=/tmp/shots"}); err != nil {
		t.Error(err)
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		environ []string
		names   string
	}{
		"unknown in file":          {file: "listn: x\n", names: `"listn"`},
		"unknown nested":           {file: "telegram:\n  tokn: x\n", names: `"telegram.tokn"`},
		"unknown in environment":   {environ: []string{"TREEM_TELEGRAM_TOKN=x"}, names: "TREEM_TELEGRAM_TOKN"},
		"wrong type":               {file: "web:\n  per_minute: many\n", names: "per_minute"},
		"wrong duration":           {environ: []string{"TREEM_STOP_LIMIT=soon"}, names: "stop_limit"},
		"no time":                  {environ: []string{"TREEM_STOP_LIMIT=0s"}, names: "stop_limit"},
		"wrong address":            {file: "listen: here\n", names: "listen"},
		"wrong mode":               {file: "telegram:\n  mode: push\n", names: "telegram.mode"},
		"wrong url":                {file: "public_url: example.org\n", names: "public_url"},
		"wrong proxy":              {file: "trusted_proxy: [nowhere]\n", names: "trusted_proxy"},
		"webhook without secret":   {environ: []string{"TREEM_TELEGRAM_TOKEN=1:a", "TREEM_TELEGRAM_MODE=webhook", "TREEM_PUBLIC_URL=https://a.example"}, names: "telegram.webhook_secret"},
		"certificate alone":        {environ: []string{"TREEM_TLS_CERT=/a.pem", "TREEM_PUBLIC_URL=https://a.example"}, names: "tls.key"},
		"certificate twice":        {environ: []string{"TREEM_TLS_CERT=/a.pem", "TREEM_TLS_KEY=/a.key", "TREEM_TLS_ACME=a.example", "TREEM_PUBLIC_URL=https://a.example"}, names: "tls.acme"},
		"TLS without address":      {environ: []string{"TREEM_TLS_ACME=a.example"}, names: "public_url"},
		"TLS redirect alone":       {environ: []string{"TREEM_TLS_REDIRECT=:80"}, names: "tls.redirect"},
		"twilio without token":     {environ: []string{"TREEM_TWILIO_ACCOUNT_SID=AC1"}, names: "twilio.auth_token"},
		"group without bot":        {environ: []string{"TREEM_HOTLINE_TELEGRAM_CHAT=-1001"}, names: "telegram.token"},
		"group is no number":       {environ: []string{"TREEM_TELEGRAM_TOKEN=1:a", "TREEM_HOTLINE_TELEGRAM_CHAT=duty"}, names: "hotline.telegram_chat"},
		"hook without secret":      {environ: []string{"TREEM_HOTLINE_WEBHOOK_URL=https://a.example"}, names: "hotline.webhook_secret"},
		"mail to nobody":           {environ: []string{"TREEM_HOTLINE_SMTP_URL=smtps://a.example"}, names: "hotline.email_to"},
		"mail without server":      {environ: []string{"TREEM_HOTLINE_EMAIL_TO=a@b.example"}, names: "hotline.smtp_url"},
		"duty phone without SMS":   {environ: []string{"TREEM_HOTLINE_SMS_TO=+84901234567"}, names: "twilio.account_sid"},
		"Primero without user":     {environ: []string{"TREEM_HOTLINE_PRIMERO_URL=https://a.example"}, names: "hotline.primero_username"},
		"no time to take a case":   {environ: []string{"TREEM_HOTLINE_ACK_EMERGENCY=0s"}, names: "hotline.ack_emergency"},
		"kannel without secret":    {environ: []string{"TREEM_KANNEL_SEND_URL=http://127.0.0.1:13013/cgi-bin/sendsms", "TREEM_KANNEL_USERNAME=a", "TREEM_KANNEL_PASSWORD=b", "TREEM_KANNEL_FROM=8085"}, names: "kannel.secret"},
		"kannel without address":   {environ: []string{"TREEM_KANNEL_SECRET=0123456789abcdef"}, names: "kannel.send_url"},
		"kannel from nowhere":      {environ: []string{"TREEM_KANNEL_ALLOW=somewhere"}, names: "kannel.allow"},
		"kannel split":             {file: "kannel:\n  split: both\n", names: "kannel.split"},
		"database of another kind": {file: "database: mysql://x\n", names: "database"},
		"secret file missing":      {environ: []string{"TREEM_SECRET_KEY_FILE=/nowhere/key"}, names: "TREEM_SECRET_KEY_FILE"},
		"not yaml":                 {file: "a: [", names: "settings file"},
	} {
		t.Run(name, func(t *testing.T) {
			file := ""
			if c.file != "" {
				file = write(t, "treem.yaml", c.file)
			}
			if _, err := Load(file, c.environ); err == nil || !strings.Contains(err.Error(), c.names) {
				t.Errorf("error %v does not name %s", err, c.names)
			}
		})
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	c, err := Load("", []string{"TREEM_TELEGRAM_TOKEN=123:topsecret", "TREEM_SECRET_KEY=topsecret"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{b.String(), fmt.Sprintf("%v %+v %#v %s", c, c, c, c.Telegram.Token)} {
		if strings.Contains(printed, "topsecret") {
			t.Errorf("a secret was printed: %s", printed)
		}
	}
	if !strings.Contains(b.String(), "telegram.token = ••••••") || !strings.Contains(b.String(), "listen = 127.0.0.1:8080") {
		t.Errorf("printed:\n%s", b.String())
	}
}

// TestSamplesLoad: whoever copies a sample and fills in the secrets gets a program that starts.
func TestSamplesLoad(t *testing.T) {
	for _, file := range []string{"deploy/treem.yaml", "deploy/two-machines.yaml"} {
		c, err := Load(file, []string{"HOME=/nowhere", "TREEM_TELEGRAM_TOKEN=1:a", "TREEM_TELEGRAM_WEBHOOK_SECRET=geheim-geheim-geheim",
			"TREEM_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "TREEM_DATABASE=postgres://treem:geheim@db.internal/treem"})
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if text := fmt.Sprint(c); strings.Contains(text, "geheim") {
			t.Errorf("%s prints a secret: %s", file, text)
		}
	}
}
