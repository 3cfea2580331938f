package telegram

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, text string
		limit      int
		want       []string
	}{
		{"short", "abc", 3, []string{"abc"}},
		{"nothing", " \n ", 3, nil},
		{"paragraph first", "aaaaaa\n\nbb cc dd", 12, []string{"aaaaaa", "bb cc dd"}},
		{"line", "aaaaaa\nbb cc dd", 12, []string{"aaaaaa", "bb cc dd"}},
		{"word", "aaa bbb ccc", 8, []string{"aaa bbb", "ccc"}},
		{"space just behind", "aaa bbb ccc", 7, []string{"aaa bbb", "ccc"}},
		{"no space", "aaaaaaaa", 3, []string{"aaa", "aaa", "aa"}},
		{"two units", "😊😊😊", 4, []string{"😊😊", "😊"}},
		{"never in a pair", "a😊😊", 4, []string{"a😊", "😊"}},
		{"accent stays", "aaae\u0309e\u0309", 4, []string{"aaa", "e\u0309e\u0309"}},
		{"family stays", "aaaa👨‍👩‍👧", 8, []string{"aaaa", "👨‍👩‍👧"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := split(c.text, c.limit); !slices.Equal(got, c.want) {
				t.Errorf("split = %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("a b\n\nc 😊 e\u0309", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 2 || limit > maxMessage {
			return
		}
		text = strings.ToValidUTF8(text, "?")
		parts := split(text, limit)
		for _, p := range parts {
			if fit(p, limit) != len(p) || p == "" {
				t.Errorf("part %q", p)
			}
		}
		strip := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if strip(strings.Join(parts, "")) != strip(text) {
			t.Errorf("lost something: %q of %q", parts, text)
		}
	})
}

// TestLimits runs in made-up time.
func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits()
		ctx := context.Background()
		begun := time.Now()
		for range 4 {
			if err := l.wait(ctx, "1", false); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun).Round(time.Millisecond); took != 3*time.Second {
			t.Errorf("four messages in a chat took %v, want 3s", took)
		}
		time.Sleep(time.Minute) // made-up
		begun = time.Now()
		for i := range 101 {
			if err := l.wait(ctx, strconv.Itoa(i), false); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun).Round(time.Millisecond); took != 4*time.Second {
			t.Errorf("101 messages to as many chats took %v, want 4s", took)
		}
		begun = time.Now()
		if err := l.wait(ctx, "100", true); err != nil || time.Since(begun) != 0 {
			t.Errorf("an emergency waited %v: %v", time.Since(begun), err)
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if l.wait(ended, "x", true) == nil {
			t.Error("went although the context had ended")
		}
		time.Sleep(time.Minute)
		begun = time.Now()
		var all sync.WaitGroup
		for i := range 100 { // more than their own share takes in twenty seconds
			all.Go(func() {
				if err := l.wait(ctx, strconv.Itoa(1000+i), true); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if took := time.Since(begun); took > 4*time.Second {
			t.Errorf("100 emergencies at once took %v, want no more than 30 a second allow", took)
		}
		soon, stop := context.WithTimeout(ctx, 10*time.Millisecond)
		defer stop()
		for range 10 {
			_ = l.wait(ctx, "y", true)
		}
		for range 10 {
			if err := l.wait(soon, "z", true); err != nil {
				return
			}
		}
		t.Error("ten more went at once")
	})
}

func TestLimitsAreBounded(t *testing.T) {
	l := newLimits()
	for i := range maxChats + 500 {
		l.chat(strconv.Itoa(i))
	}
	if len(l.chats) > maxChats {
		t.Errorf("%d limiters kept", len(l.chats))
	}
}

func TestScrub(t *testing.T) {
	for in, want := range map[string]string{
		"Forbidden: bot was blocked by the user": "Forbidden: bot was blocked by the user",
		`Bad Request: can't find "bí mật"`:       "Bad Request: can't find …",
		"user 5550001001 of -1001234567890":      "user … of -…",
	} {
		if got := scrub(in); got != want {
			t.Errorf("scrub(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDefaultBackoff(t *testing.T) {
	for n := range 40 {
		if d := defaultBackoff(n); d < 250*time.Millisecond || d > time.Minute {
			t.Errorf("after failure %d: %v", n, d)
		}
	}
}
