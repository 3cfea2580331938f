package dialogue

import (
	"strings"
	"unicode"

	"treem/kb"
	"treem/kb/vitext"
)

// Command is something a person can tell the service to do, by a word of its own.
type Command string

// The commands; commands.yaml lists the words for each, in Vietnamese and English.
const (
	CommandHello    Command = "hello"
	CommandHelp     Command = "help"
	CommandMenu     Command = "menu"
	CommandStart    Command = "start"
	CommandStop     Command = "stop"
	CommandErase    Command = "erase"
	CommandThanks   Command = "thanks"
	CommandGoodbye  Command = "goodbye"
	CommandWithdraw Command = "withdraw"
	CommandParent   Command = "parent"
	CommandChild    Command = "child"
	CommandFullText Command = "full-text"
	CommandFinder   Command = "finder"
	CommandMore     Command = "more"     // the rest of a long SMS
	CommandMarks    Command = "marks"    // SMS with diacritics
	CommandNoMarks  Command = "no-marks" // and without
	CommandAsk      Command = "ask"      // wants to ask something

	CommandBulletins   Command = "bulletins"    // which series can be sent
	CommandNoBulletins Command = "no-bulletins" // none any more
)

var allCommands = []Command{CommandHello, CommandHelp, CommandMenu, CommandStart, CommandStop, CommandErase,
	CommandThanks, CommandGoodbye, CommandWithdraw, CommandParent, CommandChild, CommandFullText, CommandFinder, CommandMore, CommandMarks, CommandNoMarks,
	CommandAsk, CommandBulletins, CommandNoBulletins}

// command recognises a message that is a command and nothing else: "DUNG danh con" is no opt-out. A word written with
// marks must match with them, so that "đúng" (right) does not mean "dừng" (stop); what the person wrote is tried before
// what repairing made of it.
func (b *Book) command(t vitext.Text) (Command, bool) {
	for _, written := range []string{t.Clean, t.Toned()} {
		words := plainWords(written)
		if c, ok := b.commands[words]; ok {
			return c, true
		}
		folded := vitext.Fold(words)
		if words != folded && !strings.Contains(words, " ") {
			continue
		}
		if c, ok := b.unmarked[folded]; ok {
			return c, true
		}
	}
	return "", false
}

// plainWords lower-cases text and keeps letters, digits and slashes, with single spaces.
func plainWords(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '/' {
			return r
		}
		return ' '
	}, vitext.Tone(s))
	return strings.Join(strings.Fields(s), " ")
}

func (b *Book) runCommand(c Command, in Input, s State) Decision {
	d := Decision{Kind: KindCommand, State: s}
	say := func(name string, options ...Option) {
		d.Say = append(d.Say, b.say(name, d.State, in.Medium, options...))
	}
	switch c {
	case CommandHello, CommandStart:
		d.State.Stopped = false
		if c == CommandStart && s.Stopped {
			say("started")
			break
		}
		d.Kind = KindSmalltalk
		d.State.Greeted = true
		say("greeting", b.greetingOptions(d.State)...)
	case CommandHelp:
		say("help", b.menuOptions()...)
		b.teachSafeWord(&d, in)
	case CommandMenu:
		say("menu", b.menuOptions()...)
		b.teachSafeWord(&d, in)
	case CommandStop:
		d.State.Stopped, d.State.Case.Lifted = true, false
		say("stopped")
	case CommandErase:
		d.Erase = true
		say("erased")
		d.State = State{}
		return d
	case CommandBulletins:
		return b.bulletinMenu(d, in)
	case CommandNoBulletins:
		d = b.noBulletins(d, in)
	case CommandMore:
		if s.More == "" {
			say("no-more")
			break
		}
		d.Say = []Utterance{{Text: s.More}}
		d.State.More = ""
	case CommandMarks, CommandNoMarks:
		d.State.Marks = c == CommandMarks
		name := "marks-off"
		if d.State.Marks {
			name = "marks-on"
		}
		say(name)
	case CommandAsk:
		say("ask")
	case CommandThanks:
		d.Kind = KindSmalltalk
		say("thanks")
	case CommandGoodbye:
		d.Kind = KindSmalltalk
		say("goodbye")
	case CommandWithdraw:
		return b.withdraw(in, s)
	case CommandFullText:
		return b.fullAgain(s, in)
	case CommandFinder:
		return b.startFinder(s, in)
	case CommandParent, CommandChild:
		d.State.Audience = kb.AudienceParent
		name := "audience-parent"
		if c == CommandChild {
			d.State.Audience, name = kb.AudienceChild, "audience-child"
		}
		d.State.Greeted = true
		say(name, b.menuOptions()...)
	}
	d.State.Menu = lastMenu(d.Say, d.State.Menu)
	return d
}

// teachSafeWord adds how to call for help with a word that betrays nothing, where one is configured.
func (b *Book) teachSafeWord(d *Decision, in Input) {
	if in.SafeWord == "" {
		return
	}
	line := strings.ReplaceAll(b.phrase("safe-word", d.State, in.Medium), "{word}", labelFor(in.SafeWord, in.Medium))
	d.Say[0].Text = line + "\n" + d.Say[0].Text
}

// withdraw takes back a wrong alarm without argument. Without an open case the words are about the last answer.
func (b *Book) withdraw(in Input, s State) Decision {
	d := Decision{Kind: KindCommand, State: s}
	switch {
	case s.Case.ID != "":
		d.Case = &CaseChange{Action: CaseWithdraw, ID: s.Case.ID}
		d.State.Case = CaseState{}
		d.Say = []Utterance{b.say("withdrawn", s, in.Medium, b.menuOptions()...)}
	case s.LastEntry != "":
		return b.feedback(in, s, s.LastEntry, false)
	default:
		d.Say = []Utterance{b.say("withdrawn-nothing", s, in.Medium, b.menuOptions()...)}
	}
	d.State.Menu = lastMenu(d.Say, nil)
	return d
}

func (b *Book) feedback(in Input, s State, entry string, helpful bool) Decision {
	d := Decision{Kind: KindCommand, State: s, Feedback: &Feedback{Entry: entry, Helpful: helpful}}
	name, options := "helpful", []Option(nil)
	if !helpful {
		name, options = "unhelpful", b.menuOptions()
	}
	d.Say = []Utterance{b.say(name, s, in.Medium, options...)}
	d.State.Menu = lastMenu(d.Say, s.Menu)
	return d
}

// say makes one utterance from a phrase.
func (b *Book) say(name string, s State, m Medium, options ...Option) Utterance {
	return Utterance{Text: b.phrase(name, s, m), Options: options}
}

func (b *Book) menuOptions() []Option {
	options := make([]Option, 0, len(b.menu))
	for _, m := range b.menu {
		options = append(options, Option{Label: m.Label, Payload: payloadTopic + string(m.Topic)})
	}
	return options
}

func (b *Book) greetingOptions(s State) []Option {
	return append(b.menuOptions(), b.audienceOptions(s, false)...)
}

// audienceOptions ask who is writing, unless that is known.
func (b *Book) audienceOptions(s State, silent bool) []Option {
	if s.Audience != "" {
		return nil
	}
	return []Option{
		{Label: b.phrases["label-parent"].Parent, Payload: payloadAudience + string(kb.AudienceParent), Silent: silent},
		{Label: b.phrases["label-child"].Parent, Payload: payloadAudience + string(kb.AudienceChild), Silent: silent},
	}
}

// lastMenu returns the numbered options the person saw last, or the former menu if none were shown.
func lastMenu(say []Utterance, former []Option) []Option {
	for i := len(say) - 1; i >= 0; i-- {
		if menu := Numbered(say[i].Options); len(menu) > 0 {
			return menu
		}
	}
	return former
}

// Numbered returns the options that a numbered menu shows: those that neither lead elsewhere nor are for buttons only.
func Numbered(options []Option) []Option {
	var menu []Option
	for _, o := range options {
		if o.Call == "" && !o.Private && !o.Silent {
			menu = append(menu, o)
		}
	}
	return menu
}
