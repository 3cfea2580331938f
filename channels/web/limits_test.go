package web

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestLimitsKeepNoAddressAndForgetDaily(t *testing.T) {
	now := time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC)
	l, err := newLimits(1, nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", nil)
	r.RemoteAddr = "203.0.113.77:4711"
	if !l.allow(r) || l.allow(r) {
		t.Fatal("want one message a minute")
	}
	if kept := fmt.Sprintf("%#v %s", l.seen, l.key); strings.Contains(kept, "203.0.113.77") || len(l.seen) != 1 {
		t.Errorf("kept in clear, or not at all: %s", kept)
	}
	key := string(l.key)
	now = now.Add(time.Minute)
	if !l.allow(r) || string(l.key) != key {
		t.Error("a minute later the sender is still held back, or the key changed")
	}
	now = now.Add(time.Hour) // the next day
	if !l.allow(r) || string(l.key) == key || len(l.seen) != 1 {
		t.Error("the key and what it hid outlive the day")
	}
}
