package triage

import (
	"os"
	"testing"

	"treem/kb/vitext"
)

// TestFramesAreRight counts on the training data how often each frame with a level is right: a frame may force a level
// only if it hardly ever does so wrongly.
func TestFramesAreRight(t *testing.T) {
	lex, err := loadLexicon(conceptsData, synonymsData)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("frames.yaml")
	if err != nil {
		t.Fatal(err)
	}
	frames, err := loadFrames(data, lex)
	if err != nil {
		t.Fatal(err)
	}
	examples, err := readTraining(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	norm, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	right, wrong := make([]int, len(frames)), make([]int, len(frames))
	var r reading
	for _, e := range examples {
		text := norm.Normalise(e.Text)
		r.read(text, lex, frames)
		for i := range frames {
			if f := &frames[i]; f.fits(&r, 0, len(text.Syllables)) {
				if e.Level == None {
					wrong[i]++
					if f.Level != "" {
						t.Logf("%s: %s: %s", f.ID, e.Category, e.Text)
					}
				} else {
					right[i]++
				}
			}
		}
	}
	for i, f := range frames {
		t.Logf("%-18s %-10s %4d right %4d wrong", f.ID, f.Level, right[i], wrong[i])
		if f.Level != "" && wrong[i]*33 > right[i]+wrong[i] && wrong[i] > 1 {
			t.Errorf("frame %s forces %s and is wrong %d times of %d", f.ID, f.Level, wrong[i], right[i]+wrong[i])
		}
	}
}
