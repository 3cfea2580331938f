package vitext

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed tables
var tableFiles embed.FS

// ruleFiles are the tables of whole words; they share one format.
var ruleFiles = []string{"abbreviations.tsv", "dialect.tsv", "teencode.tsv"}

// Normaliser holds the tables; it is immutable and safe for concurrent use.
type Normaliser struct {
	rules    map[string][]rule   // whole words by written form (Tone)
	glued    map[string][]glue   // letters written against a number: k1, 8t
	spelling []respell           // teen spellings of onsets and endings
	toned    map[string]struct{} // valid syllables with marks
	folded   map[string]struct{} // the same without marks
	english  map[string]struct{} // words to leave alone
	plain    map[string]struct{} // words whose right spelling has no marks
}

// New returns a Normaliser with the embedded tables. It fails only when a
// table file is malformed.
func New() (*Normaliser, error) {
	n := &Normaliser{
		rules: make(map[string][]rule),
		glued: make(map[string][]glue),
	}
	var err error
	if n.toned, n.folded, err = loadSyllables(); err != nil {
		return nil, err
	}
	for _, file := range ruleFiles {
		if err := n.loadRules(file); err != nil {
			return nil, err
		}
	}
	if err := n.loadGlued(); err != nil {
		return nil, err
	}
	if err := n.loadSpelling(); err != nil {
		return nil, err
	}
	if n.english, err = loadWords("english.txt"); err != nil {
		return nil, err
	}
	if n.plain, err = loadWords("plain.txt"); err != nil {
		return nil, err
	}
	return n, n.checkExpansions()
}

// line is one data line of a table file.
type line struct {
	file   string
	number int
	fields []string // split at tabs, trimmed
}

func (l line) errorf(format string, args ...any) error {
	return fmt.Errorf("vitext: tables/%s line %d: %s", l.file, l.number, fmt.Sprintf(format, args...))
}

// field returns column i, or "" when the line is shorter.
func (l line) field(i int) string {
	if i < len(l.fields) {
		return l.fields[i]
	}
	return ""
}

// readTable returns the data lines of a table: no comments, no blank lines.
func readTable(file string) ([]line, error) {
	data, err := tableFiles.ReadFile("tables/" + file)
	if err != nil {
		return nil, fmt.Errorf("vitext: read table: %w", err)
	}
	var lines []line
	for i, text := range strings.Split(string(data), "\n") {
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Split(text, "\t")
		for j := range fields {
			fields[j] = strings.TrimSpace(fields[j])
		}
		lines = append(lines, line{file: file, number: i + 1, fields: fields})
	}
	return lines, nil
}

// loadWords reads a list of words, several to a line.
func loadWords(file string) (map[string]struct{}, error) {
	lines, err := readTable(file)
	if err != nil {
		return nil, err
	}
	words := make(map[string]struct{})
	for _, l := range lines {
		for _, w := range strings.Fields(strings.Join(l.fields, " ")) {
			if _, ok := words[w]; ok {
				return nil, l.errorf("%q is listed twice", w)
			}
			words[w] = struct{}{}
		}
	}
	return words, nil
}

// loadSyllables expands syllables.txt into the sets of valid syllables.
func loadSyllables() (toned, folded map[string]struct{}, err error) {
	lines, err := readTable("syllables.txt")
	if err != nil {
		return nil, nil, err
	}
	toned = make(map[string]struct{}, 1<<14)
	folded = make(map[string]struct{}, 1<<12)
	groups := make(map[string][]string)
	for _, l := range lines {
		words := strings.Fields(l.fields[0])
		if strings.HasPrefix(words[0], "@") {
			groups[words[0]] = words[2:]
			continue
		}
		onsets, err := onsetsOf(l, words[1:], groups)
		if err != nil {
			return nil, nil, err
		}
		for onset := range onsets {
			addSyllable(toned, folded, onset, words[0])
		}
	}
	return toned, folded, nil
}

// onsetsOf resolves groups and exclusions of one rhyme.
func onsetsOf(l line, words []string, groups map[string][]string) (map[string]struct{}, error) {
	onsets := make(map[string]struct{})
	for _, w := range words {
		switch {
		case strings.HasPrefix(w, "@"):
			group, ok := groups[w]
			if !ok {
				return nil, l.errorf("no onset group %s", w)
			}
			for _, onset := range group {
				onsets[onset] = struct{}{}
			}
		case len(w) > 1 && w[0] == '-':
			delete(onsets, w[1:])
		default:
			onsets[w] = struct{}{}
		}
	}
	return onsets, nil
}

// addSyllable adds one onset with one rhyme in every tone the rhyme takes.
func addSyllable(toned, folded map[string]struct{}, onset, rhyme string) {
	if onset == "-" {
		onset = ""
	}
	base := []rune(onset + rhyme)
	first, last, ok := nucleus(base)
	if !ok {
		return
	}
	folded[Fold(string(base))] = struct{}{}
	seat := toneSeat(base, first, last)
	vowel := base[seat]
	for tone := range uint8(6) {
		if stopped(rhyme) && tone != toneSharp && tone != toneHeavy {
			continue
		}
		base[seat] = withTone(vowel, tone)
		toned[string(base)] = struct{}{}
	}
}

// stopped reports whether a rhyme ends in p, t, c or ch, which take only the
// tones sắc and nặng.
func stopped(rhyme string) bool {
	switch rhyme[len(rhyme)-1] {
	case 'p', 't', 'c':
		return true
	}
	return strings.HasSuffix(rhyme, "ch")
}

// Columns of toneRows.
const (
	toneSharp = 2
	toneHeavy = 5
)
