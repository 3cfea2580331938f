package kb

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Content is everything staff wrote, read and put together. It does not change after Load.
type Content struct {
	Entries []*Entry
	Laws    []*Law
	Facts   map[string]Fact
	entries map[string]*Entry
	laws    map[string]*Law
	texts   map[string]*Statute // by number; what staff imported
	files   fs.FS
}

// Entry finds an entry by its id.
func (c *Content) Entry(id string) (*Entry, bool) { e, ok := c.entries[id]; return e, ok }

// MediaFile reads a picture or recording that an entry names.
func (c *Content) MediaFile(name string) ([]byte, error) {
	return fs.ReadFile(c.files, path.Join(MediaDir, name))
}

// Law finds a document by its official number.
func (c *Content) Law(number string) (*Law, bool) { l, ok := c.laws[number]; return l, ok }

// Article finds an article by its law's number and its own.
func (c *Content) Article(law string, n int) (*Article, bool) {
	if l, ok := c.laws[law]; ok {
		return l.Article(n)
	}
	return nil, false
}

// Load reads entries/, laws/ and facts/ below fsys. Its error joins one line for every file that cannot be read, each
// naming the file and what to mend; what is well-formed but wrong is found by Check.
func Load(fsys fs.FS) (*Content, error) {
	c := &Content{files: fsys, Facts: map[string]Fact{}, entries: map[string]*Entry{}, laws: map[string]*Law{}}
	var errs []error
	each := func(dir, ext string, read func(name string, data []byte) error) {
		err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ext {
				return err
			}
			data, err := fs.ReadFile(fsys, name)
			if err == nil {
				err = read(name, data)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	each("facts", ".yaml", c.readFacts)
	each("laws", ".md", c.readLaw)
	each("entries", ".md", func(name string, data []byte) error { return c.readEntry(fsys, name, data) })
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	slices.SortFunc(c.Entries, func(a, b *Entry) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Laws, func(a, b *Law) int { return strings.Compare(a.Number, b.Number) })
	return c, nil
}

func (c *Content) readFacts(name string, data []byte) error {
	var facts []Fact
	if err := decodeStrict(data, &facts); err != nil {
		return err
	}
	for _, f := range facts {
		if f.ID == "" || f.Text == "" {
			return fmt.Errorf("a fact needs id and text: %+v", f)
		}
		if _, twice := c.Facts[f.ID]; twice {
			return fmt.Errorf("fact %q is defined twice", f.ID)
		}
		f.Path = name
		c.Facts[f.ID] = f
	}
	return nil
}

// entryHead is the front matter of an entry file.
type entryHead struct {
	ID         string              `yaml:"id"`
	Title      string              `yaml:"title"`
	Topic      Topic               `yaml:"topic"`
	Audience   Audience            `yaml:"audience"`
	Urgency    string              `yaml:"urgency"`
	Confidence Confidence          `yaml:"confidence"`
	ValidFrom  time.Time           `yaml:"valid_from"`
	CheckedOn  time.Time           `yaml:"checked_on"`
	SignOff    string              `yaml:"sign_off"`
	Questions  []string            `yaml:"questions"`
	Citations  []Citation          `yaml:"citations"`
	Related    []string            `yaml:"related"`
	Next       string              `yaml:"next"`
	SMS        string              `yaml:"sms"`
	SMSIn      map[Language]string `yaml:"sms_in"`
	Media      []Media             `yaml:"media"`
}

func (c *Content) readEntry(fsys fs.FS, name string, data []byte) error {
	head, body, err := splitFrontMatter(data)
	if err != nil {
		return err
	}
	var h entryHead
	if err := decodeStrict(head, &h); err != nil {
		return err
	}
	if h.ID != strings.TrimSuffix(path.Base(name), ".md") {
		return fmt.Errorf("id %q must be the file's name", h.ID)
	}
	if h.Urgency != "" && h.Urgency != "normal" && h.Urgency != "high" {
		return fmt.Errorf("urgency %q is not normal or high", h.Urgency)
	}
	if _, twice := c.entries[h.ID]; twice {
		return fmt.Errorf("entry %q is defined twice", h.ID)
	}
	e := &Entry{ID: h.ID, Title: h.Title, Topic: h.Topic, Audience: h.Audience, High: h.Urgency == "high",
		Confidence: h.Confidence, ValidFrom: h.ValidFrom, CheckedOn: h.CheckedOn, SignOff: h.SignOff,
		Questions: h.Questions, Citations: h.Citations, Related: h.Related, Media: h.Media, Path: name}
	measure(fsys, e.Media)
	for _, s := range sections(body) {
		switch s.heading {
		case "Phụ huynh":
			e.Parent = s.text
		case "Trẻ em":
			e.Child = s.text
		default:
			l, ok := headings[s.heading]
			if !ok {
				return fmt.Errorf("heading %q: an entry has %q and %q, and may have %s", s.heading, "Phụ huynh", "Trẻ em",
					strings.Join(sortedKeys(headings), ", "))
			}
			if e.Texts == nil {
				e.Texts = map[Language]string{}
			}
			e.Texts[l] = s.text
		}
	}
	used := map[string]Fact{}
	e.SMSIn = h.SMSIn
	for _, texts := range []map[Language]string{e.Texts, e.SMSIn} {
		for l, text := range texts {
			if texts[l], err = c.putFacts(text, l, used); err != nil {
				return err
			}
		}
	}
	for _, field := range []struct{ to, from *string }{{&e.Parent, &e.Parent}, {&e.Child, &e.Child}, {&e.Next, &h.Next}, {&e.SMS, &h.SMS}} {
		text, err := c.putFacts(*field.from, Vietnamese, used)
		if err != nil {
			return err
		}
		*field.to = strings.TrimSpace(text)
	}
	for _, f := range used {
		e.Facts = append(e.Facts, f)
	}
	slices.SortFunc(e.Facts, func(a, b Fact) int { return strings.Compare(a.ID, b.ID) })
	c.Entries = append(c.Entries, e)
	c.entries[e.ID] = e
	return nil
}

var factName = regexp.MustCompile(`\{\{\s*([a-z0-9-]+)\s*\}\}`)

// putFacts replaces every {{fact-id}} by the fact's text and notes which facts were used.
func (c *Content) putFacts(text string, l Language, used map[string]Fact) (string, error) {
	var missing error
	out := factName.ReplaceAllStringFunc(text, func(m string) string {
		id := factName.FindStringSubmatch(m)[1]
		f, ok := c.Facts[id]
		if !ok {
			missing = fmt.Errorf("fact %q is not defined in facts/", id)
			return m
		}
		used[id] = f
		if text, ok := f.TextIn[l]; ok {
			return text
		}
		return f.Text
	})
	return out, missing
}

// lawHead is the front matter of a law file.
type lawHead struct {
	Law        string    `yaml:"law"`
	Title      string    `yaml:"title"`
	Aliases    []string  `yaml:"aliases"`
	Issuer     string    `yaml:"issuer"`
	Issued     time.Time `yaml:"issued"`
	Effective  time.Time `yaml:"effective"`
	Status     LawStatus `yaml:"status"`
	Ended      time.Time `yaml:"ended"`
	ReplacedBy string    `yaml:"replaced_by"`
	AmendedBy  []string  `yaml:"amended_by"`
	Articles   int       `yaml:"articles"`
	CheckedOn  time.Time `yaml:"checked_on"`
	Note       string    `yaml:"note"`
}

var articleHeading = regexp.MustCompile(`^Điều (\d+)\. (.+)$`)

func (c *Content) readLaw(name string, data []byte) error {
	head, body, err := splitFrontMatter(data)
	if err != nil {
		return err
	}
	var h lawHead
	if err := decodeStrict(head, &h); err != nil {
		return err
	}
	if h.Law == "" || h.Title == "" {
		return errors.New("a law needs law (its number) and title")
	}
	if _, twice := c.laws[h.Law]; twice {
		return fmt.Errorf("law %q is defined twice", h.Law)
	}
	l := &Law{Number: h.Law, Title: h.Title, Aliases: h.Aliases, Issuer: h.Issuer, Issued: h.Issued,
		Effective: h.Effective, Status: h.Status, Ended: h.Ended, ReplacedBy: h.ReplacedBy, AmendedBy: h.AmendedBy,
		Total: h.Articles, CheckedOn: h.CheckedOn, Note: h.Note, Path: name}
	for _, s := range sections(body) {
		m := articleHeading.FindStringSubmatch(s.heading)
		if m == nil {
			return fmt.Errorf("heading %q: want \"Điều N. Title\"", s.heading)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return fmt.Errorf("heading %q: %w", s.heading, err)
		}
		if len(l.Articles) > 0 && n <= l.Articles[len(l.Articles)-1].Number {
			return fmt.Errorf("article %d stands after article %d", n, l.Articles[len(l.Articles)-1].Number)
		}
		l.Articles = append(l.Articles, Article{Law: h.Law, Number: n, Title: m[2], Digest: s.text})
	}
	c.Laws = append(c.Laws, l)
	c.laws[l.Number] = l
	return nil
}

func decodeStrict(data []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	return dec.Decode(into)
}

// splitFrontMatter parts "---\nhead\n---\nbody".
func splitFrontMatter(data []byte) (head, body []byte, err error) {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(data, []byte("---\n"))
	if !ok {
		return nil, nil, errors.New("the file must begin with a line ---")
	}
	head, body, ok = bytes.Cut(rest, []byte("\n---\n"))
	if !ok {
		return nil, nil, errors.New("the front matter must end with a line ---")
	}
	return head, body, nil
}

type section struct{ heading, text string }

// sections cuts Markdown at its level-two headings; text before the first is left out.
func sections(body []byte) []section {
	var out []section
	for line := range strings.Lines(string(body)) {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			out = append(out, section{heading: strings.TrimSpace(h)})
		} else if len(out) > 0 {
			out[len(out)-1].text += line
		}
	}
	for i := range out {
		out[i].text = strings.TrimSpace(out[i].text)
	}
	return out
}
