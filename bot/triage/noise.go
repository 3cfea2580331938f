package triage

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// noiseSize is how many lessons of each kind of noise there are, noiseWeight what one counts beside a written message,
// noiseCategory what it is learned as.
const (
	noiseSize     = 2000
	noiseWeight   = 0.3
	noiseCategory = "smalltalk"
)

// noise returns lessons without meaning, which are ordinary: letters, invented syllables, words in no order, and scraps of
// ordinary messages. Without them a model takes every text it knows nothing of for half dangerous, and one rare word that
// it met in a single disclosure for proof.
func (s *school) noise(examples []Example) []lesson {
	var lines [][]string // ordinary messages by word
	words := make(map[string]bool)
	for _, e := range examples {
		if e.Level != None {
			continue
		}
		line := strings.Fields(e.Text)
		lines = append(lines, line)
		for _, w := range line {
			words[w] = true
		}
	}
	vocabulary := make([]string, 0, len(words))
	for w := range words {
		vocabulary = append(vocabulary, w)
	}
	slices.Sort(vocabulary)
	rng := rand.New(rand.NewPCG(3, 3))
	some := func(most int, one func() string) string {
		text := make([]string, 1+rng.IntN(most))
		for i := range text {
			text[i] = one()
		}
		return strings.Join(text, " ")
	}
	kinds := []func() string{
		func() string { return some(6, func() string { return letters(rng) }) },
		func() string { return some(7, func() string { return crossed(vocabulary, rng) }) },
		func() string { return some(5, func() string { return vocabulary[rng.IntN(len(vocabulary))] }) },
		func() string {
			line := lines[rng.IntN(len(lines))]
			from := rng.IntN(len(line))
			return strings.Join(line[from:min(len(line), from+1+rng.IntN(4))], " ")
		},
	}
	category, _ := slices.BinarySearch(s.names, noiseCategory)
	s.message++ // one for all, so that no signal is kept for noise alone
	var all []lesson
	for _, kind := range kinds {
		for range noiseSize {
			all = append(all, lesson{s.signals(kind()), None.Rank(), category, -1, noiseWeight, s.message})
		}
	}
	return all
}

// letters strikes two to nine keys.
func letters(rng *rand.Rand) string {
	word := make([]byte, 2+rng.IntN(8))
	for i := range word {
		word[i] = byte('a' + rng.IntN(26))
	}
	return string(word)
}

// crossed puts the beginning of one word before the end of another.
func crossed(vocabulary []string, rng *rand.Rand) string {
	a, b := []rune(vocabulary[rng.IntN(len(vocabulary))]), []rune(vocabulary[rng.IntN(len(vocabulary))])
	return string(a[:(len(a)+1)/2]) + string(b[len(b)/2:])
}
