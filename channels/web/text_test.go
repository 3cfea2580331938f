package web

import (
	"reflect"
	"strings"
	"testing"
)

func TestBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []block
	}{
		"nothing":             {"", nil},
		"paragraph":           {"một\nhai", []block{{Lines: []string{"một", "hai"}}}},
		"two paragraphs":      {"một\n\nhai", []block{{Lines: []string{"một"}}, {Lines: []string{"hai"}}}},
		"list":                {"gồm:\n- a\n- b\nxong", []block{{Lines: []string{"gồm:"}}, {Lines: []string{"a", "b"}, List: true}, {Lines: []string{"xong"}}}},
		"steps":               {"1. a\n2. b", []block{{Lines: []string{"a", "b"}, List: true, Ordered: true, Start: 1}}},
		"steps go on":         {"1. a\n\n2. b", []block{{Lines: []string{"a"}, List: true, Ordered: true, Start: 1}, {Lines: []string{"b"}, List: true, Ordered: true, Start: 2}}},
		"a number is no step": {"115 dặn", []block{{Lines: []string{"115 dặn"}}}},
		"nor is a year":       {"2026. Năm", []block{{Lines: []string{"2026. Năm"}}}},
		"a dash is no item":   {"-5 độ", []block{{Lines: []string{"-5 độ"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := blocks(c.text); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestSummaryEndsAtAWord(t *testing.T) {
	long := strings.Repeat("chữ ", 100)
	if got := summary(long); len([]rune(got)) > 161 || !strings.HasSuffix(got, "chữ…") {
		t.Errorf("%q", got)
	}
	if got := summary("ngắn\n- thôi"); got != "ngắn - thôi" {
		t.Errorf("%q", got)
	}
}
