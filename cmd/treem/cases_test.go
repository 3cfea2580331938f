package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
)

// TestCasesAreExported raises a case on the running service and writes it out beside it: as Form 01 with the words, as
// Primero's JSON and as statistics without them. Each export of the record is in its history.
func TestCasesAreExported(t *testing.T) {
	cfg := testConfig(t)
	a := openTestApp(t, cfg)
	const words = "chồng em đang đánh con lớn, cháu chảy máu <script>"
	resp, err := person(t).PostForm(a.Address(), url.Values{"text": {words}})
	if page := body(t, resp, err); !strings.Contains(page, `href="tel:113"`) {
		t.Fatalf("no alarm:\n%s", page)
	}
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	out, err := run(t, "", "cases", "list")
	if err != nil || !strings.Contains(out, "emergency") {
		t.Fatalf("%v\n%s", err, out)
	}
	ref := strings.Fields(out)[0]

	form, err := run(t, "", "cases", "form", strings.ToLower(ref), "--by", "lan", "--receiver", "UBND phường Quy Nhơn")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Mẫu số 01", ref, "UBND phường Quy Nhơn", "cháu chảy máu &lt;script&gt;", "bạo lực đang xảy ra", "khẩn cấp", "mở vụ việc"} {
		if !strings.Contains(form, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	again, err := run(t, "", "cases", "form", ref, "--by", "minh")
	if err != nil || !strings.Contains(again, "Xuất hồ sơ") || !strings.Contains(again, "form-01") {
		t.Errorf("the first export is not in the history: %v", err)
	}

	primero, err := run(t, "", "cases", "primero", ref, "--by", "lan")
	var read struct{ Data map[string]any }
	if err != nil || json.Unmarshal([]byte(primero), &read) != nil || read.Data["case_id_display"] != ref || read.Data["risk_level"] != "high" {
		t.Errorf("%v\n%s", err, primero)
	}
	statistics, err := run(t, "", "cases", "csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(statistics)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][1] != "emergency" || strings.Contains(statistics, ref) {
		t.Errorf("%v\n%s", err, statistics)
	}
	for name, text := range map[string]string{"primero": primero, "csv": statistics} {
		if strings.Contains(text, "chảy máu") {
			t.Errorf("%s holds the person's words", name)
		}
	}
}

func TestCasesCommandRefusesClearly(t *testing.T) {
	cfg := testConfig(t)
	openTestApp(t, cfg)
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	var usage usageError
	for _, args := range [][]string{{"cases"}, {"cases", "form"}, {"cases", "form", "X", "--by", ""}} {
		if _, err := run(t, "", args...); err == nil || args[len(args)-1] != "" && !errors.As(err, &usage) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, err := run(t, "", "cases", "form", "K7F3Q"); err == nil || !strings.Contains(err.Error(), "there is no case K7F3Q") {
		t.Errorf("%v", err)
	}
	t.Setenv("TREEM_DATA_DIR", t.TempDir())
	if _, err := run(t, "", "cases", "list"); err == nil || !strings.Contains(err.Error(), "run `treem` first") {
		t.Errorf("%v", err)
	}
}
