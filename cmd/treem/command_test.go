package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// run calls the program as from a shell.
func run(t *testing.T, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	for _, name := range []string{"TREEM_REQUIRE_ENGINES", "TREEM_CRASH_SEED", "TREEM_CRASH_KILLS"} { // the tests' own, no settings
		if value, set := os.LookupEnv(name); set {
			os.Unsetenv(name)
			defer os.Setenv(name, value)
		}
	}
	c := newCommand()
	var out bytes.Buffer
	c.SetArgs(args)
	c.SetIn(strings.NewReader(stdin))
	c.SetOut(&out)
	c.SetErr(&bytes.Buffer{})
	err = c.ExecuteContext(t.Context())
	return out.String(), err
}

// lines decodes one JSON object a line.
func lines[T any](t *testing.T, text string) []T {
	t.Helper()
	var all []T
	for line := range strings.Lines(text) {
		var one T
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&one); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, one)
	}
	return all
}

func TestAskJSON(t *testing.T) {
	out, err := run(t, "tre em la nguoi bao nhieu tuoi\n\ngiá vàng hôm nay\ncuu voi be roi xuong ao chua thay ngoi len\nxin chào\n\xff\xfe\n"+strings.Repeat("dài ", 2500)+"\n",
		"ask", "--json", "--channel", "sms")
	if err != nil {
		t.Fatal(err)
	}
	got := lines[answer](t, out)
	if len(got) != 7 {
		t.Fatalf("%d answers to 7 lines", len(got))
	}
	for i, want := range []struct{ level, kind string }{{"none", "answer"}, {"none", "smalltalk"}, {"none", "unknown"}, {"emergency", "handover"}, {"none", "smalltalk"}} {
		if string(got[i].Level) != want.level || string(got[i].Kind) != want.kind {
			t.Errorf("line %d: %s %s, want %s %s", i+1, got[i].Level, got[i].Kind, want.level, want.kind)
		}
	}
	if a := got[0]; a.Entry == "" || a.Title == "" || len(a.Citations) == 0 || a.Encoding != "gsm7" || a.Segments < 1 || a.Segments > 2 || a.Confidence <= 0 {
		t.Errorf("answer %+v", a)
	}
	if a := got[3]; len(a.Parts) < 2 || len(a.Parts[0]) > 160 || !strings.Contains(a.Parts[0], "114") {
		t.Errorf("handover %+v", a)
	}
	if a := got[2]; len(a.Citations) != 0 || a.Entry != "" {
		t.Errorf("unknown %+v", a)
	}
}

func TestTriageAndSearchJSON(t *testing.T) {
	out, err := run(t, "", "triage", "--json", "cứu", "với,", "bé", "rơi", "xuống", "ao", "chưa", "thấy", "ngoi", "lên")
	if err != nil {
		t.Fatal(err)
	}
	if a := lines[assessment](t, out); len(a) != 1 || a[0].Level != "emergency" || a[0].Category != "drowning" || len(a[0].Reasons) == 0 {
		t.Errorf("triage %+v", a)
	}
	out, err = run(t, "dieu 25 luat tre em\ntre em la nguoi bao nhieu tuoi\n", "search", "--json", "-k", "3")
	if err != nil {
		t.Fatal(err)
	}
	f := lines[found](t, out)
	if len(f) != 2 || f[0].Hits[0] != (foundHit{"article", "102/2016/QH13#25", "102/2016/QH13", 25, f[0].Hits[0].Title, f[0].Hits[0].Score}) {
		t.Errorf("search %+v", f)
	}
	if len(f[1].Hits) != 3 || f[1].Hits[0].Kind != "entry" || f[1].Hits[0].Law == "" {
		t.Errorf("search %+v", f[1])
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"nothing"}, {"ask", "--channel", "fax", "x"}, {"ask", "--nonsense"}, {"search", "-k", "0", "x"}, {"kb"}, {"kb", "eval"}, {"version", "x"}} {
		_, err := run(t, "", args...)
		var wrong usageError
		if !errors.As(err, &wrong) {
			t.Errorf("%v: %v is no usage error", args, err)
		}
	}
	if _, err := run(t, "", "--config", filepath.Join(t.TempDir(), "none.yaml"), "doctor"); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("missing settings file: %v", err)
	}
}

func TestDoctor(t *testing.T) {
	t.Setenv("TREEM_DATA_DIR", filepath.Join(t.TempDir(), "data"))
	t.Setenv("TREEM_TELEGRAM_TOKEN", "1:hidden-token")
	t.Setenv("TREEM_TELEGRAM_API_URL", "http://127.0.0.1:1")
	out, err := run(t, "", "doctor")
	if err == nil || !strings.Contains(out, "FAIL  telegram") {
		t.Errorf("an unreachable Telegram passed: %v\n%s", err, out)
	}
	for _, want := range []string{"telegram.token = ••••••", "ok    database", "ok    clock", "ok    triage", "ok    index", "ok    twilio     not configured"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "hidden-token") {
		t.Error("doctor printed a secret")
	}
}

func TestChatRemembersAndEnds(t *testing.T) {
	out, err := run(t, "xin chào\n1\n1\n", "chat")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "1. Quyền trẻ em") || strings.Count(out, "Căn cứ:") != 1 {
		t.Errorf("chat:\n%s", out)
	}
}

func TestContentHasNoProblem(t *testing.T) {
	if out, err := run(t, "", "kb", "check"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
