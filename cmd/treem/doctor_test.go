package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestDoctorAsksTheRunningService: what only the running program knows, such as a second program that polls for the same
// bot, reaches whoever runs the doctor beside it.
func TestDoctorAsksTheRunningService(t *testing.T) {
	cfg := testConfig(t)
	cfg.Listen = "127.0.0.1:1"
	if detail, err := checkService(t.Context(), cfg); err != nil || !strings.HasPrefix(detail, "not running") {
		t.Errorf("nobody there: %q %v", detail, err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "ok\nALARM channel telegram: nothing received\nALARM 2 cases are past their time\n")
	}))
	defer s.Close()
	cfg.Listen = strings.TrimPrefix(s.URL, "http://")
	if _, err := checkService(t.Context(), cfg); err == nil || err.Error() != "channel telegram: nothing received; 2 cases are past their time" {
		t.Errorf("%v", err)
	}
}
