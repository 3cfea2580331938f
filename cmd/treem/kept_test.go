package main

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestTakeAlong: on the web a person takes along what is stored about them, and nothing of anybody else's; what they took
// off the screen is not in it.
func TestTakeAlong(t *testing.T) {
	a := openTestApp(t, testConfig(t))
	mine, other := person(t), person(t)
	say := func(p *http.Client, form url.Values) {
		t.Helper()
		resp, err := p.PostForm(a.Address(), form)
		body(t, resp, err)
	}
	take := func(p *http.Client) (*http.Response, string) {
		t.Helper()
		resp, err := p.PostForm(a.Address()+"du-lieu", nil)
		return resp, body(t, resp, err)
	}
	say(mine, url.Values{"text": {"giá vàng hôm nay bao nhiêu"}})
	say(mine, url.Values{"text": {"cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên"}})
	say(other, url.Values{"text": {"trẻ em là người bao nhiêu tuổi"}})
	resp, file := take(mine)
	for _, want := range []string{"HỒ SƠ VIỆC KHẨN CẤP", "đang có người lo", "- giá vàng hôm nay bao nhiêu", "bé nhà tôi rơi xuống ao", "Trả lời", "114"} {
		if !strings.Contains(file, want) {
			t.Errorf("the file lacks %q:\n%s", want, file)
		}
	}
	if strings.Contains(file, "bao nhiêu tuổi") {
		t.Error("the file holds what somebody else wrote")
	}
	if h := resp.Header; !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", h)
	}
	say(mine, url.Values{"choice": {"hide"}})
	if _, file := take(mine); strings.Contains(file, "giá vàng") || strings.Contains(file, "HỒ SƠ") {
		t.Errorf("what was taken off the screen is in the file:\n%s", file)
	}
	if resp, file := take(person(t)); resp.Request.URL.Path != "/" || strings.Contains(file, "rơi xuống ao") {
		t.Errorf("without a session: %s", resp.Request.URL)
	}
	req, err := http.NewRequest("POST", a.Address()+"du-lieu", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err = mine.Do(req)
	if body(t, resp, err); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site had the file made: %d", resp.StatusCode)
	}
}

// TestDoctorShowsRetention: each kind of record with its time, and what outstayed it.
func TestDoctorShowsRetention(t *testing.T) {
	cfg := testConfig(t)
	a := openTestApp(t, cfg)
	resp, err := person(t).PostForm(a.Address(), url.Values{"text": {"giá vàng hôm nay bao nhiêu"}})
	body(t, resp, err)
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := printKept(t.Context(), &table, cfg); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"words of messages                        30 days                     1  since 20", "cases with their history                 not removed by treem        0  none"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("doctor lacks %q:\n%s", want, &table)
		}
	}
	if detail, err := checkKept(t.Context(), cfg); err != nil || !strings.HasPrefix(detail, "nothing is kept longer") {
		t.Errorf("%q %v", detail, err)
	}
	change(t, databaseFile(cfg), `UPDATE inbox SET handled_at = 0, received_at = 0`)
	if _, err := checkKept(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "1 words of messages are past their time") {
		t.Errorf("%v", err)
	}
}
