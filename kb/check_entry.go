package kb

import (
	"fmt"
	"slices"
	"strings"

	"treem/kb/vitext"
)

// What an entry may measure. The rules for writers are narrower; these bounds leave room for numbers and lists.
const (
	minQuestions = 12
	minForm      = 3 // questions with marks, and without
	maxSMS       = 306
	minParent    = 30
	maxParent    = 165
	minChild     = 18
	maxChild     = 105
)

// entry tests one entry by itself.
func (k *checker) entry(e *Entry) {
	k.path = e.Path
	k.checked(e.CheckedOn)
	k.head(e)
	k.questions(e)
	k.variants(e)
	k.sms(e)
	k.languages(e)
	all := strings.Join([]string{e.Parent, e.Child, e.Next, e.SMS}, "\n")
	ended := saysEnded(e.Title + "\n" + all)
	for _, c := range e.Citations {
		k.citation(c, ended)
	}
	for _, f := range e.Facts {
		if why := f.Stale(k.now); why != "" {
			k.wrong("rests on fact %s, which %s", f.ID, why)
		}
		if e.Confidence < f.Confidence {
			k.wrong("confidence %s, but fact %s has only %s", e.Confidence, f.ID, f.Confidence)
		}
	}
	for _, office := range abolished(all) {
		k.wrong("names %q, which was abolished in 2025", office)
	}
	for _, number := range k.strangeNumbers(all) {
		k.wrong("gives the number %s, which is neither 111–115 nor a fact", number)
	}
}

func (k *checker) head(e *Entry) {
	if e.Title == "" {
		k.wrong("title is missing")
	}
	if !slices.Contains(topics, e.Topic) {
		k.wrong("topic %q is not one of %v", e.Topic, topics)
	}
	if !slices.Contains([]Audience{AudienceParent, AudienceChild, AudienceBoth}, e.Audience) {
		k.wrong("audience %q is not parent, child or both", e.Audience)
	}
	if !slices.Contains([]Confidence{"A", "B", "C"}, e.Confidence) {
		k.wrong("confidence %q is not A, B or C", e.Confidence)
	}
	if !slices.Contains([]string{"", "clinician", "lawyer"}, e.SignOff) {
		k.wrong("sign_off %q is not clinician or lawyer", e.SignOff)
	}
	if e.ValidFrom.IsZero() {
		k.wrong("valid_from is missing")
	} else if e.ValidFrom.After(k.now) {
		k.wrong("holds only from %s", e.ValidFrom.Format("2006-01-02"))
	}
	if e.Next == "" {
		k.wrong("next is missing")
	} else if len(sentences(e.Next)) > 2 {
		k.wrong("next has more than one sentence")
	}
	for _, id := range e.Related {
		if _, ok := k.content.Entry(id); !ok {
			k.wrong("related entry %q does not exist", id)
		} else if id == e.ID {
			k.wrong("is related to itself")
		}
	}
}

func (k *checker) questions(e *Entry) {
	if len(e.Questions) < minQuestions {
		k.wrong("%d questions; at least %d are needed", len(e.Questions), minQuestions)
	}
	marked := 0
	for _, q := range e.Questions {
		if len(k.text.Normalise(q).Syllables) == 0 {
			k.wrong("question %q has no words", q)
		}
		if vitext.Fold(q) != strings.ToLower(q) {
			marked++
		}
	}
	if marked < minForm || len(e.Questions)-marked < minForm {
		k.wrong("of %d questions %d are written with marks; at least %d with and %d without are needed", len(e.Questions), marked, minForm, minForm)
	}
}

// variants tests that the texts the audience needs are there, and how they are written.
func (k *checker) variants(e *Entry) {
	if e.Audience != AudienceChild {
		k.prose("Phụ huynh", e.Parent, minParent, maxParent)
	}
	if e.Audience != AudienceParent {
		k.prose("Trẻ em", e.Child, minChild, maxChild)
	}
	if text := strings.ToLower(e.Child); strings.Contains(text, "năm tù") || strings.Contains(text, "phạt tù") || strings.Contains(text, "tù chung thân") {
		k.wrong("the child's answer gives a prison term")
	}
	if !e.High {
		return
	}
	for name, text := range map[string]string{"Phụ huynh": e.Parent, "Trẻ em": e.Child, "sms": e.SMS} {
		if name != "sms" {
			text += "\n" + e.Next
		}
		if strings.TrimSpace(text) != "" && !givesNumber(text) {
			k.wrong("%s: an urgent entry names none of 111, 112, 113, 114, 115", name)
		}
	}
}

func (k *checker) prose(name, text string, least, most int) {
	if text == "" {
		k.wrong("%s is missing", name)
		return
	}
	if words := len(strings.Fields(text)); words < least || words > most {
		k.wrong("%s has %d words; %d to %d are allowed", name, words, least, most)
	}
	for what, sign := range map[string]string{"bold": "**", "a link": "http", "a table": "|", "a heading": "\n#"} {
		if strings.Contains(text, sign) {
			k.wrong("%s has %s", name, what)
		}
	}
	if greeting(text) {
		k.wrong("%s begins with a greeting", name)
	}
	if m := writtenCitation.FindString(text); m != "" {
		k.wrong("%s writes the citation %q; the program prints it from citations", name, m)
	}
}

func (k *checker) sms(e *Entry) {
	if e.SMS == "" {
		k.wrong("sms is missing")
		return
	}
	k.smsText("sms", e.SMS, e.Facts)
}

// smsText tests one text that goes out by SMS; name is its field. Facts are put in with marks and lose them when sent.
func (k *checker) smsText(name, text string, facts []Fact) {
	own := text // as the writer wrote it
	for _, f := range facts {
		own = strings.ReplaceAll(own, f.Text, "")
	}
	for _, r := range own {
		if r > '~' || r < ' ' && r != '\n' {
			k.wrong("%s has the character %s, which is not plain ASCII", name, fmt.Sprintf("%q", r))
			break
		}
	}
	if n := len(vitext.GSM(text)); n > maxSMS {
		k.wrong("%s has %d characters; two messages hold %d", name, n, maxSMS)
	}
	if strings.Contains(own, "http") || strings.Contains(own, "www.") {
		k.wrong("%s has a link", name)
	}
}
