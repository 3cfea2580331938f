package editorial

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"treem/kb/vitext"

	"go.yaml.in/yaml/v3"
)

var private = regexp.MustCompile(`https?://\S+|\S+@\S+|@\w+|\+?\d[\d .-]{2,}\d`)

// hidden stands for what was taken out.
const hidden = "…"

// Mask takes out of a text what may tell who it is about: numbers of four digits and more, links, addresses, handles, and,
// by the lists of names.yaml, names of people and places. What may be a name is taken for one.
func Mask(text string) string { return maskNames(private.ReplaceAllString(text, hidden)) }

//go:embed names.yaml
var namesFile []byte

// nameLists are names.yaml, each phrase with its words joined by spaces.
type nameLists struct {
	Families  []string `yaml:"families"`
	Middle    []string `yaml:"middle"`
	Persons   []string `yaml:"persons"`
	Introduce []string `yaml:"introduce"`
	Places    []string `yaml:"places"`
	Never     []string `yaml:"never"`
	Capital   []string `yaml:"institutions"`

	families, middle, persons, introduce, places, never, institutions map[string]bool
}

var lists = sync.OnceValue(func() *nameLists {
	n, err := readNames(namesFile)
	if err != nil {
		panic(err) // the file is part of the program; a test reads it
	}
	return n
})

func readNames(data []byte) (*nameLists, error) {
	var n nameLists
	if err := yaml.Unmarshal(data, &n); err != nil {
		return nil, fmt.Errorf("names.yaml: %w", err)
	}
	for _, l := range []struct {
		from []string
		to   *map[string]bool
	}{{n.Families, &n.families}, {n.Middle, &n.middle}, {n.Persons, &n.persons}, {n.Introduce, &n.introduce}, {n.Places, &n.places}, {n.Never, &n.never}, {n.Capital, &n.institutions}} {
		*l.to = map[string]bool{}
		for _, phrase := range l.from {
			if phrase != vitext.Fold(phrase) {
				return nil, fmt.Errorf("names.yaml: %q must be written without marks and capitals", phrase)
			}
			(*l.to)[phrase] = true
		}
	}
	return &n, nil
}

// longest is how many words a phrase or a name has at most.
const longest = 4

// nameWord is one word of a text: a run of letters.
type nameWord struct {
	from, to int // bytes
	folded   string
	capital  bool
	joined   bool // only a space lies between it and the word before
}

func nameWords(text string) (all []nameWord) {
	from, end := -1, 0
	add := func(to int) {
		if from < 0 {
			return
		}
		word := text[from:to]
		first := []rune(word)[0]
		gap := text[end:from]
		all = append(all, nameWord{from, to, vitext.Fold(word), unicode.IsUpper(first), len(all) > 0 && strings.Trim(gap, " ") == "" && gap != ""})
		from, end = -1, to
	}
	for i, r := range text {
		switch letter := unicode.IsLetter(r) || unicode.Is(unicode.Mn, r); {
		case letter && from < 0:
			from = i
		case !letter:
			add(i)
		}
	}
	add(len(text))
	return all
}

// maskNames hides every run of words that is taken for a name.
func maskNames(text string) string {
	n, words := lists(), nameWords(text)
	var out strings.Builder
	at := 0
	for i := 0; i < len(words); {
		length := n.nameAt(words, i)
		if length == 0 {
			i++
			continue
		}
		out.WriteString(text[at:words[i].from])
		out.WriteString(hidden)
		at = words[i+length-1].to
		i += length
	}
	out.WriteString(text[at:])
	return out.String()
}

// nameAt is how many words a name has that begins at a word; 0: none does.
func (n *nameLists) nameAt(words []nameWord, i int) int {
	w := words[i]
	capitals := n.capitals(words, i)
	switch {
	case !w.capital && n.never[w.folded] || w.capital && n.institutions[w.folded] && !(capitals > 1 && n.families[w.folded] && n.follows(words, i, n.persons)):
		return 0
	case n.families[w.folded] && capitals > 1:
		return capitals
	case n.families[w.folded] && n.middleBehind(words, i):
		return n.plain(words, i, 3)
	case n.follows(words, i, n.introduce):
		if capitals > 0 {
			return capitals
		}
		if n.families[w.folded] {
			return n.plain(words, i, 3)
		}
		return 1
	case capitals > 0 && (n.follows(words, i, n.persons) || n.follows(words, i, n.places)):
		return capitals
	default:
		return 0
	}
}

// capitals counts the words with a capital from one on that may all belong to a name.
func (n *nameLists) capitals(words []nameWord, i int) int {
	c := 0
	for c < longest && i+c < len(words) && words[i+c].capital && (c == 0 || words[i+c].joined) {
		c++
	}
	return c
}

// middleBehind says whether a middle name follows, and another word behind it.
func (n *nameLists) middleBehind(words []nameWord, i int) bool {
	return i+2 < len(words) && words[i+1].joined && words[i+2].joined && n.middle[words[i+1].folded] && !n.never[words[i+2].folded]
}

// plain counts words from one on, most at most, up to one that is in no name.
func (n *nameLists) plain(words []nameWord, i, most int) int {
	c := 1
	for c < most && i+c < len(words) && words[i+c].joined && !n.never[words[i+c].folded] {
		c++
	}
	return c
}

// follows says whether the words before one are a phrase of a list.
func (n *nameLists) follows(words []nameWord, i int, list map[string]bool) bool {
	phrase := ""
	for k := i - 1; k >= 0 && k >= i-longest && words[k+1].joined; k-- {
		phrase = strings.TrimSpace(words[k].folded + " " + phrase)
		if list[phrase] {
			return true
		}
	}
	return false
}
