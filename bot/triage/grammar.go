package triage

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// grammar makes messages from the patterns in grammar/: {name} takes a word of slots.yaml, (a|b) takes one of two.
type grammar struct {
	slots    map[string][]string
	patterns map[string][]string // by category
}

// readGrammar reads slots.yaml and all pattern files of a folder.
func readGrammar(dir fs.FS) (*grammar, error) {
	g := &grammar{slots: make(map[string][]string), patterns: make(map[string][]string)}
	var slots map[string]string
	if err := readYAML(dir, "slots.yaml", &slots); err != nil {
		return nil, err
	}
	for name, words := range slots {
		g.slots[name] = strings.Split(words, "|")
	}
	for _, name := range []string{"danger.yaml", "harmless.yaml"} {
		var patterns map[string][]string
		if err := readYAML(dir, name, &patterns); err != nil {
			return nil, err
		}
		maps.Copy(g.patterns, patterns)
	}
	return g, g.check()
}

func readYAML(dir fs.FS, name string, into any) error {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// check expands every pattern once, so that an unknown slot or bracket is found early.
func (g *grammar) check() error {
	rng := rand.New(rand.NewPCG(1, 1))
	for category, patterns := range g.patterns {
		for _, p := range patterns {
			if text := g.expand(p, rng); strings.ContainsAny(text, "{}(|") {
				return fmt.Errorf("grammar: %s: %q leaves %q", category, p, text)
			}
		}
	}
	return nil
}

// expand makes one message from a pattern.
func (g *grammar) expand(p string, rng *rand.Rand) string {
	for range 100 {
		// The innermost bracket first: the last opening one before the first closing one.
		if end := strings.IndexByte(p, ')'); end >= 0 {
			start := strings.LastIndexByte(p[:end], '(')
			if start < 0 {
				break
			}
			choices := strings.Split(p[start+1:end], "|")
			p = p[:start] + choices[rng.IntN(len(choices))] + p[end+1:]
			continue
		}
		start := strings.IndexByte(p, '{')
		if start < 0 {
			break
		}
		end := start + strings.IndexByte(p[start:], '}')
		words := g.slots[p[start+1:max(end, start+1)]]
		if len(words) == 0 {
			break
		}
		p = p[:start] + words[rng.IntN(len(words))] + p[end+1:]
	}
	return strings.TrimSpace(strings.Join(strings.Fields(p), " "))
}

// examples makes up to n different messages of each category, the same ones each time.
func (g *grammar) examples(n int, levels map[string]Level) []Example {
	var all []Example
	for _, category := range slices.Sorted(maps.Keys(g.patterns)) {
		rng := rand.New(rand.NewPCG(uint64(hashOf(category)), 3))
		patterns := g.patterns[category]
		seen := make(map[string]bool)
		for i := range 3 * n {
			text := g.expand(patterns[i%len(patterns)], rng)
			if seen[text] || len(seen) == n {
				continue
			}
			seen[text] = true
			all = append(all, Example{Text: text, Level: levels[category], Category: category, Style: "grammar"})
		}
	}
	return all
}
