package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treem/channels/channelstest/hookserver"
	"treem/channels/channelstest/standin"
)

// TestCaseReachesTheDesk runs the program with a web hook: an urgent message on the web page is told on; nobody takes it,
// so that health and doctor show a standing alarm.
func TestCaseReachesTheDesk(t *testing.T) {
	hook := hookserver.Start(t)
	cfg := testConfig(t)
	cfg.Hotline.WebhookURL, cfg.Hotline.WebhookSecret = hook.URL(), hookserver.Secret
	cfg.Hotline.AckEmergency = 50 * time.Millisecond
	a := openTestApp(t, cfg)
	resp, err := person(t).PostForm(a.Address(), url.Values{"text": {"cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên"}})
	if page := body(t, resp, err); !strings.Contains(page, `href="tel:114"`) {
		t.Errorf("page:\n%s", page)
	}
	told, err := hook.WaitSent(t.Context(), 2)
	if err != nil || told[0].Type != "case.opened" || told[1].Type != "case.overdue" || strings.Contains(told[0].Body, "rơi xuống ao") {
		t.Fatalf("told %+v, %v", told, err)
	}
	resp, err = person(t).Get(a.Address() + "healthz")
	if got := body(t, resp, err); got != "ok\n" {
		t.Errorf("health before the alarm:\n%s", got)
	}
	resp, err = person(t).Get(a.Address() + "metrics")
	if got := body(t, resp, err); !strings.Contains(got, `treem_cases_total{level="emergency"} 1`) || !strings.Contains(got, `treem_escalations_total{unheard="false"} 1`) ||
		!strings.Contains(got, `treem_notice_seconds_count{outcome="sent",target="webhook"}`) {
		t.Errorf("metrics lack the case:\n%s", got)
	}
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	t.Setenv("TREEM_HOTLINE_WEBHOOK_URL", hook.URL())
	t.Setenv("TREEM_HOTLINE_WEBHOOK_SECRET", hookserver.Secret)
	if out, err := run(t, "", "doctor"); err != nil || !strings.Contains(out, "1 live") || !strings.Contains(out, "told to webhook") {
		t.Errorf("doctor beside the running service: %v\n%s", err, out)
	}
}

func TestStandingAlarm(t *testing.T) {
	hook := hookserver.Start(t)
	hook.SetSchedule(&standin.Schedule{Rates: map[standin.Kind]float64{standin.ServerError: 1}})
	cfg := testConfig(t)
	cfg.Hotline.WebhookURL, cfg.Hotline.WebhookSecret = hook.URL(), hookserver.Secret
	a := openTestApp(t, cfg)
	resp, err := person(t).PostForm(a.Address(), url.Values{"text": {"cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên"}})
	body(t, resp, err)
	if err := hook.WaitCalls(t.Context(), hookserver.Call, 1); err != nil {
		t.Fatal(err)
	}
	alarm, err := a.store.Alarm(t.Context(), alarmGrace, time.Now().Add(alarmGrace))
	if err != nil {
		t.Fatal(err)
	}
	if lines := texts(storedAlarms(alarm)); len(lines) == 0 || !strings.Contains(strings.Join(lines, "\n"), "notices wait for webhook") {
		t.Errorf("alarm %q", lines)
	}
}

func TestRosterIsReadOrRefused(t *testing.T) {
	cfg := testConfig(t)
	cfg.Hotline.Roster = filepath.Join(t.TempDir(), "roster.yaml")
	if _, err := openDesk(cfg, nil, ""); err == nil || !strings.Contains(err.Error(), "hotline.roster") {
		t.Errorf("a missing roster: %v", err)
	}
	good := "officers: [{id: lan, name: Lan, sms: \"+84900000001\"}]\ntiers: [{name: Trực, shifts: [{officers: [lan]}]}]\n"
	if err := os.WriteFile(cfg.Hotline.Roster, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := openDesk(cfg, nil, "")
	if err != nil || d.Officers.Name("lan") != "Lan" || !d.TellPerson(time.Now()).Now {
		t.Errorf("desk %+v, %v", d, err)
	}
}
