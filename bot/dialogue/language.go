package dialogue

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"treem/kb"
	"treem/kb/vitext"
)

// Reader is for whom, in which language and when an answer is written out.
type Reader struct {
	Audience kb.Audience
	Self     string      // what a child calls itself
	Language kb.Language // empty: Vietnamese
	Now      time.Time   // tells which facts are no longer sure
}

// Reader is who reads what is said in this state.
func (s State) Reader(now time.Time) Reader {
	return Reader{Audience: s.Audience, Self: s.Self, Language: s.Language, Now: now}
}

// tongue is a language people write in; languages.yaml explains the fields.
type tongue struct {
	Code   kb.Language `yaml:"code"`
	Words  []string    `yaml:"words"`
	Next   string      `yaml:"next"`
	Only   string      `yaml:"only"`
	Urgent string      `yaml:"urgent"`
	Stale  string      `yaml:"stale"`

	Unknown string `yaml:"unknown"`
	Source  string `yaml:"source"`  // with {citations}
	Checked string `yaml:"checked"` // with {date}
}

// A message is in another language if two of its words at least, and two in five, are on that language's list.
const (
	tongueWords = 2
	tongueShare = .4
)

// checkTongues tests languages.yaml: Vietnamese first, known codes, the lines an answer needs.
func (b *Book) checkTongues() error {
	if len(b.tongues) == 0 || b.tongues[0].Code != kb.Vietnamese || b.tongues[0].Stale == "" || b.tongues[0].Source == "" || b.tongues[0].Checked == "" {
		return fmt.Errorf("languages.yaml: the first language must be %q, with the lines source, checked and stale", kb.Vietnamese)
	}
	for _, l := range b.tongues[1:] {
		switch {
		case !slices.Contains(kb.Languages(), l.Code):
			return fmt.Errorf("languages.yaml: language %q is not one of %v", l.Code, kb.Languages())
		case len(l.Words) > 0 && (l.Next == "" || l.Only == "" || l.Urgent == "" || l.Unknown == "" || l.Stale == "" || l.Source == "" || l.Checked == ""):
			return fmt.Errorf("languages.yaml: language %q needs next, only, urgent, unknown, source, checked and stale", l.Code)
		case len(vitext.GSM(l.Urgent)) > smsSingle:
			return fmt.Errorf("languages.yaml: language %q: urgent must fit one SMS of %d characters", l.Code, smsSingle)
		}
	}
	return nil
}

// tongueOf recognises the language of a message; empty is Vietnamese. False if the message is too short to tell.
func (b *Book) tongueOf(t vitext.Text) (kb.Language, bool) {
	words := strings.FieldsFunc(strings.ToLower(t.Clean), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	if len(words) < tongueWords {
		return "", false
	}
	for _, l := range b.tongues {
		own := 0
		for _, w := range words {
			if slices.Contains(l.Words, w) {
				own++
			}
		}
		if own >= tongueWords && float64(own) >= tongueShare*float64(len(words)) {
			return l.Code, true
		}
	}
	return "", true
}

// tongue returns the lines of a language, or those of Vietnamese.
func (b *Book) tongue(l kb.Language) tongue {
	if i := slices.IndexFunc(b.tongues, func(t tongue) bool { return t.Code == l }); i >= 0 {
		return b.tongues[i]
	}
	return b.tongues[0]
}

// entryText is an entry's answer with its next step, in the reader's language if somebody wrote it; else in Vietnamese,
// behind a line in that language. A last line tells if it rests on facts that ended or were not checked for too long.
func (b *Book) entryText(e *kb.Entry, r Reader) []string {
	l := b.tongue(r.Language)
	text, written := e.In(r.Language)
	var parts []string
	switch {
	case written && l.Next != "":
		parts = []string{text, "→ " + l.Next}
	case written:
		parts = []string{text}
	default:
		if l.Only != "" {
			parts = append(parts, l.Only)
		}
		parts = append(parts, e.Answer(r.Audience, r.Self))
		if e.Next != "" {
			parts = append(parts, "→ "+e.Next)
		}
		l = b.tongues[0]
	}
	if len(e.StaleFacts(r.Now)) > 0 {
		parts = append(parts, l.Stale)
	}
	return parts
}

// entrySMS is the same, unaccented. The line about facts, and on an answer in Vietnamese the line in the reader's
// language, are left out where two segments would not hold them.
func (b *Book) entrySMS(e *kb.Entry, r Reader) string {
	l := b.tongue(r.Language)
	text, written := e.SMSIn[r.Language]
	if !written {
		text = e.SMS
	}
	text = vitext.GSM(text)
	add := func(line string) {
		if line = " " + vitext.GSM(line); len(line) > 1 && len(text)+len(line) <= smsBudget {
			text += line
		}
	}
	if len(e.StaleFacts(r.Now)) > 0 {
		add(l.Stale)
	}
	if !written {
		add(l.Only)
	}
	return text
}

// foot says what an answer rests on and when that was last checked, in the language that frames the answer.
func (b *Book) foot(cites []kb.Citation, checked time.Time, language kb.Language) string {
	l := b.tongue(language)
	if l.Source == "" {
		l = b.tongues[0]
	}
	var lines []string
	if places := b.citations(cites); places != "" {
		lines = append(lines, strings.ReplaceAll(l.Source, "{citations}", places))
	}
	if !checked.IsZero() {
		lines = append(lines, strings.ReplaceAll(l.Checked, "{date}", vietnamDate(checked)))
	}
	return strings.Join(lines, "\n")
}

// inTongue puts the line in the reader's language before what is said in Vietnamese.
func (b *Book) inTongue(u Utterance, s State) Utterance {
	return behind(b.tongue(s.Language).Only, u)
}

// unsure does so for words that say that no sure answer is here.
func (b *Book) unsure(u Utterance, s State) Utterance {
	return behind(b.tongue(s.Language).Unknown, u)
}

func behind(line string, u Utterance) Utterance {
	if line != "" {
		u.Text = line + "\n\n" + u.Text
	}
	return u
}

// urgently puts the numbers to call, in the reader's language, before advice that exists in Vietnamese alone: in a chat
// in the same message, by SMS in one of its own.
func (b *Book) urgently(advice Utterance, s State, m Medium) []Utterance {
	line := b.tongue(s.Language).Urgent
	switch {
	case line == "":
		return []Utterance{advice}
	case m == SMS:
		return []Utterance{{Text: vitext.GSM(line), Urgent: true}, advice}
	}
	advice.Text = line + "\n\n" + advice.Text
	return []Utterance{advice}
}
