package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treem/bot/triage"
)

// TestTriageEval scores a file with one recognised emergency, one ordinary message, and two labels that nobody would
// agree with: they must come out as a miss and a false alarm.
func TestTriageEval(t *testing.T) {
	file := filepath.Join(t.TempDir(), "messages.jsonl")
	const messages = `
{"id":"a1","text":"Ba đang cầm dao rượt mẹ con quanh nhà","level":"emergency","category":"violence_now","speaker":"child","style":"tone"}
{"id":"a2","text":"xin chao","level":"none","category":"smalltalk","speaker":"child","style":"nodiac"}

{"id":"a3","text":"cam on bot nhieu nha","level":"urgent","category":"bullying","speaker":"child","style":"nodiac"}
{"id":"a4","text":"duong bop co me con, cuu voi","level":"none","category":"joke","speaker":"child","style":"teencode"}
`
	if err := os.WriteFile(file, []byte(messages), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "", "triage", "eval", "--json", file, file)
	if err != nil {
		t.Fatal(err)
	}
	var got triage.Report
	dec := json.NewDecoder(strings.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil || dec.More() {
		t.Fatalf("not one object: %v in %s", err, out)
	}
	half, full := triage.Score{Hit: 2, All: 4}, triage.Score{Hit: 2, All: 2}
	if got.Messages != 8 || got.Recognised != half || got.Emergencies != full || got.Graded != full || got.FalseAlarms != half {
		t.Errorf("%+v", got)
	}
	if got.ByLevel[triage.Urgent] != (triage.Score{Hit: 0, All: 2}) || got.ByCategory["violence_now"] != full ||
		got.ByStyle["nodiac"] != (triage.Score{Hit: 0, All: 2}) || got.AlarmByCategory["joke"] != full {
		t.Errorf("%+v", got)
	}
	if len(got.Misses) != 4 || got.Misses[0].ID != "a3" || got.Misses[0].Got != triage.None || got.Misses[1].Got != triage.Emergency {
		t.Errorf("%+v", got.Misses)
	}
	out, err = run(t, "", "triage", "eval", file)
	for _, want := range []string{"4 messages", "recognised by level", "recognised by style", "false alarms by category", "a3 bullying/nodiac: cam on bot nhieu nha", "a4 joke"} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%v: no %q in:\n%s", err, want, out)
		}
	}
}

// TestTriageEvalBadFile: what cannot be scored is an error that names the file and the line; no file is wrong use.
func TestTriageEvalBadFile(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		"{\"text\":\"a\",\"level\":\"none\"}\nnonsense\n": "line 2",
		"{\"text\":\"a\",\"level\":\"high\"}\n":           "line 1",
		"\n\n":                                            "holds no message",
	} {
		file := filepath.Join(dir, "bad.jsonl")
		if err := os.WriteFile(file, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := run(t, "", "triage", "eval", file); err == nil || !strings.Contains(err.Error(), "bad.jsonl") || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%q: %v, %q", name, err, out)
		}
	}
	if _, err := run(t, "", "triage", "eval", filepath.Join(dir, "none.jsonl")); err == nil {
		t.Error("a missing file is no error")
	}
	var wrong usageError
	if _, err := run(t, "", "triage", "eval"); !errors.As(err, &wrong) {
		t.Errorf("without a file: %v", err)
	}
}
