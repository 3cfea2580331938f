package triage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Example is one labelled message, as in training/*.jsonl.
type Example struct {
	ID       string `json:"id,omitempty"`
	Text     string `json:"text"`
	Level    Level  `json:"level"`
	Category string `json:"category"`
	Speaker  string `json:"speaker"`
	Style    string `json:"style"`
}

// subject is who is in danger, for the learner: of dangerous messages, a child writes of itself (0), everybody else of a
// child (1); ordinary messages teach nothing (-1).
func (e Example) subject() int {
	switch {
	case e.Level == None:
		return -1
	case e.Speaker == "child":
		return 0
	default:
		return 1
	}
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

// readTraining reads training/*.jsonl in name order, without the texts of skip.txt; a text that comes twice counts once.
func readTraining(root fs.FS) ([]Example, error) {
	names, err := fs.Glob(root, "training/*.jsonl")
	if err != nil {
		return nil, err
	}
	skip, err := fs.ReadFile(root, "skip.txt")
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(string(skip)) {
		seen[sameText(line)] = true
	}
	var all []Example
	for _, name := range names {
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return nil, err
		}
		examples, err := ReadExamples(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, e := range examples {
			if key := sameText(e.Text); !seen[key] {
				seen[key] = true
				all = append(all, e)
			}
		}
	}
	return all, nil
}

// sameText is equal for texts that differ in case and spaces only.
func sameText(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
