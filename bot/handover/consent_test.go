package handover

import (
	"testing"
	"time"
)

// TestConsentAnswers fills the record answer by answer; a later answer replaces an earlier one, an unknown one changes
// nothing that was known.
func TestConsentAnswers(t *testing.T) {
	at := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	var c Consent
	for _, a := range []struct {
		question, option string
		ok               bool
	}{
		{"contact", "here", true}, {"safe", "yes", true}, {"time", "noon", true}, {"shared", "skipped", true},
		{"commune", "quy-nhon", true}, {"commune", "skipped", true}, {"colour", "blue", false}, {"contact", "pigeon", false},
	} {
		if got := c.Answer(a.question, a.option, at); got != a.ok {
			t.Errorf("%s=%s: known %v, want %v", a.question, a.option, got, a.ok)
		}
	}
	want := Consent{MayContact: Yes, Channel: "here", SafeTime: "noon", Shared: Skipped, SafeNow: Yes, Commune: "quy-nhon", At: at}
	if c != want {
		t.Errorf("record is %+v, want %+v", c, want)
	}
	if c.Answer("contact", "no", at); c.MayContact != No || c.Channel != "" {
		t.Errorf("consent withdrawn, but the record says %+v", c)
	}
}
