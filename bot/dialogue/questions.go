package dialogue

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"treem/bot/triage"
	"treem/kb"
)

// Question is one thing asked of a person with an open case. Each may be passed over, and the case waits for none.
type Question struct {
	ID      string           `yaml:"id"`
	Ask     Phrase           `yaml:"ask"`
	Options []QuestionOption `yaml:"options"`
}

// QuestionOption is one answer that can be chosen.
type QuestionOption struct {
	ID    string   `yaml:"id"`
	Label Phrase   `yaml:"label"`
	Words []string `yaml:"words"` // what people write instead of choosing
	Say   Phrase   `yaml:"say"`   // what is said to it, before the next question
	Ends  bool     `yaml:"ends"`  // ask nothing more
}

// The questions and answers that the dialogue itself acts on; handover.Consent knows all of them.
const (
	questionContact = "contact"
	questionSafe    = "safe"
	questionTime    = "time"
	questionCommune = "commune"
	questionShared  = "shared"
	answerHere      = "here"
	answerNo        = "no"
	answerSkipped   = "skipped"
)

// maxPlaces is how many communes are offered to choose from.
const maxPlaces = 8

func (b *Book) question(id string) (Question, bool) {
	i := slices.IndexFunc(b.questions, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return Question{}, false
	}
	return b.questions[i], true
}

// questionOptions are the answers of a question, with the way to pass it over.
func (b *Book) questionOptions(q Question, s State, m Medium) []Option {
	var options []Option
	for _, o := range q.Options {
		options = append(options, Option{Label: b.wording(o.Label, s, m), Payload: payloadQuestion + q.ID + "=" + o.ID})
	}
	skip := b.wording(b.phrases["label-skip"], s, m)
	return append(options, Option{Label: skip, Payload: payloadQuestion + q.ID + "=" + answerSkipped})
}

// answered takes a message in words as an answer about the open case: to the question that waits; or, whatever was asked, that it
// is not safe now, or that contact is wanted after all.
func (b *Book) answered(s State, in Input) (Decision, bool) {
	if in.Event != Wrote || s.Case.ID == "" {
		return Decision{}, false
	}
	folded := " " + strings.Join(strings.Fields(in.Text.Folded()), " ") + " "
	asks := b.voices.asks(in.Text)
	switch {
	case !asks && hits(folded, b.voices.Unsafe) > 0:
		return b.answerQuestion(questionSafe, answerNo, in, s), true
	case !asks && hits(folded, b.voices.Wanting) > 0:
		return b.answerQuestion(questionContact, answerHere, in, s), true
	}
	q, waits := b.question(s.Case.Question)
	if !waits {
		return Decision{}, false
	}
	whole := strings.TrimSpace(folded)
	is := func(words []string) bool {
		return slices.Contains(words, whole) || !in.Text.Question && slices.Contains(words, b.voices.bare(in.Text))
	}
	if is(b.voices.Skipping) {
		return b.answerQuestion(q.ID, answerSkipped, in, s), true
	}
	for _, o := range q.Options {
		if is(o.Words) {
			return b.answerQuestion(q.ID, o.ID, in, s), true
		}
	}
	if _, command := b.command(in.Text); command {
		return Decision{}, false
	}
	if q.ID == questionCommune {
		switch places := b.communes.Find(in.Text); {
		case len(places) == 1:
			return b.answerQuestion(q.ID, places[0].Code, in, s), true
		case len(places) > 1:
			return b.choosePlace(places, s, in), true
		}
	}
	return b.told(q, s, in)
}

// patience is after how many messages that were no answer a question waits no longer.
const patience = 3

// told takes what somebody says, and does not ask, while a question about the case waits as part of the case. The question
// waits on.
func (b *Book) told(q Question, s State, in Input) (Decision, bool) {
	if b.voices.asks(in.Text) || s.Case.Held || s.Finder != nil || in.Group || s.Stopped && !s.Case.Lifted || len(in.Text.Syllables) == 0 || s.Case.Waited+1 >= patience {
		return Decision{}, false
	}
	if _, _, choice := b.number(s.Menu, in.Text.Clean); choice || b.onlyNumber(in.Text.Clean) {
		return Decision{}, false
	}
	a := in.Assessment
	a.Category = s.Case.Category
	d := Decision{Kind: KindHandover, State: s, Case: &CaseChange{Action: CaseAdd, ID: s.Case.ID, Assessment: a}}
	d.State.Case.Waited++
	s = b.addressed(s, in)
	again := b.numbersAgain(b.adviceFor(s.Case.Category, string(s.Case.Level)), s, in)
	again.Text += "\n" + b.wording(q.Ask, s, in.Medium)
	again.Options = b.questionOptions(q, s, in.Medium)
	d.Say = []Utterance{again}
	d.State.Menu = Numbered(again.Options)
	d.Search = &kb.Query{Text: in.Text, Topic: s.Topic}
	return d, true
}

// choosePlace asks which of several communes is meant: an old district or a common name holds more than one.
func (b *Book) choosePlace(places []kb.Commune, s State, in Input) Decision {
	var options []Option
	for _, p := range places[:min(len(places), maxPlaces)] {
		options = append(options, Option{Label: labelFor(p.Name, in.Medium), Payload: payloadQuestion + questionCommune + "=" + p.Code})
	}
	options = append(options, Option{Label: b.wording(b.phrases["label-skip"], s, in.Medium), Payload: payloadQuestion + questionCommune + "=" + answerSkipped})
	d := Decision{Kind: KindHandover, State: s, Say: []Utterance{b.say("which-commune", s, in.Medium, options...)}}
	d.State.Menu = Numbered(options)
	return d
}

// answerQuestion records one answer, says what belongs to it and asks the next question. An answer to a case that is no longer
// open is met with the menu.
func (b *Book) answerQuestion(id, answer string, in Input, s State) Decision {
	q, known := b.question(id)
	if !known || s.Case.ID == "" {
		return b.choose("", "", in, s)
	}
	d := Decision{Kind: KindHandover, State: s}
	d.Case = &CaseChange{Action: CaseAnswer, ID: s.Case.ID, Question: id, Answer: answer}
	d.State.Case.Question, d.State.Case.Waited, d.State.Menu = "", 0, nil
	if !slices.Contains(d.State.Case.Asked, id) {
		d.State.Case.Asked = append(slices.Clone(d.State.Case.Asked), id)
	}
	if id == questionCommune && answer != answerSkipped {
		d.State.Commune = answer
	}
	s = b.addressed(s, in)
	if id == questionSafe && answer == answerNo {
		return b.notSafe(d, s, in)
	}
	if id == questionContact && answer == answerSkipped { // no wish to be contacted: when is not asked
		d.State.Case.Asked = append(slices.Clone(d.State.Case.Asked), questionTime)
	}
	ends := false
	var said []string
	for _, o := range q.Options {
		if o.ID == answer {
			ends = o.Ends
			if o.Say.Parent != "" {
				said = append(said, b.wording(o.Say, s, in.Medium))
			}
		}
	}
	next, more := b.nextQuestion(d.State)
	if ends || !more {
		said = append(said, b.phrase("questions-done", s, in.Medium))
		d.Say = []Utterance{{Text: strings.Join(said, " "), Urgent: true}}
		return d
	}
	return b.put(d, next, said, s, in)
}

// put asks a question behind what is said first.
func (b *Book) put(d Decision, q Question, said []string, s State, in Input) Decision {
	u := Utterance{Text: strings.Join(append(said, b.wording(q.Ask, s, in.Medium)), "\n"), Urgent: true}
	u.Options = b.questionOptions(q, s, in.Medium)
	d.Say = append(d.Say, u)
	d.State.Case.Question, d.State.Case.Waited, d.State.Case.Asked = q.ID, 0, append(slices.Clone(d.State.Case.Asked), q.ID)
	d.State.Menu = Numbered(u.Options)
	return d
}

// nextQuestion is the first that was not asked yet.
func (b *Book) nextQuestion(s State) (Question, bool) {
	for _, q := range b.questions {
		if !slices.Contains(s.Case.Asked, q.ID) {
			return q, true
		}
	}
	return Question{}, false
}

// notSafe raises the case to an emergency: the person says that they are not safe now.
func (b *Book) notSafe(d Decision, s State, in Input) Decision {
	d.Case.Assessment = triage.Assessment{Level: triage.Emergency, Category: s.Case.Category, Subject: triage.Unknown,
		Reasons: []string{"trả lời: đang không an toàn"}, Ongoing: true}
	if s.Case.Level != triage.Emergency {
		d.Case.Action = CaseEscalate
		d.State.Case.Level = triage.Emergency
	}
	advice := b.adviceFor(string(triage.Emergency), string(triage.Emergency))
	d.Case.Advice, d.Case.Revision = advice.name, advice.Revision()
	d.Say = []Utterance{{Text: advice.text(s, in.Medium), Options: b.callOptions(advice), Urgent: true}}
	d.State.Case.Asked = append(slices.Clone(d.State.Case.Asked), questionContact, questionTime, questionShared) // help first
	if next, more := b.nextQuestion(d.State); more {
		return b.put(d, next, nil, s, in)
	}
	return d
}

func (b *Book) checkQuestions() error {
	if len(b.questions) == 0 || b.questions[0].ID != questionContact {
		return fmt.Errorf("questions.yaml: the first question must be %q", questionContact)
	}
	var errs []error
	for _, id := range []string{questionSafe, questionCommune} {
		if _, ok := b.question(id); !ok {
			errs = append(errs, fmt.Errorf("questions.yaml: %q is missing", id))
		}
	}
	for _, q := range b.questions {
		if q.Ask.Parent == "" || q.Ask.Child == "" || q.Ask.SMS == "" {
			errs = append(errs, fmt.Errorf("questions.yaml: %q needs ask.parent, ask.child and ask.sms", q.ID))
		}
		for _, o := range q.Options {
			if o.ID == "" || o.Label.Parent == "" {
				errs = append(errs, fmt.Errorf("questions.yaml: an answer to %q lacks id or label", q.ID))
			}
		}
	}
	return errors.Join(errs...)
}
