// Package editorial is how content changes: an entry as a form and as a file, a draft's way through review to being
// published, what a change does to the answers, how every reader will see it, and what people asked that nobody wrote yet.
// It decides and computes; storing, searching and showing are the caller's.
package editorial

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treem/kb"

	"go.yaml.in/yaml/v3"
)

// Form is an entry as it is edited: every field as text, facts still by name.
type Form struct {
	ID, Title, Topic, Audience, Urgency, Confidence string
	ValidFrom, CheckedOn                            string // 2026-11-23
	SignOff                                         string // clinician, lawyer or empty
	Questions                                       []string
	Citations                                       []kb.Citation
	Related                                         []string
	Next, SMS                                       string
	Parent, Child                                   string
	Texts                                           map[kb.Language]string
	SMSIn                                           map[kb.Language]string
	Media                                           []kb.Media
}

// front is the front matter in the order in which entries have it.
type front struct {
	ID         string                 `yaml:"id"`
	Title      string                 `yaml:"title"`
	Topic      string                 `yaml:"topic"`
	Audience   string                 `yaml:"audience"`
	Urgency    string                 `yaml:"urgency,omitempty"`
	Confidence string                 `yaml:"confidence"`
	ValidFrom  date                   `yaml:"valid_from"`
	CheckedOn  date                   `yaml:"checked_on"`
	SignOff    string                 `yaml:"sign_off,omitempty"`
	Questions  []string               `yaml:"questions"`
	Citations  []citation             `yaml:"citations"`
	Related    []string               `yaml:"related,flow"`
	Next       string                 `yaml:"next"`
	SMS        string                 `yaml:"sms"`
	SMSIn      map[kb.Language]string `yaml:"sms_in,omitempty"`
	Media      []media                `yaml:"media,omitempty"`
}

// date is a day that is written without a time.
type date string

func (d date) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: string(d)}, nil
}

func (d *date) UnmarshalYAML(n *yaml.Node) error {
	*d = date(n.Value)
	return nil
}

type citation struct {
	Law     string
	Article int
	Clause  int
	Point   string
}

// MarshalYAML writes a citation on one line, without what it leaves open.
func (c citation) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	add := func(key, value string, style yaml.Style) {
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Value: value, Style: style})
	}
	add("law", c.Law, yaml.DoubleQuotedStyle)
	add("article", strconv.Itoa(c.Article), 0)
	if c.Clause > 0 {
		add("clause", strconv.Itoa(c.Clause), 0)
	}
	if c.Point != "" {
		add("point", c.Point, yaml.DoubleQuotedStyle)
	}
	return n, nil
}

type media struct {
	File    string       `yaml:"file"`
	Kind    kb.MediaKind `yaml:"kind"`
	Lang    kb.Language  `yaml:"lang,omitempty"`
	Caption string       `yaml:"caption"`
}

// The headings of an entry's body, but those of languages.
const (
	parentHeading = "Phụ huynh"
	childHeading  = "Trẻ em"
)

// Read makes a form of an entry's file. An error says what is wrong with the file.
func Read(data []byte) (Form, error) {
	head, body, err := cut(data)
	if err != nil {
		return Form{}, err
	}
	var f front
	dec := yaml.NewDecoder(bytes.NewReader(head))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return Form{}, err
	}
	out := Form{ID: f.ID, Title: f.Title, Topic: f.Topic, Audience: f.Audience, Urgency: f.Urgency, Confidence: f.Confidence,
		ValidFrom: string(f.ValidFrom), CheckedOn: string(f.CheckedOn), SignOff: f.SignOff, Questions: f.Questions, Related: f.Related,
		Next: f.Next, SMS: f.SMS, SMSIn: f.SMSIn}
	for _, c := range f.Citations {
		out.Citations = append(out.Citations, kb.Citation(c))
	}
	for _, m := range f.Media {
		out.Media = append(out.Media, kb.Media{File: m.File, Kind: m.Kind, Lang: m.Lang, Caption: m.Caption})
	}
	heading, text := "", ""
	put := func() error {
		text = strings.TrimSpace(text)
		switch heading {
		case "":
			if text != "" {
				return errors.New("text stands before the first heading")
			}
		case parentHeading:
			out.Parent = text
		case childHeading:
			out.Child = text
		default:
			i := slices.IndexFunc(kb.Languages(), func(l kb.Language) bool { return l.Name() == heading })
			if i < 0 {
				return fmt.Errorf("heading %q is not one of an entry", heading)
			}
			if out.Texts == nil {
				out.Texts = map[kb.Language]string{}
			}
			out.Texts[kb.Languages()[i]] = text
		}
		return nil
	}
	for line := range strings.Lines(string(body)) {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			if err := put(); err != nil {
				return Form{}, err
			}
			heading, text = strings.TrimSpace(h), ""
			continue
		}
		text += line
	}
	return out, put()
}

func cut(data []byte) (head, body []byte, err error) {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(data, []byte("---\n"))
	if !ok {
		return nil, nil, errors.New("the file must begin with a line ---")
	}
	if head, body, ok = bytes.Cut(rest, []byte("\n---\n")); !ok {
		return nil, nil, errors.New("the front matter must end with a line ---")
	}
	return head, body, nil
}

// Write makes the entry's file. Reading it again gives the same form.
func (f Form) Write() ([]byte, error) {
	for _, text := range append(values(f.Texts), f.Parent, f.Child) {
		if strings.HasPrefix(text, "## ") || strings.Contains(text, "\n## ") {
			return nil, errors.New("an answer has no headings (##)")
		}
	}
	head := front{ID: f.ID, Title: f.Title, Topic: f.Topic, Audience: f.Audience, Urgency: f.Urgency, Confidence: f.Confidence,
		ValidFrom: date(f.ValidFrom), CheckedOn: date(f.CheckedOn), SignOff: f.SignOff, Questions: f.Questions, Related: f.Related,
		Next: f.Next, SMS: f.SMS, SMSIn: f.SMSIn}
	for _, c := range f.Citations {
		head.Citations = append(head.Citations, citation(c))
	}
	for _, m := range f.Media {
		head.Media = append(head.Media, media{m.File, m.Kind, m.Lang, m.Caption})
	}
	var out bytes.Buffer
	out.WriteString("---\n")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(head), enc.Close()); err != nil {
		return nil, err
	}
	out.WriteString("---\n")
	section := func(heading, text string) {
		if text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")); text != "" {
			fmt.Fprintf(&out, "## %s\n\n%s\n\n", heading, text)
		}
	}
	section(parentHeading, f.Parent)
	section(childHeading, f.Child)
	for _, l := range kb.Languages() {
		section(l.Name(), f.Texts[l])
	}
	return append(bytes.TrimRight(out.Bytes(), "\n"), '\n'), nil
}

// Path is the file a new entry belongs in.
func (f Form) Path() string { return path.Join("entries", f.Topic, f.ID+".md") }

func values(m map[kb.Language]string) []string {
	all := make([]string, 0, len(m)+2)
	for _, text := range m {
		all = append(all, text)
	}
	return all
}

// citationLine is "102/2016/QH13 | 25 | 1 | a"; clause and point may be left out.
var citationLine = regexp.MustCompile(`^([^|]+?)\s*\|\s*(\d+)\s*(?:\|\s*(\d*)\s*)?(?:\|\s*(\p{L}?)\s*)?$`)

// ParseCitations reads citations, one a line: law | article | clause | point.
func ParseCitations(text string) ([]kb.Citation, error) {
	var all []kb.Citation
	for _, line := range Lines(text) {
		m := citationLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("%q is no citation; write: law | article | clause | point", line)
		}
		c := kb.Citation{Law: m[1], Point: m[4]}
		c.Article, _ = strconv.Atoi(m[2]) // digits only
		c.Clause, _ = strconv.Atoi(m[3])
		all = append(all, c)
	}
	return all, nil
}

// CitationLines writes citations as ParseCitations reads them.
func CitationLines(all []kb.Citation) string {
	var lines []string
	for _, c := range all {
		line := fmt.Sprintf("%s | %d", c.Law, c.Article)
		if c.Clause > 0 || c.Point != "" {
			line += " | "
			if c.Clause > 0 {
				line += strconv.Itoa(c.Clause)
			}
		}
		if c.Point != "" {
			line += " | " + c.Point
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Lines are the lines of a text that hold something, without the white space around them.
func Lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// Guard puts back what only those who publish may change: who must sign it off, how sure it is, when it was checked and
// from when it holds. It returns the names of the fields that were put back.
func (f Form) Guard(before Form, mayPublish bool) (Form, []string) {
	var kept []string
	if mayPublish {
		return f, nil
	}
	for _, field := range []struct {
		name     string
		now, was *string
	}{{"sign_off", &f.SignOff, &before.SignOff}, {"confidence", &f.Confidence, &before.Confidence},
		{"checked_on", &f.CheckedOn, &before.CheckedOn}, {"urgency", &f.Urgency, &before.Urgency}} {
		if *field.now != *field.was {
			*field.now = *field.was
			kept = append(kept, field.name)
		}
	}
	return f, kept
}
