package twilio

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"treem/channels"
)

func FuzzSplit(f *testing.F) {
	f.Add("a b\n\nc 😊 e\u0309", 3)
	f.Add("ữ ", 900)
	f.Fuzz(func(t *testing.T, text string, times int) {
		if times < 1 || times > 2000 || len(text)*times > 64<<10 {
			return
		}
		text = strings.Repeat(strings.ToValidUTF8(text, "?"), times)
		parts := split(text)
		for _, p := range parts {
			if n := len(utf16.Encode([]rune(p))); n > maxBody || strings.TrimSpace(p) == "" {
				t.Errorf("part of %d units", n)
			}
		}
		strip := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if strip(strings.Join(parts, "")) != strip(text) {
			t.Errorf("lost something of %q", text)
		}
	})
}

// TestPace runs in made-up time.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(1)
		begun := time.Now()
		after := func(want time.Duration) {
			t.Helper()
			if got := time.Since(begun); got != want {
				t.Errorf("after %v, want %v", got, want)
			}
		}
		ordinary := func() {
			t.Helper()
			if _, err := p.wait(t.Context(), false); err != nil {
				t.Error(err)
			}
		}
		ordinary()
		after(0)
		ordinary()
		after(time.Second)
		for range 3 { // emergencies go at once, and the next ordinary one waits for them
			if _, err := p.wait(t.Context(), true); err != nil {
				t.Error(err)
			}
		}
		after(time.Second)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if wait, err := p.wait(short, false); err == nil || wait != 4*time.Second {
			t.Errorf("wait = %v, %v", wait, err)
		}
		after(time.Second) // it does not wait in vain
		ordinary()
		after(5 * time.Second)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.wait(gone, true); err == nil {
			t.Error("no error although the context has ended")
		}
	})
}

// TestCodes: every code has a verdict and words that hold nothing else.
func TestCodes(t *testing.T) {
	for code, m := range codes {
		if m.verdict != channels.Retry && m.verdict != channels.Stop && m.verdict != channels.Fault || m.text == "" {
			t.Errorf("%d: %+v", code, m)
		}
	}
	for code := range inactive {
		if codes[code].verdict != channels.Fault {
			t.Errorf("%d is not a fault", code)
		}
	}
}

func TestMessagingBase(t *testing.T) {
	for base, want := range map[string]string{
		"https://api.twilio.com":            "https://messaging.twilio.com",
		"https://api.dublin.ie1.twilio.com": "https://messaging.dublin.ie1.twilio.com",
		"http://127.0.0.1:4010":             "http://127.0.0.1:4010",
		"https://proxy.example/twilio":      "https://proxy.example/twilio",
	} {
		if got := messagingBase(base); got != want {
			t.Errorf("%s: %s, want %s", base, got, want)
		}
	}
}
