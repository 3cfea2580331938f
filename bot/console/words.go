package console

import (
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The languages of the console.
const (
	vietnamese = "vi"
	english    = "en"
)

// words are the console's own texts: key, then language.
type words map[string]map[string]string

// readWords reads words.yaml; a text that is missing in one of the languages is an error that names it.
func readWords(fsys fs.FS) (words, error) {
	data, err := fs.ReadFile(fsys, "words.yaml")
	if err != nil {
		return nil, err
	}
	var pairs map[string][]string
	if err := yaml.Unmarshal(data, &pairs); err != nil {
		return nil, fmt.Errorf("words.yaml: %w", err)
	}
	w := words{}
	for key, pair := range pairs {
		if len(pair) != 2 || pair[0] == "" || pair[1] == "" {
			return nil, fmt.Errorf("words.yaml: %s wants a Vietnamese and an English text", key)
		}
		w[key] = map[string]string{vietnamese: pair[0], english: pair[1]}
	}
	return w, nil
}

// in returns a text with its {0}, {1} … filled in. A key nobody wrote shows itself.
func (w words) in(language, key string, args ...any) string {
	text, ok := w[key][language]
	if !ok {
		return key
	}
	for i, a := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), fmt.Sprint(a))
	}
	return text
}
