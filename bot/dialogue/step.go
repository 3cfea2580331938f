package dialogue

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

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
	payloadQuestion  = "case:" // question and answer about a case, "case:safe=no"
	payloadHide      = "hide"  // for channels that can, see WithoutHiding
	payloadFull      = "full:" // an article word for word, "full:102/2016/QH13#25"
	payloadFind      = "find:" // the support finder: a word of its own or question and answer, "find:age=under3"
)

// Step decides about one message, danger first. If the decision asks for a search the caller must call Answer.
//
// In a group a danger still opens a case or adds to it, for nobody may be overheard; but nothing else there touches the
// case: not everybody in the group may know of it, withdraw it or talk with the officer who holds it.
func (b *Book) Step(s State, in Input) Decision {
	s.Group = in.Group
	if !in.Group || in.Assessment.Level.Rank() > 0 {
		return b.step(s, in)
	}
	open := s.Case
	s.Case = CaseState{}
	d := b.step(s, in)
	d.State.Case = open
	return d
}

func (b *Book) step(s State, in Input) Decision {
	before := s
	if in.Event == Wrote || in.Event == Edited || in.Event == Media {
		s = b.voices.hear(s, in.Text)
		if l, ok := b.tongueOf(in.Text); ok {
			s.Language = l
		}
	}
	if in.Assessment.Level.Rank() > 0 && !b.onlyAnswers(before, in) {
		return b.handover(s, in)
	}
	if d, ok := b.answered(s, in); ok {
		return d
	}
	if s.Case.Held && b.forOfficer(in) {
		return b.relay(s)
	}
	if s.Case.Question != "" {
		if s.Case.Waited++; s.Case.Waited >= patience {
			s.Case.Question = "" // passed over: not asked again
		}
	}
	if c, _ := b.command(in.Text); c != CommandMore {
		s.More = ""
	}
	if in.Event == Wrote || in.Event == Media {
		if d, ok := b.flooded(&s, in); ok {
			return d
		}
	}
	if in.Event == Edited {
		return b.edited(s, in)
	}
	before.Case, before.More, before.Flood = s.Case, s.More, s.Flood
	if d, ok := b.findTurn(before, in); ok {
		return d
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
	if c, ok := b.command(in.Text); ok && (!s.Stopped || s.Case.Lifted || c == CommandStart || c == CommandErase) {
		return b.afterCommand(c, b.runCommand(c, in, stopFinding(c, s)), in)
	}
	if s.Stopped && !s.Case.Lifted {
		return Decision{Kind: KindCommand, State: s}
	}
	if name := unreadable(in); name != "" {
		return Decision{Kind: KindSmalltalk, State: s, Say: []Utterance{b.say(name, s, in.Medium)}}
	}
	if option, rest, ok := b.number(s.Menu, in.Text.Clean); ok {
		return b.choose(option.Payload, rest, in, s)
	}
	if b.onlyNumber(in.Text.Clean) { // the menu it is meant for is long gone, or never was
		return b.choose("", "", in, s)
	}
	return b.ask(in, s)
}

// edited decides about a message that was changed after it was answered, and that holds no danger: wishes to be left
// alone or forgotten are done, a question is looked up, and Answer says nothing if that leads where the first one did.
func (b *Book) edited(s State, in Input) Decision {
	switch c, _ := b.command(in.Text); {
	case c == CommandErase, !s.Stopped && (c == CommandStop || c == CommandWithdraw):
		return b.afterCommand(c, b.runCommand(c, in, stopFinding(c, s)), in)
	case c != "", s.Stopped, len(in.Text.Syllables) == 0:
		return Decision{Kind: KindCommand, State: s}
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
	if kind+":" != payloadFind && !keepsFinding(kind+":") {
		s.Finder = nil
	}
	switch kind + ":" {
	case payloadFind:
		return b.chooseFinding(value, rest, in, s)
	case payloadTopic:
		return b.chooseTopic(kb.Topic(value), rest, in, s)
	case payloadEntry:
		if hit, ok := b.find(value); ok {
			d := b.answer(Decision{State: s}, in, kb.Result{Verdict: kb.VerdictAnswer, Confidence: 1, Hits: []kb.Hit{hit}})
			if rest != "" {
				d.Search = &kb.Query{Text: in.Text, Topic: d.State.Topic, LastEntry: d.State.LastEntry}
				return d
			}
			return b.resumeFinder(d, in)
		}
	case payloadFull:
		return b.sayFull(value, s, in)
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
	case payloadQuestion:
		question, answer, _ := strings.Cut(value, "=")
		return b.answerQuestion(question, answer, in, s)
	case payloadBulletin:
		return b.chooseBulletin(value, in, s)
	case payloadHide + ":":
		return Decision{Kind: KindCommand, State: s, Hide: true, Say: []Utterance{b.say("hidden", s, in.Medium)}}
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
	if t == b.finder.Topic {
		options = append(options, b.finderOption(s, in.Medium))
	}
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
	n, fields, ok := b.leading(text)
	if !ok || n < 1 || n > len(menu) {
		return Option{}, "", false
	}
	if len(fields) > 1 && slices.Contains(b.voices.Counted, vitext.Fold(fields[1])) {
		return Option{}, "", false
	}
	return menu[n-1], strings.Join(fields[1:], " "), true
}

// leading reads the number a text begins with; the words begin with it.
func (b *Book) leading(text string) (n int, words []string, ok bool) {
	words = strings.Fields(text)
	if len(words) > 1 && slices.Contains(b.voices.Choosing, vitext.Fold(words[0])) {
		words = words[1:]
	}
	if len(words) == 0 {
		return 0, nil, false
	}
	n, err := strconv.Atoi(strings.TrimRightFunc(words[0], func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }))
	return n, words, err == nil
}

// onlyNumber tells a number of one or two digits without another word.
func (b *Book) onlyNumber(text string) bool {
	n, words, ok := b.leading(text)
	return ok && len(words) == 1 && n >= 0 && n < 100
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
	a, ok := b.content.Lookup(l, article)
	return kb.Hit{Law: l, Article: a, Score: 1}, ok
}
