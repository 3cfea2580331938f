package bot

import (
	"strings"
	"testing"

	"treem/bot/dialogue"
	"treem/channels/sms"
)

// TestPagesHoldEverything reads a long answer page by page: every page fits, no word is lost, and it ends.
func TestPagesHoldEverything(t *testing.T) {
	hint := func(dialogue.State) string { return "(Con nua: soan TIEP)" }
	for name, c := range map[string]struct {
		text  string
		marks bool
	}{
		"unaccented":    {strings.Repeat("Tre em co quyen duoc song, duoc cham soc. ", 40), false},
		"with marks":    {strings.Repeat("Trẻ em có quyền được sống, được chăm sóc. ", 40), true},
		"one long word": {strings.Repeat("a", 900), false},
		"lines":         {strings.Repeat("1. Goi 111\n2. Goi 113\n", 60), false},
	} {
		t.Run(name, func(t *testing.T) {
			d := dialogue.Decision{State: dialogue.State{Marks: c.marks}, Say: []dialogue.Utterance{{Text: c.text}}}
			var got strings.Builder
			for pages := 0; ; pages++ {
				d = paged(d, dialogue.SMS, hint)
				text := Render(d.Say[0], dialogue.SMS).Text
				if _, n := sms.Measure(text); n > pageSegments {
					t.Fatalf("page %d takes %d segments: %q", pages, n, text)
				}
				got.WriteString(strings.TrimSuffix(text, "\n"+hint(d.State)))
				if d.State.More == "" {
					break
				}
				if pages > 50 {
					t.Fatal("it does not end")
				}
				d = dialogue.Decision{State: dialogue.State{Marks: c.marks}, Say: []dialogue.Utterance{{Text: d.State.More}}}
			}
			squeeze := strings.NewReplacer(" ", "", "\n", "").Replace
			if squeeze(got.String()) != squeeze(c.text) {
				t.Errorf("read %q", got.String())
			}
		})
	}
}

func TestShortMessagesAndOtherMediaAreNotPaged(t *testing.T) {
	long := strings.Repeat("dai ", 200)
	for _, m := range []dialogue.Medium{dialogue.Chat, dialogue.Text} {
		if d := paged(dialogue.Decision{Say: []dialogue.Utterance{{Text: long}}}, m, nil); d.Say[0].Text != long || d.State.More != "" {
			t.Errorf("%s: paged", m)
		}
	}
	if d := paged(dialogue.Decision{Say: []dialogue.Utterance{{Text: "ngan"}}}, dialogue.SMS, nil); d.Say[0].Text != "ngan" {
		t.Errorf("%+v", d)
	}
}
