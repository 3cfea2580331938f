package triage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// Example is one labelled message, as in training/*.jsonl and /work/shared/triage.
type Example struct {
	ID       string `json:"id,omitempty"`
	Text     string `json:"text"`
	Level    Level  `json:"level"`
	Category string `json:"category"`
	Speaker  string `json:"speaker"`
	Style    string `json:"style"`
}

// ReadExamples reads messages, one JSON object a line; empty lines are skipped.
func ReadExamples(r io.Reader) ([]Example, error) {
	var all []Example
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for n := 1; s.Scan(); n++ {
		line := bytes.TrimSpace(s.Bytes())
		if len(line) == 0 {
			continue
		}
		var e Example
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if e.Text == "" || e.Level != None && e.Level != Urgent && e.Level != Emergency {
			return nil, fmt.Errorf("line %d: needs a text and a level none, urgent or emergency", n)
		}
		all = append(all, e)
	}
	return all, s.Err()
}

// readTraining reads every .jsonl of a folder in name order; a text that comes twice counts once.
func readTraining(dir fs.FS) ([]Example, error) {
	names, err := fs.Glob(dir, "*.jsonl")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []Example
	seen := make(map[string]bool)
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		examples, err := ReadExamples(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, e := range examples {
			key := strings.ToLower(strings.Join(strings.Fields(e.Text), " "))
			if !seen[key] {
				seen[key] = true
				all = append(all, e)
			}
		}
	}
	return all, nil
}
