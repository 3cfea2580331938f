package dialogue

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"treem/bot/triage"
	"treem/kb"
	"treem/kb/vitext"
)

// Payloads of options.
const (
	payloadTopic     = "topic:"
	payloadEntry     = "entry:" // an entry's id or an article's, as kb.Hit.ID gives it
	payloadAudience  = "audience:"
	payloadHelpful   = "good:"
	payloadUnhelpful = "bad:"
	payloadWithdraw  = "withdraw"
	payloadMenu      = "menu"
)

// Step decides about one message, danger first. If the decision asks for a search the caller must call Answer.
func (b *Book) Step(s State, in Input) Decision {
	if in.Event == Wrote || in.Event == Edited || in.Event == Media {
		s = b.voices.hear(s, in.Text)
	}
	if in.Assessment.Level.Rank() > 0 {
		return b.handover(s, in)
	}
	switch in.Event {
	case Left:
		s.Stopped = true
		return Decision{Kind: KindCommand, State: s}
	case Joined:
		return b.runCommand(CommandStart, in, s)
	case Pressed:
		s.Stopped = false
		return b.choose(in.Payload, "", in, s)
	}
	if c, ok := b.command(in.Text); ok && (!s.Stopped || c == CommandStart || c == CommandErase) {
		return b.runCommand(c, in, s)
	}
	if s.Stopped {
		return Decision{Kind: KindCommand, State: s}
	}
	if name := unreadable(in); name != "" {
		return Decision{Kind: KindSmalltalk, State: s, Say: []Utterance{b.say(name, s, in.Medium)}}
	}
	if option, rest, ok := b.number(s.Menu, in.Text.Clean); ok {
		return b.choose(option.Payload, rest, in, s)
	}
	return b.ask(in, s)
}

// unreadable names the phrase for a message that has no words to read.
func unreadable(in Input) string {
	switch {
	case in.Event == Location:
		return "location"
	case in.Event == Contact:
		return "contact"
	case len(in.Text.Syllables) > 0:
		return ""
	case in.Event == Media:
		return "media"
	default:
		return "empty"
	}
}

// ask turns the message into a search.
func (b *Book) ask(in Input, s State) Decision {
	q := kb.Query{Text: in.Text, Topic: s.Topic}
	if b.voices.followsUp(in.Text) {
		q.LastEntry = s.LastEntry
	}
	return Decision{State: s, Search: &q}
}

// choose acts on a menu choice. Text after the number is a question of its own, asked within the choice.
func (b *Book) choose(payload, rest string, in Input, s State) Decision {
	kind, value, _ := strings.Cut(payload, ":")
	switch kind + ":" {
	case payloadTopic:
		return b.chooseTopic(kb.Topic(value), rest, in, s)
	case payloadEntry:
		if hit, ok := b.find(value); ok {
			d := b.answer(Decision{State: s}, in, kb.Result{Verdict: kb.VerdictAnswer, Confidence: 1, Hits: []kb.Hit{hit}})
			if rest != "" {
				d.Search = &kb.Query{Text: in.Text, Topic: d.State.Topic, LastEntry: d.State.LastEntry}
			}
			return d
		}
	case payloadAudience:
		if value == string(kb.AudienceChild) {
			return b.runCommand(CommandChild, in, s)
		}
		return b.runCommand(CommandParent, in, s)
	case payloadHelpful:
		return b.feedback(in, s, value, true)
	case payloadUnhelpful:
		return b.feedback(in, s, value, false)
	case payloadWithdraw + ":":
		return b.withdraw(in, s)
	case payloadMenu + ":":
		return b.runCommand(CommandMenu, in, s)
	}
	d := Decision{Kind: KindCommand, State: s, Say: []Utterance{b.say("not-a-choice", s, in.Medium, b.menuOptions()...)}}
	d.State.Menu = lastMenu(d.Say, nil)
	return d
}

func (b *Book) chooseTopic(t kb.Topic, rest string, in Input, s State) Decision {
	i := slices.IndexFunc(b.menu, func(m Menu) bool { return m.Topic == t })
	if i < 0 {
		return b.choose("", "", in, s)
	}
	s.Topic = t
	if rest != "" {
		return b.ask(in, s)
	}
	var options []Option
	for _, id := range b.menu[i].Examples {
		if e, ok := b.content.Entry(id); ok {
			options = append(options, Option{Label: e.Title, Payload: payloadEntry + id})
		}
	}
	u := b.say("topic", s, in.Medium, options...)
	u.Text = strings.ReplaceAll(u.Text, "{topic}", labelFor(b.menu[i].Label, in.Medium))
	d := Decision{Kind: KindCommand, State: s, Say: []Utterance{u}}
	d.State.Menu = lastMenu(d.Say, nil)
	return d
}

func labelFor(label string, m Medium) string {
	if m == SMS {
		return vitext.GSM(label)
	}
	return label
}

// number reads a leading menu number: "2", "2.", "số 2", "2 con tôi …". A number that counts something ("2 tuổi") is
// no choice. rest is what stands after it.
func (b *Book) number(menu []Option, text string) (chosen Option, rest string, ok bool) {
	if len(menu) == 0 {
		return Option{}, "", false
	}
	fields := strings.Fields(text)
	if len(fields) > 1 && slices.Contains(b.voices.Choosing, vitext.Fold(fields[0])) {
		fields = fields[1:]
	}
	if len(fields) == 0 {
		return Option{}, "", false
	}
	digits := strings.TrimRightFunc(fields[0], func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) })
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > len(menu) {
		return Option{}, "", false
	}
	if len(fields) > 1 && slices.Contains(b.voices.Counted, vitext.Fold(fields[1])) {
		return Option{}, "", false
	}
	return menu[n-1], strings.Join(fields[1:], " "), true
}

// find looks an option's hit up by its id.
func (b *Book) find(id string) (kb.Hit, bool) {
	if e, ok := b.content.Entry(id); ok {
		return kb.Hit{Entry: e, Score: 1}, true
	}
	number, article, isArticle := strings.Cut(id, "#")
	l, ok := b.content.Law(number)
	if !ok {
		return kb.Hit{}, false
	}
	if !isArticle {
		return kb.Hit{Law: l, Score: 1}, true
	}
	n, err := strconv.Atoi(article)
	if err != nil {
		return kb.Hit{}, false
	}
	a, ok := l.Article(n)
	return kb.Hit{Law: l, Article: a, Score: 1}, ok
}

// handover leads with the numbers to call, says the one thing to do now, and opens or continues the case.
func (b *Book) handover(s State, in Input) Decision {
	a := in.Assessment
	d := Decision{Kind: KindHandover, State: s}
	change := &CaseChange{Action: CaseOpen, ID: in.NewCaseID, Assessment: a}
	if s.Case.ID != "" {
		change.ID, change.Action = s.Case.ID, CaseAdd
		if a.Level.Rank() > s.Case.Level.Rank() {
			change.Action = CaseEscalate
		}
	}
	d.Case = change
	d.State.Case.Category = a.Category
	if change.Action != CaseAdd {
		d.State.Case.ID, d.State.Case.Level = change.ID, a.Level
	}
	s = b.addressed(s, in)
	advice := b.adviceFor(a.Category, string(a.Level))
	options := make([]Option, 0, len(advice.Numbers)+1)
	for _, n := range advice.Numbers {
		options = append(options, Option{Label: n, Call: n})
	}
	options = append(options, Option{Label: b.phrases["label-withdraw"].Parent, Payload: payloadWithdraw, Silent: true})
	d.Say = []Utterance{{Text: advice.text(s, in.Medium), Options: options, Urgent: true}}
	switch {
	case in.Group:
		d.Say = []Utterance{{Text: b.phrase("group", s, in.Medium), Urgent: true}}
	case change.Action != CaseAdd || a.Category != s.Case.Category: // said once, not with every message of a case
		second := b.say("confidentiality", s, in.Medium)
		second.Urgent = true
		d.Say = append(d.Say, second)
		if b.voices.asks(in.Text) {
			d.Search = &kb.Query{Text: in.Text}
		}
	}
	d.State.Menu = nil
	return d
}

// addressed returns the state with the audience an urgent reply addresses: whoever this message sounds like, else a child
// if a child is known to write or the writer is the one in danger.
func (b *Book) addressed(s State, in Input) State {
	heard := b.voices.hear(State{}, in.Text).Audience
	if heard == kb.AudienceChild || heard == "" && in.Assessment.Subject == triage.Self {
		s.Audience = kb.AudienceChild
	}
	return s
}

func (a Advice) text(s State, m Medium) string {
	switch {
	case m == SMS:
		return a.SMS
	case s.Audience == kb.AudienceChild:
		return kb.AddressChild(a.Child, s.Self)
	default:
		return a.Parent
	}
}
