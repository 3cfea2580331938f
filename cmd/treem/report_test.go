package main

import (
	"bytes"
	"errors"
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
	"treem/kb/content"

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
	if err := writeReport(&out, d, dir, "treem-2026"); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "treem-2026.html"))
	if err != nil {
		t.Fatal(err)
	}
	has(t, "the page", string(page), "<svg", "Câu hỏi theo chủ đề", "Quyền trẻ em", "Câu hỏi chưa có lời đáp chắc chắn", "trang web", "Khó khăn, vướng mắc")
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
	next := time.Now().AddDate(1, 0, 0) // when every quarter of this year is over
	p, err = report.Year(time.Now().Year(), next)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = makeReport(t.Context(), r.app.store, r.app.bot.Desk, r.app.editor.Content(), p, 300, next); err != nil {
		t.Fatal(err)
	}
	var whole, printed bytes.Buffer
	if err := errors.Join(d.HTML(&printed, content.FS), d.Spreadsheet(&whole)); err != nil {
		t.Fatal(err)
	}
	has(t, "the page of the year", printed.String(), "bạo lực đang xảy ra", "chưa đủ 20 vụ", "dưới 8")
	settled, err := excelize.OpenReader(&whole)
	if err != nil {
		t.Fatal(err)
	}
	defer settled.Close()
	levels, err := settled.GetRows("6. Mức")
	if err != nil || len(levels) < 4 {
		t.Fatalf("the sheet of levels holds %v, %v", levels, err)
	}
	for _, row := range levels[2:] { // of one case nothing is told
		if row[1] != "dưới 8" {
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
	has(t, "a quarter", chi.get(fmt.Sprintf("report?year=%d&part=q2", time.Now().Year()-1), 200), `value="q2" selected`, "-q2.xlsx")
	chi.get(fmt.Sprintf("report/%d-q2.xlsx", time.Now().Year()-1), 200)
	chi.get("report?part=q9", 404)
	chi.get("report/2026.docx", 404)
	chi.get("report/secret", 404)
	chi.get("report?year=9999", 404)
	r.at("lan").get("report", 403)
}
