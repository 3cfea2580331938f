package editorial_test

import (
	"bytes"
	"strings"
	"testing"

	"treem/bot/editorial"

	"github.com/xuri/excelize/v2"
)

// The whole content goes into a spreadsheet and back: every file is the same byte for byte.
func TestSheetLosesNothing(t *testing.T) {
	files := contentFiles(t)
	files["entries/rights/hostile.md"] = mustWrite(t, editorial.Form{ID: "hostile-x", Title: "=1+2", Topic: "rights", Audience: "both", Confidence: "A", ValidFrom: "2026-01-01",
		CheckedOn: "2026-01-02", Questions: []string{"@sum", "'x", "007"}, Related: []string{"a-b"}, Next: " -", SMS: "1e5", Parent: "một\n\n- hai\n", Child: "ba"})
	var out bytes.Buffer
	if err := editorial.WriteSheet(&out, files); err != nil {
		t.Fatal(err)
	}
	back, err := editorial.ReadSheet(out.Bytes(), files)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if !bytes.Equal(back[name], data) {
			t.Errorf("%s came back otherwise:\n%q\n%q", name, cutTo(back[name]), cutTo(data))
		}
	}
	if len(back) != len(files) {
		t.Errorf("%d files came back of %d", len(back), len(files))
	}
	x, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	rows, err := x.GetRows("entries")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if row[1] != entryChanged {
			continue
		}
		if err := x.SetCellStr("entries", "C"+itoa(i+1), "Tên mới"); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.RemoveRow("entries", 2); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := x.Write(&out); err != nil {
		t.Fatal(err)
	}
	changed, err := editorial.ReadSheet(out.Bytes(), files)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for name := range files {
		if !bytes.Equal(changed[name], files[name]) {
			n++
		}
	}
	if n != 2 || len(changed) != len(files)-1 {
		t.Errorf("one title changed and one row removed: %d files differ", n)
	}
}

const entryChanged = "abuse-child-tells"

func itoa(n int) string {
	name, _ := excelize.CoordinatesToCellName(1, n)
	return strings.TrimPrefix(name, "A")
}

func cutTo(data []byte) []byte { return data[:min(len(data), 300)] }

func mustWrite(t *testing.T, f editorial.Form) []byte {
	t.Helper()
	data, err := f.Write()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSheetIsRefused(t *testing.T) {
	for name, data := range map[string][]byte{"nothing": nil, "no spreadsheet": []byte("PK\x03\x04 no"), "text": []byte("a,b,c")} {
		if _, err := editorial.ReadSheet(data, nil); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	x := excelize.NewFile()
	defer x.Close()
	var out bytes.Buffer
	if err := x.Write(&out); err != nil {
		t.Fatal(err)
	}
	if _, err := editorial.ReadSheet(out.Bytes(), nil); err == nil || !strings.Contains(err.Error(), "entries") {
		t.Errorf("another spreadsheet: %v", err)
	}
}
