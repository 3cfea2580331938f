package main

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"treem/bot/report"
	"treem/bot/staff"

	"github.com/xuri/excelize/v2"
)

// consoleReport writes questions and cases, and reads them in the report's page, its spreadsheet and the console. The day
// itself is in no report; so the report is made as of tomorrow.
func consoleReport(t *testing.T, r *consoleRig) {
	r.member("chi", staff.Supervisor)
	r.member("lan", staff.Officer)
	for range 3 {
		p := person(t)
		for _, text := range []string{"tre em la nguoi bao nhieu tuoi", "kinh thien van mua o dau vay"} {
			resp, err := p.PostForm(r.app.Address(), url.Values{"text": {text}})
			body(t, resp, err)
		}
	}
	r.urgent("ba con dang danh con, con so lam")
	tomorrow := time.Now().AddDate(0, 0, 1)
	p := report.Period{From: tomorrow.AddDate(0, 0, -10), Until: tomorrow}
	d, err := makeReport(t.Context(), r.app.store, r.app.bot.Desk, r.app.editor.Content(), p, 300, tomorrow)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out bytes.Buffer
	if err := writeReport(&out, d, dir, 2026); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "treem-2026.html"))
	if err != nil {
		t.Fatal(err)
	}
	has(t, "the page", string(page), "<svg", "Câu hỏi theo chủ đề", "Quyền trẻ em", "Câu hỏi chưa có lời đáp chắc chắn", "bạo lực đang xảy ra", "chưa đủ 20 vụ", "trang web")
	lacks(t, "the page", string(page), "danh con", "{from}", "{n}")
	sheet, err := excelize.OpenFile(filepath.Join(dir, "treem-2026.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer sheet.Close()
	rows, err := sheet.GetRows("1. Chủ đề")
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]string{}
	for _, row := range rows {
		if len(row) == 2 {
			counted[row[0]] = row[1]
		}
	}
	if n, err := strconv.Atoi(counted["Quyền trẻ em"]); err != nil || n < 3 || counted["Đuối nước, tai nạn"] != "0" {
		t.Errorf("the sheet of topics holds %v", counted)
	}
	levels, err := sheet.GetRows("6. Mức")
	if err != nil || len(levels) < 5 {
		t.Fatalf("the sheet of levels holds %v, %v", levels, err)
	}
	for _, row := range levels[2:] { // no exact number of cases
		if n, err := strconv.Atoi(row[1]); err != nil || n%5 != 0 {
			t.Errorf("of cases the sheet says %v", row)
		}
	}

	t.Setenv("TREEM_DATA_DIR", r.app.cfg.DataDir)
	written, err := run(t, "", "report", "--year", strconv.Itoa(time.Now().Year()-1), "--out", filepath.Join(dir, "own"))
	if err != nil || strings.Count(written, "\n") != 2 {
		t.Errorf("treem report: %v\n%s", err, written)
	}
	if _, err := run(t, "", "report", "--year", "9999", "--out", dir); err == nil {
		t.Error("a year to come is reported")
	}

	chi := r.at("chi")
	shown := chi.get("report", 200)
	has(t, "the console's page", shown, `<svg class="plot"`, "Số vụ việc và số câu hỏi theo xã", fmt.Sprint(time.Now().AddDate(0, 0, -1).Year()-1))
	if sheet := chi.get(fmt.Sprintf("report/%d.xlsx", time.Now().Year()-1), 200); !strings.HasPrefix(sheet, "PK") {
		t.Error("the spreadsheet is none")
	}
	has(t, "the page to print", chi.get(fmt.Sprintf("report/%d.html", time.Now().Year()-1), 200), "<style>")
	chi.get("report/2026.docx", 404)
	chi.get("report/secret", 404)
	chi.get("report?year=9999", 404)
	r.at("lan").get("report", 403)
}
