package dialogue

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"treem/kb"
	"treem/kb/support"
	"treem/kb/vitext"

	"go.yaml.in/yaml/v3"
)

// Phrase is one thing the bot says, in the wordings it needs. Child and SMS may be empty: then Parent serves.
type Phrase struct {
	Parent string `yaml:"parent"`
	Child  string `yaml:"child"`
	SMS    string `yaml:"sms"` // unaccented
}

// Advice is what a person gets when a message is urgent: numbers to call first, then what to do now.
type Advice struct {
	Numbers []string `yaml:"numbers"` // in the order to call, e.g. ["114", "115"]
	Parent  string   `yaml:"parent"`
	Child   string   `yaml:"child"`
	SMS     string   `yaml:"sms"` // one GSM-7 segment
	// FirstAid is how the ids begin of entries that are told unasked where one surely treats this very injury; empty: none.
	FirstAid string `yaml:"first_aid"`
	name     string // category or level it stands under
}

// Menu names a topic in menus.
type Menu struct {
	Topic    kb.Topic `yaml:"topic"`
	Label    string   `yaml:"label"`
	Examples []string `yaml:"examples"` // entry ids offered when the topic is chosen
}

// Profile is how the service presents itself where a channel asks for it.
type Profile struct {
	Description string `yaml:"description"`
	Short       string `yaml:"short"`
	Commands    []struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
	} `yaml:"commands"`
	Call string              `yaml:"call"` // on a button to call {number}
	In   map[string]*Profile `yaml:"in"`   // the same to people whose app is in another language, by its two-letter code
}

// Book holds every phrase, command and advice. It is immutable and safe for concurrent use.
type Book struct {
	phrases  map[string]Phrase
	advice   map[string]Advice
	menu     []Menu
	commands map[string]Command // words with marks → command
	unmarked map[string]Command // the same words without marks
	voices   voices
	tongues  []tongue
	profile  Profile
	content  *kb.Content
	finder   *support.Finder

	questions     []Question // in the order they are asked
	series        []Series
	noticeVersion string // of what is said before consent is asked
	communes      *kb.Communes
}

// phraseNames are the phrases the dialogue uses; the file must define exactly these.
var phraseNames = []string{
	"greeting", "notice", "menu", "topic", "help", "thanks", "goodbye", "unknown", "unavailable", "choices", "beside", "read-more",
	"stopped", "started", "erased", "helpful", "unhelpful", "media", "location", "contact", "empty",
	"group", "withdrawn", "withdrawn-nothing", "reminder", "confidentiality", "audience-parent",
	"audience-child", "not-a-choice", "outdated-law", "fallback",
	"label-parent", "label-child", "label-withdraw", "label-helpful", "label-unhelpful", "label-skip", "label-hide", "label-private",
	"duty-later", "duty-unknown", "case-more", "questions-done", "which-commune", "safe-word", "hidden",
	"bulletins", "bulletin-on", "bulletin-off", "bulletins-off", "bulletin-head", "bulletin-foot",
	"no-more", "more", "marks-on", "marks-off", "ask", "flood",
	"full-text-imported", "full-text-partial", "full-text-absent", "full-text-which", "full-text-hint", "full-text-more",
	"label-full-text", "label-more",
	"officer-here", "officer-says", "officer-back", "officer-referred", "case-closed",
}

// ReadBook reads phrases.yaml, handover.yaml, menu.yaml, commands.yaml, voices.yaml, languages.yaml and profile.yaml. A
// missing or unknown phrase is an error that names it.
func ReadBook(fsys fs.FS, content *kb.Content) (*Book, error) {
	b := &Book{content: content, commands: map[string]Command{}, unmarked: map[string]Command{}}
	var commands map[Command][]string
	places, err := kb.ReadCommunes(fsys)
	b.communes = places
	err = errors.Join(err,
		readYAML(fsys, "phrases.yaml", &b.phrases),
		readYAML(fsys, "handover.yaml", &b.advice),
		readYAML(fsys, "menu.yaml", &b.menu),
		readYAML(fsys, "commands.yaml", &commands),
		readYAML(fsys, "voices.yaml", &b.voices),
		readYAML(fsys, "languages.yaml", &b.tongues),
		readYAML(fsys, "profile.yaml", &b.profile),
		readYAML(fsys, "questions.yaml", &b.questions),
		readYAML(fsys, "bulletins.yaml", &b.series),
		b.readFinder(fsys),
	)
	if err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	for command, words := range commands {
		if !slices.Contains(allCommands, command) {
			return nil, fmt.Errorf("commands.yaml: unknown command %q", command)
		}
		for _, w := range words {
			folded := vitext.Fold(plainWords(w))
			if other, twice := b.unmarked[folded]; twice && other != command {
				return nil, fmt.Errorf("commands.yaml: %q means both %q and %q", w, other, command)
			}
			b.commands[plainWords(w)], b.unmarked[folded] = command, command
		}
	}
	for name, a := range b.advice {
		a.name = name
		b.advice[name] = a
	}
	if err := errors.Join(b.check(), b.checkQuestions(), b.checkSeries()); err != nil {
		return nil, err
	}
	notice, ask := b.phrases["confidentiality"], b.questions[0].Ask
	b.noticeVersion = revision(notice.Parent, notice.Child, notice.SMS, ask.Parent, ask.Child, ask.SMS)
	return b, nil
}

// MoreHint tells the reader of an SMS how to get the rest of it.
func (b *Book) MoreHint(s State) string { return b.phrase("more", s, SMS) }

// Communes are those a person may name.
func (b *Book) Communes() *kb.Communes { return b.communes }

func (b *Book) check() error {
	errs := []error{b.checkTongues()}
	for _, name := range phraseNames {
		if b.phrases[name].Parent == "" {
			errs = append(errs, fmt.Errorf("phrases.yaml: %q is missing", name))
		}
	}
	for name := range b.phrases {
		if !slices.Contains(phraseNames, name) {
			errs = append(errs, fmt.Errorf("phrases.yaml: %q is not used", name))
		}
	}
	for _, category := range []string{"urgent", "emergency"} {
		if _, ok := b.advice[category]; !ok {
			errs = append(errs, fmt.Errorf("handover.yaml: %q is missing", category))
		}
	}
	for category, a := range b.advice {
		if len(a.Numbers) == 0 || a.Parent == "" || a.Child == "" || a.SMS == "" {
			errs = append(errs, fmt.Errorf("handover.yaml: %q needs numbers, parent, child and sms", category))
		}
	}
	for _, t := range kb.Topics() {
		if !slices.ContainsFunc(b.menu, func(m Menu) bool { return m.Topic == t }) {
			errs = append(errs, fmt.Errorf("menu.yaml: topic %q is missing", t))
		}
	}
	for _, m := range b.menu {
		for _, id := range m.Examples {
			if _, ok := b.content.Entry(id); !ok {
				errs = append(errs, fmt.Errorf("menu.yaml: entry %q does not exist", id))
			}
		}
	}
	return errors.Join(errs...)
}

// adviceFor returns the texts for a category, or the general one for its level.
func (b *Book) adviceFor(category, level string) Advice {
	if a, ok := b.advice[category]; ok {
		return a
	}
	return b.advice[level]
}

// phrase returns the wording for the person and medium.
func (b *Book) phrase(name string, s State, m Medium) string { return b.wording(b.phrases[name], s, m) }

// wording picks the one of a phrase's wordings that fits the person and medium.
func (b *Book) wording(p Phrase, s State, m Medium) string {
	switch {
	case m == SMS && !s.Marks && p.SMS != "":
		return p.SMS
	case m == SMS && !s.Marks:
		return vitext.GSM(p.Parent)
	case s.Audience == kb.AudienceChild && p.Child != "":
		return kb.AddressChild(p.Child, s.Self)
	default:
		return p.Parent
	}
}

// CasePhrase is what the bot says to a person for the people on duty: "officer-here", "officer-says", "officer-back",
// "officer-referred", "case-closed". {text} in it is for the caller to fill.
func (b *Book) CasePhrase(name string, s State, m Medium) string { return b.phrase(name, s, m) }

func (b *Book) readFinder(fsys fs.FS) (err error) {
	b.finder, err = support.Read(fsys, b.content)
	return err
}

func readYAML(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Entry finds an entry of the knowledge base the book speaks for.
func (b *Book) Entry(id string) (*kb.Entry, bool) { return b.content.Entry(id) }

// MediaFile reads a picture or recording of an entry.
func (b *Book) MediaFile(name string) ([]byte, error) { return b.content.MediaFile(name) }

// Profile is how the service presents itself.
func (b *Book) Profile() Profile { return b.profile }

// Welcome is what a page shows before anything was said.
func (b *Book) Welcome() Utterance {
	return b.say("greeting", State{}, Chat, b.greetingOptions(State{})...)
}
