package console

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"treem/bot/editorial"
	"treem/bot/handover"
	"treem/bot/staff"
	"treem/kb"
)

// TestWordsAndPagesFit finds keys that a page or handler asks for and nobody wrote, and written ones that nobody asks for.
func TestWordsAndPagesFit(t *testing.T) {
	w, err := readWords(assets)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	ask := func(where, key string) {
		used[key] = true
		if _, ok := w[key]; !ok {
			t.Errorf("%s asks for %q, which words.yaml does not have", where, key)
		}
	}
	inTemplates := regexp.MustCompile(`\.T "([^"]+)"`)
	files, err := fs.Glob(assets, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := fs.ReadFile(assets, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inTemplates.FindAllStringSubmatch(string(data), -1) {
			ask(name, m[1])
		}
	}
	quoted := regexp.MustCompile(`"([a-z0-9.-]+)"`)
	sources, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(data), -1) {
			if _, ok := w[m[1]]; ok {
				used[m[1]] = true
			}
		}
	}
	for _, r := range staff.Roles {
		ask("roles", "role."+string(r))
		ask("roles", "role-does."+string(r))
	}
	for _, s := range []handover.Status{handover.Open, handover.Claimed, handover.Referred, handover.Closed, handover.Withdrawn} {
		ask("cases", "status."+string(s))
	}
	for _, a := range acts {
		ask("cases", "act."+string(a))
		ask("cases", "did."+string(a))
	}
	for _, why := range []string{handover.Taken, handover.Over, handover.NotYours, handover.ClaimFirst, handover.Incomplete, "no-person", "in-group"} {
		ask("refusals", "refused."+why)
	}
	c := &Console{}
	for _, r := range c.routes() {
		if !strings.Contains(r.pattern, Path) {
			t.Errorf("%s lies outside the console", r.pattern)
		}
	}
	for _, s := range []editorial.State{editorial.Writing, editorial.Review, editorial.Approved, editorial.Published, editorial.Dropped} {
		ask("drafts", "draft."+string(s))
	}
	for _, topic := range kb.Topics() {
		ask("entries", "topic."+string(topic))
	}
	families := []string{"nav.", "entries.", "order.", "step.", "did.", "audience.", "urgency.", "sign-off.", "verdict.", "statute.", "help."} // of which a part of the key is worked out
	for key := range w {
		if !used[key] && !slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) }) {
			t.Errorf("nobody asks for %q", key)
		}
	}
}

func TestWordsAreFilledIn(t *testing.T) {
	w := words{"x": {vietnamese: "{0} của {1}", english: "{0} of {1}"}}
	if got := w.in(english, "x", 3, "ba"); got != "3 of ba" {
		t.Errorf("%q", got)
	}
	if got := w.in(vietnamese, "unknown"); got != "unknown" {
		t.Errorf("%q", got)
	}
}
