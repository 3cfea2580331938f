package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot/store"
	"treem/channels/channelstest/telegramserver"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"
)

// described are the metrics that a program has, with their labels.
func described(t *testing.T, a *App) map[string][]string {
	t.Helper()
	descs := make(chan *prometheus.Desc, 1000)
	newMetrics(a).registry.Describe(descs)
	close(descs)
	form := regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	all := map[string][]string{}
	for d := range descs {
		m := form.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("unreadable description %s", d)
		}
		all[m[1]] = strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })
	}
	return all
}

// TestAlertsAndDashboardNameWhatExists: every metric and label in the sample rules and the sample dashboard is one that
// the program has.
func TestAlertsAndDashboardNameWhatExists(t *testing.T) {
	have := described(t, openTestApp(t, testConfig(t)))
	have["up"] = nil
	exprs := map[string]string{}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      struct{ Severity string }
			}
		}
	}
	readInto(t, "../../config/deploy/alerts.yaml", yaml.Unmarshal, &rules)
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			exprs["alert "+r.Alert] = r.Expr
			if r.Labels.Severity != "page" && r.Labels.Severity != "ticket" {
				t.Errorf("alert %s wakes nobody: severity %q", r.Alert, r.Labels.Severity)
			}
		}
	}
	for _, needed := range []string{"TreemCaseNotTaken", "TreemChannelDown", "TreemErrorBudgetFast", "TreemCertificateEnds", "TreemMessagesNotStored"} {
		if exprs["alert "+needed] == "" {
			t.Errorf("there is no alert %s", needed)
		}
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	readInto(t, "../../config/deploy/dashboard.json", json.Unmarshal, &board)
	for _, p := range board.Panels {
		for i, target := range p.Targets {
			exprs["panel "+p.Title+string(rune('A'+i))] = target.Expr
		}
	}
	name := regexp.MustCompile(`\b(?:treem|process|go)_[a-z0-9_]+|\bup\b`)
	label := regexp.MustCompile(`\b([a-z]+)\s*=~?"|by \(([a-z, ]+)\)`)
	common := []string{"job", "instance", "le"}
	seen := map[string]bool{}
	for where, expr := range exprs {
		found := name.FindAllString(expr, -1)
		if len(found) == 0 {
			t.Errorf("%s names no metric: %s", where, expr)
		}
		labels := slices.Clone(common)
		for _, n := range found {
			for _, end := range []string{"_bucket", "_sum", "_count"} {
				if _, ok := have[n]; !ok {
					n = strings.TrimSuffix(n, end)
				}
			}
			if _, ok := have[n]; !ok {
				t.Errorf("%s: there is no metric %s", where, n)
			}
			labels = append(labels, have[n]...)
			seen[n] = true
		}
		for _, m := range label.FindAllStringSubmatch(expr, -1) {
			for _, l := range strings.Split(m[1]+m[2], ", ") {
				if !slices.Contains(labels, l) {
					t.Errorf("%s: its metrics have no label %s, only %v", where, l, labels)
				}
			}
		}
	}
	for n := range have {
		if strings.HasPrefix(n, "treem_") && !seen[n] && n != "treem_build_info" {
			t.Errorf("metric %s stands in neither sample: is it of use?", n)
		}
	}
}

func readInto(t *testing.T, file string, decode func([]byte, any) error, v any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := decode(data, v); err != nil {
		t.Fatal(err)
	}
}

// TestAlarmsAreCountedByKind: a channel in trouble shows in its own series and under what alarms.
func TestAlarmsAreCountedByKind(t *testing.T) {
	cfg := testConfig(t)
	api := telegramserver.Start(t)
	api.SetSchedule(&telegramserver.Schedule{Calls: []string{"getUpdates"}, Rates: map[telegramserver.Kind]float64{telegramserver.Unauthorized: 1}})
	cfg.Telegram.Token, cfg.Telegram.APIURL = telegramserver.Token, api.URL()
	a := openTestApp(t, cfg)
	for again := time.NewTicker(20 * time.Millisecond); ; <-again.C {
		resp, err := http.Get(a.Address() + "metrics")
		got := body(t, resp, err)
		if strings.Contains(got, `treem_channel_up{channel="telegram"} 0`) && strings.Contains(got, `treem_alarms{what="channel"} 1`) && strings.Contains(got, `treem_channel_up{channel="web"} 1`) {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal(got)
		}
	}
}

// TestReadyChecksWhatItClaims: not before everything is open, not while the database takes no writes, not any more once
// the program stops.
func TestReadyChecksWhatItClaims(t *testing.T) {
	cfg := testConfig(t)
	a := openTestApp(t, cfg)
	ask := func() (int, string) {
		w := httptest.NewRecorder()
		a.ready(w, httptest.NewRequestWithContext(t.Context(), "GET", "/readyz", nil))
		return w.Code, w.Body.String()
	}
	want := func(status int, says string) {
		t.Helper()
		if got, text := ask(); got != status || !strings.Contains(text, says) {
			t.Errorf("%d %q, want %d %q", got, text, status, says)
		}
	}
	want(http.StatusOK, "ready")
	a.phase.Store(starting)
	want(http.StatusServiceUnavailable, "starting")
	a.phase.Store(serving)

	other, err := store.OpenSQLite(t.Context(), databaseFile(cfg))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil) // holds the only right to write
	if err != nil {
		t.Fatal(err)
	}
	want(http.StatusServiceUnavailable, "takes no writes")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(http.StatusOK, "ready")

	a.live.current().closed = true
	want(http.StatusServiceUnavailable, "search")
	a.live.current().closed = false
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	want(http.StatusServiceUnavailable, "stopping")
}
