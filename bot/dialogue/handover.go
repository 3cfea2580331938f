package dialogue

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"treem/bot/triage"
	"treem/kb"
)

// handover leads with the numbers to call, says the one thing to do now, and opens or continues the case. The second
// message says who will read it and offers that somebody gets in touch; nothing waits for an answer.
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
	d.State.Menu, d.State.Case.Waited, d.State.Finder = nil, 0, nil // a question about the case waits on
	d.State.Case.Category = a.Category
	if change.Action != CaseAdd {
		d.State.Case.ID, d.State.Case.Level = change.ID, a.Level
	}
	s = b.addressed(s, in)
	d.State.Audience, d.State.Greeted = s.Audience, true
	d.State.Case.Lifted = s.Stopped
	if in.Group {
		private := Option{Label: b.phrases["label-private"].Parent, Private: true}
		d.Say = []Utterance{{Text: b.phrase("group", s, in.Medium), Options: []Option{private}, Urgent: true}}
		return d
	}
	again := change.Action == CaseAdd && (a.Category == s.Case.Category || weak(a, s.Case, in))
	if again {
		d.State.Case.Category = s.Case.Category
		a.Category = s.Case.Category
	}
	advice := b.adviceFor(a.Category, string(a.Level))
	if special, ok := b.advice[a.Advice]; ok && a.Advice != "" {
		advice = special
	}
	switch {
	case again && s.Case.Held: // the officer who has the case reads it; the advice was given
		change.Action = CaseRelay
		if a.Level == triage.Emergency {
			d.Say = []Utterance{b.numbersAgain(advice, s, in)}
		}
		return d
	case again && a.Level == triage.Emergency && b.voices.asks(in.Text): // what to do now, once more
		d.Say = []Utterance{{Text: advice.text(s, in.Medium), Options: b.callOptions(advice), Urgent: true}}
		return d
	case again:
		d.Say = []Utterance{b.numbersAgain(advice, s, in)}
		return d
	}
	change.Advice, change.Revision = advice.name, advice.Revision()
	d.Say = b.urgently(Utterance{Text: advice.text(s, in.Medium), Options: b.callOptions(advice), Urgent: true}, s, in.Medium)
	if s.Case.Held {
		change.Action = CaseRelay
		if a.Level.Rank() > s.Case.Level.Rank() {
			change.Action = CaseEscalate
		}
		return d
	}
	second := b.reassure(&d, s, in)
	if b.voices.asks(in.Text) || advice.FirstAid != "" || b.tongue(s.Language).Urgent != "" || a.Level == triage.Urgent && in.Medium == Chat {
		d.Search = &kb.Query{Text: in.Text}
	}
	d.Say = append(d.Say, second)
	d.State.Menu = Numbered(second.Options)
	return d
}

// weak reports whether a message is too short to say of itself that an open case is about something else: "so lam" is fear.
func weak(a triage.Assessment, c CaseState, in Input) bool {
	const short = 4 // syllables
	return len(in.Text.Syllables) <= short && a.Level.Rank() <= c.Level.Rank() && a.Level != triage.Emergency
}

// reassure says who will read what was written and, if somebody is told of cases at all, asks the first question.
func (b *Book) reassure(d *Decision, s State, in Input) Utterance {
	u := b.say("confidentiality", s, in.Medium)
	if in.Duty.Reachable && len(s.Case.Asked) == 0 {
		q := b.questions[0]
		u.Text += "\n" + b.dutyLine(s, in)
		u.Text = strings.TrimSpace(u.Text) + "\n" + b.wording(q.Ask, s, in.Medium)
		u.Options = b.questionOptions(q, s, in.Medium)
		d.State.Case.Question, d.State.Case.Asked = q.ID, append(d.State.Case.Asked, q.ID)
		d.Case.Notice = b.noticeVersion
	}
	u.Urgent = true
	return u
}

// dutyLine tells the truth about when somebody on duty will look, if that is not now.
func (b *Book) dutyLine(s State, in Input) string {
	switch {
	case in.Duty.Now:
		return ""
	case in.Duty.From.IsZero():
		return b.phrase("duty-unknown", s, in.Medium)
	default:
		return strings.ReplaceAll(b.phrase("duty-later", s, in.Medium), "{time}", in.Duty.From.Format("15:04 02/01"))
	}
}

// numbersAgain answers a further message of a case that was already told what to do: the numbers, and that the message
// reached the case.
func (b *Book) numbersAgain(a Advice, s State, in Input) Utterance {
	text := strings.NewReplacer("{numbers}", strings.Join(a.Numbers, ", ")).Replace(b.phrase("case-more", s, in.Medium))
	return Utterance{Text: text, Options: b.callOptions(a), Urgent: true}
}

// callOptions are the numbers as links to dial, the way to take a wrong alarm back, and the way to take the messages off
// the screen.
func (b *Book) callOptions(a Advice) []Option {
	options := make([]Option, 0, len(a.Numbers)+1)
	for _, n := range a.Numbers {
		options = append(options, Option{Label: n, Call: n})
	}
	return append(options,
		Option{Label: b.phrases["label-withdraw"].Parent, Payload: payloadWithdraw, Silent: true},
		Option{Label: b.phrases["label-hide"].Parent, Payload: payloadHide, Silent: true})
}

// WithoutHiding returns the utterance without the option to hide messages, for channels that cannot.
func (u Utterance) WithoutHiding() Utterance {
	u.Options = slices.DeleteFunc(slices.Clone(u.Options), func(o Option) bool { return o.Payload == payloadHide })
	return u
}

// forOfficer says whether a message goes to the officer who holds the case: everything but commands and pressed buttons.
func (b *Book) forOfficer(in Input) bool {
	switch in.Event {
	case Wrote, Edited:
		_, command := b.command(in.Text)
		return !command
	case Media, Location, Contact:
		return true
	default:
		return false
	}
}

// relay passes a message to the officer who holds the case. The bot says nothing in between.
func (b *Book) relay(s State) Decision {
	return Decision{Kind: KindHandover, State: s, Case: &CaseChange{Action: CaseRelay, ID: s.Case.ID}}
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

// Revision tells one state of the advice's texts from another: a case keeps it with the advice that was shown.
func (a Advice) Revision() string { return revision(a.Parent, a.Child, a.SMS) }

func revision(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return fmt.Sprintf("%x", sum[:4])
}
