package bot

import (
	"testing"
	"time"
)

func TestBulletinsWaitForDaytime(t *testing.T) {
	h := Hours{From: 7*60 + 30, To: 20*60 + 30}
	for at, want := range map[string]string{
		"2026-11-25 06:00": "2026-11-25 07:30",
		"2026-11-25 07:30": "2026-11-25 07:30",
		"2026-11-25 20:29": "2026-11-25 20:29",
		"2026-11-25 20:30": "2026-11-26 07:30",
		"2026-11-30 23:59": "2026-12-01 07:30",
	} {
		when, err := time.ParseInLocation("2006-01-02 15:04", at, vietnam)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Next(when.UTC()).In(vietnam).Format("2006-01-02 15:04"); got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	if now := time.Now(); !(Hours{}).Next(now).Equal(now) {
		t.Error("without hours a bulletin waits")
	}
}
