package kb

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"treem/kb/vitext"

	"go.yaml.in/yaml/v3"
)

// Commune is one commune-level unit of the province since 1 July 2025.
type Commune struct {
	Code     string   `yaml:"code"`     // official number, Decision 19/2025/QĐ-TTg
	Name     string   `yaml:"name"`     // "Phường Quy Nhơn Tây"
	Area     string   `yaml:"area"`     // "binh-dinh" or "gia-lai": the province it was in before
	District string   `yaml:"district"` // the district it was in before, "Thành phố Quy Nhơn"
	Old      []string `yaml:"old"`      // communes it was made of
}

// Communes finds communes by what people write, new names and old. It never changes after ReadCommunes.
type Communes struct {
	all   []Commune
	codes map[string]int
	names map[string][]int // folded name, without its kind → communes
	most  int              // syllables of the longest name
}

// ReadCommunes reads communes.yaml.
func ReadCommunes(fsys fs.FS) (*Communes, error) {
	data, err := fs.ReadFile(fsys, "communes.yaml")
	if err != nil {
		return nil, fmt.Errorf("read communes: %w", err)
	}
	c := &Communes{codes: map[string]int{}, names: map[string][]int{}}
	if err := yaml.Unmarshal(data, &c.all); err != nil {
		return nil, fmt.Errorf("communes.yaml: %w", err)
	}
	for i, one := range c.all {
		if one.Code == "" || one.Name == "" {
			return nil, fmt.Errorf("communes.yaml: entry %d lacks code or name", i+1)
		}
		if _, twice := c.codes[one.Code]; twice {
			return nil, fmt.Errorf("communes.yaml: code %s is there twice", one.Code)
		}
		c.codes[one.Code] = i
		c.learn(one.Name, i)
		for _, name := range append(slices.Clone(one.Old), one.District) {
			c.learn(name, i)
		}
	}
	return c, nil
}

// All lists every commune in the order of the file.
func (c *Communes) All() []Commune { return slices.Clone(c.all) }

// ByCode finds a commune by its official number.
func (c *Communes) ByCode(code string) (Commune, bool) {
	i, ok := c.codes[code]
	if !ok {
		return Commune{}, false
	}
	return c.all[i], true
}

func (c *Communes) learn(name string, i int) {
	words := bare(strings.Fields(vitext.Fold(name)))
	if len(words) == 0 {
		return
	}
	key := strings.Join(words, " ")
	if !slices.Contains(c.names[key], i) {
		c.names[key] = append(c.names[key], i)
		c.most = max(c.most, len(words))
	}
}

// kindsOfPlace are what stands before a name; people leave it out or shorten it.
var kindsOfPlace = [][]string{{"thanh", "pho"}, {"thi", "xa"}, {"thi", "tran"}, {"phuong"}, {"xa"}, {"huyen"}, {"tp"}, {"tx"}, {"tt"}, {"p"}, {"x"}, {"h"}}

// bare takes the kind of place off a folded name.
func bare(words []string) []string {
	for _, kind := range kindsOfPlace {
		if len(words) > len(kind) && slices.Equal(words[:len(kind)], kind) {
			return words[len(kind):]
		}
	}
	return words
}

// Find returns the communes a text may mean, the likeliest first: none, one, or several to choose from. The longest name
// in the text counts; where its kind ("xã", "phường") is written too that decides between equal names; a name of today
// comes before an old one of the same words.
func (c *Communes) Find(text vitext.Text) []Commune {
	words := strings.Fields(text.Folded())
	for n := min(c.most, len(words)); n > 0; n-- {
		var found []int
		for from := 0; from+n <= len(words); from++ {
			if from > 0 && slices.ContainsFunc(kindsOfPlace, func(kind []string) bool { return slices.Equal(kind, words[from-1:from+1]) }) {
				continue // "thị trấn Phú …" is no "Trần Phú"
			}
			for _, i := range c.names[strings.Join(words[from:from+n], " ")] {
				if !slices.Contains(found, i) {
					found = append(found, i)
				}
			}
		}
		if len(found) == 0 {
			continue
		}
		out := make([]Commune, len(found))
		for k, i := range found {
			out[k] = c.all[i]
		}
		said := " " + strings.Join(words, " ") + " "
		if exact := slices.DeleteFunc(slices.Clone(out), func(one Commune) bool { return !one.namedIn(said) }); len(exact) > 0 {
			return exact
		}
		slices.SortStableFunc(out, func(a, b Commune) int { return a.rankIn(said) - b.rankIn(said) })
		return out
	}
	return nil
}

// namedIn says whether a folded text holds one of the commune's names with its kind.
func (c *Commune) namedIn(said string) bool {
	return slices.ContainsFunc(append(slices.Clone(c.Old), c.Name), func(name string) bool {
		return strings.Contains(said, " "+vitext.Fold(name)+" ")
	})
}

// rankIn is 0 if a folded text holds the commune's own name of today, else 1.
func (c *Commune) rankIn(said string) int {
	if strings.Contains(said, " "+strings.Join(bare(strings.Fields(vitext.Fold(c.Name))), " ")+" ") {
		return 0
	}
	return 1
}
