package main

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestBulletin subscribes three people on the web, one of whom has an open case on a telephone that others may read and
// one of whom has left; only the third gets the issue, once, and the cost is shown before anything is sent.
func TestBulletin(t *testing.T) {
	cfg := testConfig(t)
	cfg.Bulletin.From, cfg.Bulletin.To = "00:00", "23:59"
	a := openTestApp(t, cfg)
	write := func(w *webUser, texts ...string) {
		for _, text := range texts {
			w.say(text)
		}
	}
	reader, leaver, child := webPerson(t, a), webPerson(t, a), webPerson(t, a)
	write(reader, "nhan tin", "2")
	write(leaver, "nhan tin", "2", "huy tin")
	write(child, "nhan tin", "2", "ba con quanh con hoai, con dau lam")
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	t.Setenv("TREEM_BULLETIN_FROM", "00:00")
	t.Setenv("TREEM_BULLETIN_TO", "23:59")
	out, err := run(t, "", "bulletin", "send", "flood-season", "flood")
	if err != nil || !strings.Contains(out, "recipients  1") || !strings.Contains(out, "open-case") || !strings.Contains(out, "Nothing was sent") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err = run(t, "", "bulletin", "send", "flood-season", "flood", "--yes"); err != nil || !strings.Contains(out, "1 messages handed") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err = run(t, "", "bulletin", "send", "flood-season", "flood", "--yes"); err != nil || !strings.Contains(out, "0 messages handed") {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); !strings.Contains(reader.page(), "Nhắn HUY TIN"); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the bulletin did not arrive")
		}
	}
	for name, other := range map[string]*webUser{"who left": leaver, "who has an open case": child} {
		if strings.Contains(other.page(), "Mùa mưa lũ giữ an toàn cho trẻ:") {
			t.Errorf("%s got the bulletin", name)
		}
	}
	if out, err = run(t, "", "bulletin", "list"); err != nil || !strings.Contains(out, `flood-season  "Mùa mưa lũ giữ an toàn cho trẻ", 2 people`) {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err = run(t, "", "bulletin", "send", "flood-season", "none"); err == nil || !strings.Contains(err.Error(), `no issue "none"`) {
		t.Errorf("%v", err)
	}
	if out, err = run(t, "", "bulletin", "preview", "flood-season", "flood"); err != nil || !strings.Contains(out, "== sms") || !strings.Contains(out, "HUY TIN de thoi") {
		t.Errorf("%v\n%s", err, out)
	}
}

// webUser is one person on the web page.
type webUser struct {
	say  func(text string) string
	page func() string
}

func webPerson(t *testing.T, a *App) *webUser {
	t.Helper()
	c := person(t)
	return &webUser{
		say: func(text string) string {
			resp, err := c.PostForm(a.Address(), url.Values{"text": {text}})
			return body(t, resp, err)
		},
		page: func() string {
			resp, err := c.Get(a.Address())
			return body(t, resp, err)
		},
	}
}
