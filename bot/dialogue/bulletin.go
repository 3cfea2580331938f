package dialogue

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"treem/kb"
)

// Series is a staff-made series of entries that people may ask to be sent.
type Series struct {
	ID     string  `yaml:"id"`
	Label  Phrase  `yaml:"label"`
	Issues []Issue `yaml:"issues"`
}

// Issue is one entry of a series.
type Issue struct {
	ID    string `yaml:"id"`
	Entry string `yaml:"entry"`
}

// BulletinChange is what a person decides about a series; an empty Series that is not On means all of them.
type BulletinChange struct {
	Series string
	On     bool
}

const payloadBulletin = "bulletin:"

// bulletinMenu lists the series with the way in or out of each.
func (b *Book) bulletinMenu(d Decision, in Input) Decision {
	if in.Group {
		d.Say = []Utterance{b.say("group", d.State, in.Medium)}
		return d
	}
	var options []Option
	for _, s := range b.series {
		action, mark := "on=", "＋ "
		if slices.Contains(d.State.Bulletins, s.ID) {
			action, mark = "off=", "－ "
		}
		if in.Medium == SMS {
			mark = map[string]string{"on=": "+ ", "off=": "- "}[action]
		}
		options = append(options, Option{Label: mark + b.wording(s.Label, d.State, in.Medium), Payload: payloadBulletin + action + s.ID})
	}
	d.Say = []Utterance{b.say("bulletins", d.State, in.Medium, options...)}
	d.State.Menu = Numbered(options)
	return d
}

// chooseBulletin acts on a choice of bulletinMenu.
func (b *Book) chooseBulletin(value string, in Input, s State) Decision {
	action, id, _ := strings.Cut(value, "=")
	series, known := b.seriesOf(id)
	if !known || in.Group {
		return b.choose("", "", in, s)
	}
	on := action == "on"
	d := Decision{Kind: KindCommand, State: s, Bulletin: &BulletinChange{Series: id, On: on}}
	d.State.Bulletins = slices.DeleteFunc(slices.Clone(s.Bulletins), func(have string) bool { return have == id })
	name := "bulletin-off"
	if on {
		d.State.Bulletins, name = append(d.State.Bulletins, id), "bulletin-on"
	}
	u := b.say(name, d.State, in.Medium)
	u.Text = strings.ReplaceAll(u.Text, "{series}", b.wording(series.Label, s, in.Medium))
	d.Say, d.State.Menu = []Utterance{u}, nil
	return d
}

// noBulletins takes the person off every series.
func (b *Book) noBulletins(d Decision, in Input) Decision {
	d.Bulletin, d.State.Bulletins = &BulletinChange{}, nil
	d.Say = []Utterance{b.say("bulletins-off", d.State, in.Medium)}
	return d
}

func (b *Book) seriesOf(id string) (Series, bool) {
	i := slices.IndexFunc(b.series, func(s Series) bool { return s.ID == id })
	if i < 0 {
		return Series{}, false
	}
	return b.series[i], true
}

// AllSeries lists the series in the order of the file.
func (b *Book) AllSeries() []Series { return slices.Clone(b.series) }

// BulletinEntry is the entry of an issue.
func (b *Book) BulletinEntry(series, issue string) (*kb.Entry, error) {
	s, known := b.seriesOf(series)
	if !known {
		return nil, fmt.Errorf("there is no series %q; bulletins.yaml lists them", series)
	}
	for _, one := range s.Issues {
		if one.ID == issue {
			e, _ := b.content.Entry(one.Entry)
			return e, nil
		}
	}
	return nil, fmt.Errorf("series %q has no issue %q; bulletins.yaml lists them", series, issue)
}

// BulletinText is an issue as one person reads it: what it is, the entry, how to get no more.
func (b *Book) BulletinText(series string, e *kb.Entry, s State, m Medium, now time.Time) string {
	known, _ := b.seriesOf(series)
	hit := kb.Hit{Entry: e, Score: 1}
	text := b.SMSText(hit, s.Reader(now))
	sep := "\n"
	if m != SMS || s.Marks {
		text, sep = b.AnswerText(hit, s.Reader(now)), "\n\n"
	}
	head := strings.ReplaceAll(b.phrase("bulletin-head", s, m), "{series}", b.wording(known.Label, s, m))
	return head + sep + text + sep + b.phrase("bulletin-foot", s, m)
}

func (b *Book) checkSeries() error {
	var errs []error
	for i, s := range b.series {
		if s.ID == "" || s.Label.Parent == "" || strings.ContainsAny(s.ID, ":= ") {
			errs = append(errs, fmt.Errorf("bulletins.yaml: series %d needs an id without spaces and a label", i+1))
		}
		seen := map[string]bool{}
		for _, issue := range s.Issues {
			if _, ok := b.content.Entry(issue.Entry); !ok {
				errs = append(errs, fmt.Errorf("bulletins.yaml: %s %s: entry %q does not exist", s.ID, issue.ID, issue.Entry))
			}
			if issue.ID == "" || seen[issue.ID] {
				errs = append(errs, fmt.Errorf("bulletins.yaml: %s: issue %q is unnamed or there twice", s.ID, issue.ID))
			}
			seen[issue.ID] = true
		}
	}
	return errors.Join(errs...)
}
