package posted_test

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"treem/channels/posted"
)

func TestForm(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, tc := range []struct {
		name, kind string
		body       io.Reader
		status     int
	}{
		{"fine", form, strings.NewReader("a=1&b=%C3%A1"), 200},
		{"with a charset", form + "; charset=UTF-8", strings.NewReader("a=1"), 200},
		{"longest", form, strings.NewReader("a=1&" + strings.Repeat("x", 96)), 200},
		{"too long", form, strings.NewReader("a=1&" + strings.Repeat("x", 97)), 413},
		{"undeclared", "", strings.NewReader("a=1"), 415},
		{"other type", "application/json", strings.NewReader("{}"), 415},
		{"no type at all", ";", strings.NewReader("a=1"), 415},
		{"no form", form, strings.NewReader("a=%zz"), 400},
		{"broken off", form, iotest.ErrReader(errors.New("gone")), 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/?a=2", tc.body)
			r.Header.Set("Content-Type", tc.kind)
			values, status := posted.Form(httptest.NewRecorder(), r, 100)
			if status != tc.status || (values.Get("a") == "1") != (status == 200) {
				t.Errorf("status %d, fields %v; want %d", status, values, tc.status)
			}
		})
	}
}
