package vitext

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestMixtures checks random strings of table words, neighbours the rules ask
// for, keys and punctuation: rules meet each other here as in no written case.
func TestMixtures(t *testing.T) {
	n := mustNew(t)
	words := slices.Sorted(maps.Keys(n.rules))
	for _, key := range slices.Sorted(maps.Keys(n.rules)) {
		for _, r := range n.rules[key] {
			words = append(words, r.out...)
			for _, c := range r.all {
				words = append(words, slices.Sorted(maps.Keys(c.words))...)
			}
		}
	}
	for _, letters := range slices.Sorted(maps.Keys(n.glued)) {
		words = append(words, letters+"3", "8"+letters, "5"+letters+"30")
	}
	words = append(words, "1", "27/4", "the", "hello", "ddanhs", "aii", "x")
	joins := []string{" ", " ", " ", " ", ". ", ", ", ".", "-", "", "? ", "\n"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		var b strings.Builder
		for range 1 + random.IntN(9) {
			b.WriteString(words[random.IntN(len(words))])
			b.WriteString(joins[random.IntN(len(joins))])
		}
		checkText(t, n, n.Normalise(b.String()))
		if t.Failed() {
			return
		}
	}
}
