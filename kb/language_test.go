package kb_test

import (
	"strings"
	"testing"
	"time"

	"treem/kb"
)

// TestLoadLanguages: a section in another language is read with its figures in that language, where somebody worded
// them, and media are measured.
func TestLoadLanguages(t *testing.T) {
	head := "sms: \"Goi 111, {{sum}}.\"\nsms_in: {en: \"Call 111, {{sum}}.\"}\nmedia:\n" +
		"  - {file: one.ogg, kind: voice, lang: bdq, caption: Lời đọc}"
	entry := strings.Replace(goodEntry, `sms: "Goi 111, {{sum}}."`, head, 1) +
		"\n## English\n\nCall 111: {{sum}}.\n\n## Chăm H'roi\n\n111, {{sum}}.\n"
	c, err := kb.Load(files(map[string]string{
		"entries/rights/one.md": entry,
		"facts/rights.yaml":     strings.Replace(goodFact, "meaning:", "text_in: {en: \"540,000 dong\"}, meaning:", 1),
		"media/one.ogg":         "OggS",
	}))
	if err != nil {
		t.Fatal(err)
	}
	e, _ := c.Entry("one")
	for l, want := range map[kb.Language]string{kb.English: "Call 111: 540,000 dong.", kb.ChamHroi: "111, 540.000 đồng.", kb.Hre: ""} {
		if got, ok := e.In(l); got != want || ok != (want != "") {
			t.Errorf("in %s: %q, %v", l, got, ok)
		}
	}
	if got := e.SMSIn[kb.English]; got != "Call 111, 540,000 dong." {
		t.Errorf("sms: %q", got)
	}
	if len(e.Facts) != 1 || len(e.Media) != 1 || e.Media[0].Size != 4 || e.Media[0].Lang != kb.Bana {
		t.Errorf("facts %v, media %+v", e.Facts, e.Media)
	}
	if strings.Contains(e.Parent+e.Child, "Call") {
		t.Error("the English text leaked into the Vietnamese")
	}
}

// TestStale: a figure is no longer sure once it ended, or half a year after it was compared with its source.
func TestStale(t *testing.T) {
	checked := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		fact kb.Fact
		days int
		want string
	}{
		"Fresh":      {kb.Fact{CheckedOn: checked}, 180, ""},
		"Old":        {kb.Fact{CheckedOn: checked}, 181, "more than 180 days ago"},
		"NotChecked": {kb.Fact{}, 0, "never checked"},
		"Ended":      {kb.Fact{CheckedOn: checked, ValidTo: checked.AddDate(0, 0, 5)}, 6, "ended on 2026-11-28"},
		"Ending":     {kb.Fact{CheckedOn: checked, ValidTo: checked.AddDate(0, 0, 5)}, 5, ""},
	} {
		now := checked.AddDate(0, 0, test.days)
		if got := test.fact.Stale(now); !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		e := kb.Entry{Facts: []kb.Fact{test.fact}}
		if got := len(e.StaleFacts(now)); got != 0 != (test.want != "") {
			t.Errorf("%s: %d stale facts", name, got)
		}
	}
}
