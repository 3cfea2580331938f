// Package support finds the help a child may have: it asks what is needed and no more, and works out every benefit,
// its amount and where to apply. Questions, benefits and their conditions are data, content/support.yaml; the amounts
// are the standard of Decree 335/2026/NĐ-CP, a fact, times the coefficient of the benefit. It is pure: answers go in,
// the next question or the result comes out. Nothing here decides a right; the commune does.
package support

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/kb"
	"treem/kb/vitext"

	"go.yaml.in/yaml/v3"
)

// File is where the finder's content stands in the content's file system.
const File = "support.yaml"

// Wording is a text in the wordings it needs. An empty Child means that Parent serves; SMS is unaccented.
type Wording struct {
	Parent string `yaml:"parent"`
	Child  string `yaml:"child"` // with {em} and {Em} where the child is addressed
	SMS    string `yaml:"sms"`
}

// For returns the text for the audience; self is what a child calls itself.
func (w Wording) For(a kb.Audience, self string) string {
	if a == kb.AudienceChild && w.Child != "" {
		return kb.AddressChild(w.Child, self)
	}
	return w.Parent
}

// Condition holds if for every question it names one of the options listed was chosen. The name "group" stands for the
// groups of the file; the option "?" for a question that the person skipped.
type Condition map[string][]string

// Option is one possible answer.
type Option struct {
	ID      string `yaml:"id"`
	Wording `yaml:",inline"`
	Words   []string    `yaml:"words"`  // other words that choose it, alone in a message
	Months  []int       `yaml:"months"` // of a question for the age: from, to (not included); the last may have no end
	When    []Condition `yaml:"when"`   // offered only then; empty: always
	Triage  bool        `yaml:"triage"` // it tells of harm: written out, its words are left to triage
}

// Named says whether words without diacritics are the option's name or another word for it.
func (o Option) Named(folded string) bool {
	if folded == "" {
		return false
	}
	for _, name := range []string{o.Parent, o.Child, o.SMS} {
		if name != "" && vitext.Fold(name) == folded {
			return true
		}
	}
	return slices.Contains(o.Words, folded)
}

// Question is one thing the finder may ask.
type Question struct {
	ID      string `yaml:"id"`
	Wording `yaml:",inline"`
	Ask     []Condition `yaml:"ask"` // asked only then; empty: always
	Options []Option    `yaml:"options"`
}

// Aged says whether the question wants an age, which people write as a number.
func (q *Question) Aged() bool { return len(q.Options) > 0 && len(q.Options[0].Months) > 0 }

// OfAge finds the option for an age in months.
func (q *Question) OfAge(months int) (Option, bool) {
	for _, o := range q.Options {
		if len(o.Months) > 0 && months >= o.Months[0] && (len(o.Months) == 1 || months < o.Months[1]) {
			return o, true
		}
	}
	return Option{}, false
}

// Group is a named set of cases, e.g. the list of Article 5 clause 1.
type Group struct {
	ID    string `yaml:"id"`
	Cases []struct {
		When     []Condition `yaml:"when"`
		Citation kb.Citation `yaml:"citation"`
	} `yaml:"cases"`
}

// Kind sorts benefits for the reader.
type Kind string

// The kinds of benefit.
const (
	Monthly Kind = "monthly" // money every month
	Once    Kind = "once"    // money or goods for an event
	Help    Kind = "help"    // anything else
)

// Rate is one amount of a benefit: the standard times the coefficient, or a fact that holds the amount itself. With
// both, the fact is the same amount written out for entries, and the check compares them.
type Rate struct {
	When        []Condition   `yaml:"when"`
	Coefficient float64       `yaml:"coefficient"`
	Fact        string        `yaml:"fact"`
	Citations   []kb.Citation `yaml:"citations"`
}

// Benefit is one thing a child, a parent or a carer may receive.
type Benefit struct {
	ID        string        `yaml:"id"`
	Kind      Kind          `yaml:"kind"`
	Name      Wording       `yaml:"name"`
	When      []Condition   `yaml:"when"`    // likely then, possible while the answers leave it open; empty: never for sure
	Maybe     []Condition   `yaml:"maybe"`   // possible then
	If        Wording       `yaml:"if"`      // what must be so for a possible benefit; empty: told only when likely
	Highest   string        `yaml:"highest"` // of all benefits with this word only the highest is paid
	Least     bool          `yaml:"least"`   // the amount is a minimum
	Most      bool          `yaml:"most"`    // the amount is a maximum
	Rates     []Rate        `yaml:"rates"`
	Citations []kb.Citation `yaml:"citations"`
	Steps     []string      `yaml:"steps"` // how to get it
	Entry     string        `yaml:"entry"` // where to read more
}

// Note is something to tell people in a situation: what they do not have, or whom to call.
type Note struct {
	ID        string        `yaml:"id"`
	When      []Condition   `yaml:"when"`
	Text      Wording       `yaml:"text"`
	First     bool          `yaml:"first"` // before everything else
	Call      []string      `yaml:"call"`  // numbers to call
	Citations []kb.Citation `yaml:"citations"`
	Entry     string        `yaml:"entry"`
}

// Step is a form, an office, a time limit: part of how a benefit is applied for.
type Step struct {
	ID        string        `yaml:"id"`
	Text      Wording       `yaml:"text"`
	Citations []kb.Citation `yaml:"citations"`
}

// Words are what people write to move about in the dialogue, folded.
type Words struct {
	Skip  []string       `yaml:"skip"`
	Back  []string       `yaml:"back"`
	Leave []string       `yaml:"leave"`
	Units map[string]int `yaml:"units"` // months in a unit of age
}

// Finder is the content of support.yaml with its facts put in. It is immutable and safe for concurrent use.
type Finder struct {
	Standard  string             `yaml:"standard"` // the fact with the standard, đồng a month
	CheckedOn time.Time          `yaml:"checked_on"`
	Most      int                `yaml:"most"` // questions asked at most
	Topic     kb.Topic           `yaml:"topic"`
	Citations []kb.Citation      `yaml:"citations"` // of what every result says
	After     []string           `yaml:"after"`     // entries behind which the finder is offered, besides those of benefits
	Words     Words              `yaml:"words"`
	Says      map[string]Wording `yaml:"says"`
	Questions []Question         `yaml:"questions"`
	Groups    []Group            `yaml:"groups"`
	Steps     []Step             `yaml:"steps"`
	Benefits  []Benefit          `yaml:"benefits"`
	Notes     []Note             `yaml:"notes"`

	facts    map[string]kb.Fact
	standard int64
	offered  map[string]bool
}

// sayings are the texts around questions and results; the file must define exactly these.
var sayings = []string{
	"label", "offer", "intro", "skip", "back", "leave", "again", "go-on", "left", "group", "number", "none", "heading", "total",
	"since", "each", "least", "most", "or", "unsure", "if", "instead", "help", "steps", "closing",
}

// Read reads support.yaml and puts in the facts. Its error names what is missing or unknown.
func Read(fsys fs.FS, c *kb.Content) (*Finder, error) {
	data, err := fs.ReadFile(fsys, File)
	if err != nil {
		return nil, err
	}
	text, err := putFacts(string(data), c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	f := &Finder{facts: c.Facts, offered: map[string]bool{}}
	dec := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	dec.KnownFields(true)
	if err := dec.Decode(f); err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	if f.standard, err = amountOf(c.Facts[f.Standard].Text); err != nil {
		return nil, fmt.Errorf("%s: standard %q: %w", File, f.Standard, err)
	}
	for _, id := range f.After {
		f.offered[id] = true
	}
	for _, b := range f.Benefits {
		f.offered[b.Entry] = true
	}
	for _, n := range f.Notes {
		f.offered[n.Entry] = true
	}
	return f, f.complete()
}

func (f *Finder) complete() error {
	var errs []error
	wanted := map[string]bool{}
	for _, name := range sayings {
		wanted[name] = true
		if f.Says[name].Parent == "" {
			errs = append(errs, fmt.Errorf("%s: says.%s is missing", File, name))
		}
	}
	for name := range f.Says {
		if !wanted[name] {
			errs = append(errs, fmt.Errorf("%s: says.%s is not used", File, name))
		}
	}
	if f.Most < 1 || len(f.Questions) == 0 {
		errs = append(errs, fmt.Errorf("%s: most and questions are missing", File))
	}
	return errors.Join(errs...)
}

// Offered says whether the finder is offered behind an entry.
func (f *Finder) Offered(entry string) bool { return entry != "" && f.offered[entry] }

// Question finds a question by its id.
func (f *Finder) Question(id string) (*Question, bool) {
	for i := range f.Questions {
		if f.Questions[i].ID == id {
			return &f.Questions[i], true
		}
	}
	return nil, false
}

// option finds an option of a question by its id.
func (q *Question) option(id string) (Option, bool) {
	for _, o := range q.Options {
		if o.ID == id {
			return o, true
		}
	}
	return Option{}, false
}

var factName = regexp.MustCompile(`\{\{\s*([a-z0-9-]+)\s*\}\}`)

func putFacts(text string, c *kb.Content) (string, error) {
	var missing error
	out := factName.ReplaceAllStringFunc(text, func(m string) string {
		id := factName.FindStringSubmatch(m)[1]
		fact, ok := c.Facts[id]
		if !ok {
			missing = fmt.Errorf("fact %q is not defined in facts/", id)
		}
		return fact.Text
	})
	return out, missing
}

var amount = regexp.MustCompile(`^(\d{1,3}(?:\.\d{3})*) đồng`)

// amountOf reads "540.000 đồng/tháng" as 540000.
func amountOf(text string) (int64, error) {
	m := amount.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is no amount like \"540.000 đồng/tháng\"", text)
	}
	return strconv.ParseInt(strings.ReplaceAll(m[1], ".", ""), 10, 64)
}

// times is the standard times a coefficient, in đồng.
func (f *Finder) times(coefficient float64) int64 {
	return int64(math.Round(float64(f.standard) * coefficient))
}

// Dong writes an amount as Vietnamese do: 1350000 as "1.350.000".
func Dong(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}
