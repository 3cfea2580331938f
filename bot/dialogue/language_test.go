package dialogue

import (
	"strings"
	"testing"
	"time"

	"treem/kb"
)

func TestTongueOf(t *testing.T) {
	b, n := book(t)
	for text, want := range map[string]kb.Language{
		"How do I register my child's birth?":               kb.English,
		"my son was burned with hot water what should I do": kb.English,
		"health insurance card for my baby":                 kb.English,
		"WHO CAN HELP ME WITH CUSTODY":                      kb.English,
		"con toi bi sot cao lam sao":                        "",
		"be nha em hoc boi o dau the a":                     "",
		"me do em to the co dc ko":                          "",
		"em bi ban hit co, co nen noi":                      "",
		"Con tôi học English ở trường thì sao":              "",
		"nghi he cho con di hoc tieng anh online":           "",
	} {
		got, sure := b.tongueOf(n.Normalise(text))
		if got != want || !sure {
			t.Errorf("%q is %q (%v), want %q", text, got, sure, want)
		}
	}
	if _, sure := b.tongueOf(n.Normalise("1")); sure {
		t.Error("a number has a language")
	}
}

// TestAnswerLanguage says that an answer is in the reader's language where somebody wrote it, else in Vietnamese behind
// one line, and that it says so if it rests on a fact not checked for too long.
func TestAnswerLanguage(t *testing.T) {
	b, _ := book(t)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	fact := kb.Fact{ID: "f", Text: "540.000", CheckedOn: day}
	e := &kb.Entry{ID: "x", Parent: "Tiếng Việt.", Next: "Gọi 111.", SMS: "Tieng Viet.", Facts: []kb.Fact{fact},
		Citations: []kb.Citation{{Law: "102/2016/QH13", Article: 13}},
		Texts:     map[kb.Language]string{kb.English: "In English.", kb.Bana: "Bana."}, SMSIn: map[kb.Language]string{kb.English: "English."}}
	vi, en := b.tongues[0], b.tongue(kb.English)
	later := day.AddDate(1, 0, 0)
	for name, test := range map[string]struct {
		reader kb.Language
		now    time.Time
		want   string
		not    string
	}{
		"Vietnamese": {"", day, "Tiếng Việt.\n\n→ Gọi 111.", "English"},
		"English":    {kb.English, day, "In English.\n\n→ " + en.Next, "Tiếng Việt"},
		"Bana":       {kb.Bana, day, "Bana.\n\n", "Tiếng Việt"},
		"None":       {kb.Hre, day, "Tiếng Việt.\n\n→ Gọi 111.", "Hre"},
		"Stale":      {"", later, vi.Stale, en.Stale},
		"StaleBoth":  {kb.English, later, "In English.\n\n→ " + en.Next + "\n\n" + en.Stale, vi.Stale},
	} {
		got := b.AnswerText(kb.Hit{Entry: e}, Reader{Language: test.reader, Now: test.now})
		if !strings.HasPrefix(got, test.want) && !strings.Contains(got, test.want) || strings.Contains(got, test.not) {
			t.Errorf("%s:\n%s", name, got)
		}
		if !strings.Contains(got, "Điều 13 Luật Trẻ em 102/2016/QH13") {
			t.Errorf("%s has no citation:\n%s", name, got)
		}
	}
	if got := b.AnswerText(kb.Hit{Entry: e}, Reader{Language: kb.English, Now: day}); !strings.Contains(got, "Legal basis: Điều 13 Luật Trẻ em 102/2016/QH13.") || strings.Contains(got, "Căn cứ") {
		t.Errorf("the foot of an English answer:\n%s", got)
	}
	delete(e.Texts, kb.English)
	got := b.AnswerText(kb.Hit{Entry: e}, Reader{Language: kb.English, Now: day})
	if !strings.HasPrefix(got, en.Only+"\n\nTiếng Việt.") {
		t.Errorf("no English text:\n%s", got)
	}
	for l, want := range map[kb.Language]string{"": "Tieng Viet. (D.13", kb.English: "English. (D.13", kb.Bana: "Tieng Viet. (D.13"} {
		if got := b.SMSText(kb.Hit{Entry: e}, Reader{Language: l, Now: day}); !strings.HasPrefix(got, want) {
			t.Errorf("sms in %q: %s", l, got)
		}
	}
	if got := b.SMSText(kb.Hit{Entry: e}, Reader{Now: later}); !strings.Contains(got, "can kiem tra lai") {
		t.Errorf("stale sms: %s", got)
	}
}

// TestUrgentLanguage: an urgent message in English gets the numbers in English before the advice in Vietnamese, by SMS
// as a message of its own; one in Vietnamese gets no such line.
func TestUrgentLanguage(t *testing.T) {
	b, _ := book(t)
	advice := Utterance{Text: "Gọi 111.", Urgent: true}
	line := b.tongue(kb.English).Urgent
	for name, test := range map[string]struct {
		language kb.Language
		medium   Medium
		want     []string
	}{
		"Vietnamese": {"", Chat, []string{"Gọi 111."}},
		"Chat":       {kb.English, Chat, []string{line + "\n\nGọi 111."}},
		"SMS":        {kb.English, SMS, []string{line, "Gọi 111."}},
	} {
		said := b.urgently(advice, State{Language: test.language}, test.medium)
		if len(said) != len(test.want) {
			t.Fatalf("%s: %d utterances", name, len(said))
		}
		for i, u := range said {
			if u.Text != test.want[i] || !u.Urgent {
				t.Errorf("%s: %+v", name, u)
			}
		}
	}
	if len(line) > smsBudget {
		t.Errorf("the line has %d characters", len(line))
	}
}
