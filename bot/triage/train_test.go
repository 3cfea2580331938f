package triage

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"treem/kb/vitext"
)

// TestWeightsAreFresh notices training data, concepts or frames changed after the weights were made.
func TestWeightsAreFresh(t *testing.T) {
	want, err := fingerprint(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	m, err := decode(weightsData)
	if err != nil {
		t.Fatal(err)
	}
	if m.training != want {
		t.Errorf("weights.bin was made from other data (%s, now %s): run go run ./bot/triage/train", m.training, want)
	}
}

// TestReproducible learns again and compares byte for byte. It takes a minute: set TREEM_RETRAIN=1.
func TestReproducible(t *testing.T) {
	if os.Getenv("TREEM_RETRAIN") == "" {
		t.Skip("set TREEM_RETRAIN=1 to learn the weights again")
	}
	again, err := Train(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, weightsData) {
		t.Error("learning again gave other weights")
	}
}

// heldOut are the blind sets, which never take part in learning.
var heldOut = []string{"testdata/heldout-dev.jsonl", "testdata/heldout-final.jsonl", "testdata/heldout-2.jsonl", "testdata/heldout-3.jsonl", "testdata/heldout-4.jsonl", "testdata/heldout-5.jsonl", "testdata/heldout-6.jsonl"}

// TestHeldOut measures on the blind sets together, so that a few messages weigh less, and guards against a fall.
func TestHeldOut(t *testing.T) {
	x := newTools(t)
	var all []Example
	for _, name := range heldOut {
		all = append(all, readFile(t, name)...)
	}
	rep := NewReport(x.Evaluate(x.norm, all))
	rep.Misses = nil
	var b strings.Builder
	if _, err := rep.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + b.String())
	for what, low := range map[string]bool{
		"recognised": rep.Recognised.Share() < 0.955, "emergencies": rep.Emergencies.Share() < 0.97,
		"graded": rep.Graded.Share() < 0.95, "false alarms": rep.FalseAlarms.Share() > 0.055,
	} {
		if low {
			t.Errorf("%s fell: %+v", what, rep)
		}
	}
}

// TestHeldOutIsHeldOut: no held-out message is in the training data, whatever its case and marks.
func TestHeldOutIsHeldOut(t *testing.T) {
	examples, err := readTraining(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]string)
	for _, e := range examples {
		known[vitext.Fold(sameText(e.Text))] = e.Text
	}
	for _, name := range heldOut {
		for _, e := range readFile(t, name) {
			if same, ok := known[vitext.Fold(sameText(e.Text))]; ok && len(strings.Fields(same)) > 3 {
				t.Errorf("%s is in the training data: %q", e.ID, same)
			}
		}
	}
}

// TestConceptsCanBeSeen: a phrase the normaliser would rewrite can never be found in a message.
func TestConceptsCanBeSeen(t *testing.T) {
	lex, err := loadLexicon(conceptsData, synonymsData)
	if err != nil {
		t.Fatal(err)
	}
	norm, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	lost, all := 0, 0
	for _, c := range lex.concepts {
		for w := range strings.SplitSeq(c.Words, ",") {
			w = strings.TrimSuffix(strings.TrimSpace(w), "!")
			all++
			text := norm.Normalise(w)
			if text.Folded() != vitext.Fold(w) {
				lost++
				t.Logf("%s: %q becomes %q", c.ID, w, text.Toned())
			}
		}
	}
	if lost*20 > all {
		t.Errorf("%d of %d phrases can never be found", lost, all)
	}
}

// TestGrammar: every pattern expands, and each category gets different messages.
func TestGrammar(t *testing.T) {
	src, err := readSources(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	levels := make(map[string]Level)
	for _, e := range src.examples {
		levels[e.Category] = e.Level
	}
	for category := range src.grammar.patterns {
		if levels[category] == "" {
			t.Errorf("grammar: category %q is not in the training data", category)
		}
	}
	for _, e := range src.grammar.examples(20, levels) {
		if strings.ContainsAny(e.Text, "{}|") || e.Text == "" {
			t.Errorf("grammar: %s: %q", e.Category, e.Text)
		}
	}
}
