package kb_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"treem/kb"
)

// answerText is the text of a hit for the judge; the dialogue adds only frames to it.
func answerText(h kb.Hit, a kb.Audience, self string) string {
	switch {
	case h.Entry != nil:
		return h.Entry.Answer(a, self) + "\n" + h.Entry.Next
	case h.Article != nil:
		return h.Article.Title + "\n" + h.Article.Digest
	default:
		return h.Law.Title + "\n" + h.Law.Note
	}
}

// floors are what an evaluation must not fall below, in per cent. Raise them when the search gets better.
type floors struct{ answers, choices, plain, silent float64 }

func TestEvaluate(t *testing.T) {
	n, c := load(t)
	ix := index(t, n, c)
	for file, want := range map[string]floors{
		"testdata/questions/test.jsonl":         {94, 96, 93, 95},
		"testdata/questions/blind2-final.jsonl": {93, 96, 93, 96},
		"testdata/questions/blind3-final.jsonl": {91, 96, 91, 95},
		"../../shared/questions/examples.jsonl": {95, 98, 95, 95},
	} {
		t.Run(file, func(t *testing.T) {
			if _, err := os.Stat(file); err != nil && strings.Contains(file, "shared") {
				t.Skip("the shared questions are not beside the repository")
			}
			s, err := kb.Evaluate(context.Background(), questions(t, file), ix, n, answerText)
			if err != nil {
				t.Fatal(err)
			}
			for name, one := range map[string]struct {
				got  kb.Tally
				want float64
			}{"answers": {s.Answers, want.answers}, "choices": {s.Choices, want.choices}, "plain": {s.Plain, want.plain}, "silent": {s.Silent, want.silent}} {
				if 100*float64(one.got.Hit) < one.want*float64(one.got.All) {
					t.Errorf("%s: %s, want at least %.0f %%", name, one.got, one.want)
				}
			}
			var out strings.Builder
			if err := s.Print(&out, testing.Verbose() && !strings.HasSuffix(file, "final.jsonl")); err != nil {
				t.Fatal(err)
			}
			t.Log("\n" + out.String())
		})
	}
}

// sameByChance are questions whose author, who saw no sample question, wrote what already stood there as one.
var sameByChance = []string{"hq183", "hq293", "fr106", "fr133"}

// TestQuestionFiles says that the entries which the question files expect exist, and that no question is a copy of a
// sample question.
func TestQuestionFiles(t *testing.T) {
	n, c := load(t)
	samples := map[string]string{}
	for _, e := range c.Entries {
		for _, q := range e.Questions {
			samples[n.Normalise(q).Folded()] = e.ID
		}
	}
	for _, file := range []string{"testdata/questions/dev.jsonl", "testdata/questions/test.jsonl", "testdata/questions/heldout-dev.jsonl",
		"testdata/questions/heldout-final.jsonl", "testdata/questions/blind-dev.jsonl", "testdata/questions/blind-final.jsonl",
		"testdata/questions/fresh-final.jsonl", "testdata/questions/blind2-final.jsonl", "testdata/questions/blind3-final.jsonl"} {
		for _, one := range questions(t, file) {
			for _, id := range one.Entries {
				if _, ok := c.Entry(id); !ok && !hasArticle(c, id) {
					t.Errorf("%s %s: no entry %q", file, one.ID, id)
				}
			}
			if id, copied := samples[n.Normalise(one.Text).Folded()]; copied && !slices.Contains(sameByChance, one.ID) {
				t.Errorf("%s %s is a sample question of %s", file, one.ID, id)
			}
		}
	}
}

// hasArticle reports whether the content has the article that a hit's id names: "102/2016/QH13#25".
func hasArticle(c *kb.Content, id string) bool {
	number, article, _ := strings.Cut(id, "#")
	law, ok := c.Law(number)
	if !ok {
		return false
	}
	_, ok = c.Lookup(law, article)
	return ok
}
