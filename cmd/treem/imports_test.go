package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of ours each package may import, tests aside; bot/doc.go tells why. A trailing /* stands
// for every package below.
var allowed = map[string][]string{
	"treem/config":                               {},
	"treem/channels":                             {},
	"treem/channels/sms":                         {},
	"treem/channels/lifecycle":                   {"treem/channels"},
	"treem/channels/httpcall":                    {"treem/channels"},
	"treem/channels/posted":                      {},
	"treem/channels/telegram":                    {"treem/channels", "treem/channels/httpcall", "treem/channels/lifecycle", "treem/channels/posted"},
	"treem/channels/twilio":                      {"treem/channels", "treem/channels/httpcall", "treem/channels/lifecycle", "treem/channels/posted", "treem/channels/sms"},
	"treem/channels/kannel":                      {"treem/channels", "treem/channels/httpcall", "treem/channels/lifecycle", "treem/channels/posted", "treem/channels/sms"},
	"treem/channels/channelstest/kannelserver":   {"treem/channels/channelstest/standin"},
	"treem/channels/channelstest/kannelbox":      {},
	"treem/channels/channelstest/smscserver":     {"treem/channels/channelstest/standin"},
	"treem/channels/web":                         {"treem/channels", "treem/channels/posted"},
	"treem/channels/terminal":                    {"treem/channels"},
	"treem/channels/hotline":                     {"treem/channels", "treem/channels/httpcall", "treem/channels/sms"},
	"treem/channels/channelstest":                {"treem/channels", "treem/channels/channelstest/standin"},
	"treem/channels/channelstest/standin":        {},
	"treem/channels/channelstest/telegramserver": {"treem/channels/channelstest/standin"},
	"treem/channels/channelstest/twilioserver":   {"treem/channels/channelstest/standin", "treem/channels/sms"},
	"treem/channels/channelstest/hookserver":     {"treem/channels/channelstest/standin"},
	"treem/channels/channelstest/primeroserver":  {"treem/channels/channelstest/standin"},
	"treem/channels/channelstest/mailserver":     {"treem/channels/channelstest/standin"},
	"treem/kb":                                   {"treem/kb/vitext"},
	"treem/kb/vitext":                            {},
	"treem/kb/support":                           {"treem/kb", "treem/kb/vitext"},
	"treem/kb/content":                           {},
	"treem/kb/statute":                           {"treem/kb/vitext"},
	"treem/bot":                                  {"treem/bot/dialogue", "treem/bot/handover", "treem/bot/report", "treem/bot/roster", "treem/bot/triage", "treem/channels", "treem/channels/hotline", "treem/channels/sms", "treem/kb", "treem/kb/vitext"},
	"treem/bot/triage":                           {"treem/kb/vitext"},
	"treem/bot/handover":                         {"treem/bot/roster", "treem/bot/triage", "treem/channels", "treem/channels/hotline"},
	"treem/bot/report":                           {},
	"treem/bot/roster":                           {"treem/kb/vitext"},
	"treem/bot/triage/train":                     {"treem/bot/triage", "treem/kb/vitext"},
	"treem/bot/dialogue":                         {"treem/bot/triage", "treem/kb", "treem/kb/support", "treem/kb/vitext"},
	"treem/bot/store":                            {"treem/bot", "treem/bot/dialogue", "treem/bot/editorial", "treem/bot/handover", "treem/bot/report", "treem/bot/staff", "treem/channels/hotline", "treem/bot/triage", "treem/channels", "treem/kb"},
	"treem/bot/store/storetest":                  {"treem/bot", "treem/bot/dialogue", "treem/bot/editorial", "treem/bot/handover", "treem/bot/report", "treem/bot/staff", "treem/channels/hotline", "treem/bot/store", "treem/bot/triage", "treem/channels", "treem/kb"},
	"treem/bot/store/pgtest":                     {},
	"treem/bot/queue":                            {"treem/bot"},
	"treem/bot/staff":                            {},
	"treem/bot/editorial":                        {"treem/bot/dialogue", "treem/channels/sms", "treem/kb", "treem/kb/vitext"},
	"treem/bot/console":                          {"treem/bot", "treem/bot/editorial", "treem/bot/handover", "treem/bot/report", "treem/bot/staff", "treem/bot/store", "treem/bot/triage", "treem/channels", "treem/kb", "treem/kb/vitext"},
	"treem/cmd/treem":                            nil, // everything
	"treem/cmd/treemload":                        {"treem/bot/store", "treem/bot/triage", "treem/channels/channelstest/telegramserver", "treem/channels/channelstest/twilioserver", "treem/kb", "treem/kb/content", "treem/kb/vitext"},
}

// only one package may name these libraries.
var only = map[string]string{
	"github.com/blevesearch/":         "treem/kb",
	"github.com/riverqueue/":          "treem/bot/queue",
	"github.com/spf13/viper":          "treem/config",
	"github.com/twilio/":              "treem/channels/twilio",
	"github.com/go-telegram/":         "treem/channels/telegram",
	"modernc.org/sqlite":              "treem/bot/store",
	"github.com/jackc/":               "treem/bot/store treem/bot/queue treem/bot/store/pgtest",
	"github.com/prometheus/":          "treem/cmd/treem",
	"github.com/wneessen/":            "treem/channels/hotline",
	"github.com/ledongthuc/":          "treem/kb/statute",
	"golang.org/x/net/":               "treem/kb/statute",
	"github.com/mattn/":               "treem/cmd/treem",
	"github.com/alexedwards/scs/":     "treem/bot/console",
	"github.com/alexedwards/argon2id": "treem/bot/staff",
	"github.com/coreos/":              "treem/bot/console",
	"golang.org/x/oauth2":             "treem/bot/console",
	"github.com/yuin/":                "treem/bot/console",
	"github.com/trustelem/":           "treem/bot/staff",
	"github.com/pquerna/":             "treem/bot/staff",
	"github.com/aymanbagabas/":        "treem/bot/editorial",
	"github.com/xuri/":                "treem/bot/report treem/bot/editorial",
	"golang.org/x/crypto/acme":        "treem/cmd/treem",
	"go.opentelemetry.io/":            "treem/cmd/treem",
	"github.com/getkin/":              "treem/channels/channelstest/twilioserver",
}

func TestImportRules(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "treem/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		rule, known := allowed[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the table of allowed imports", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "treem/") && rule != nil && !slices.Contains(rule, i) {
				t.Errorf("%s must not import %s", p.ImportPath, i)
			}
			if strings.HasPrefix(i, "treem/cmd/") {
				t.Errorf("%s imports %s: nobody imports cmd", p.ImportPath, i)
			}
			for library, owner := range only {
				if strings.HasPrefix(i, library) && !slices.Contains(strings.Fields(owner), p.ImportPath) {
					t.Errorf("%s names %s, which only %s may", p.ImportPath, i, owner)
				}
			}
		}
	}
}
