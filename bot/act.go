package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"treem/bot/dialogue"
	"treem/bot/handover"
	"treem/channels"
	"treem/channels/hotline"
)

// Act does what an officer wants with a case and says why not, if it is refused: then the error is a
// *handover.Refusal. It may be called twice for the same act. NotFound: there is no such case.
func (b *Bot) Act(ctx context.Context, caseID string, a handover.Act) error {
	for conflicts := 0; ; conflicts++ {
		c, err := b.Store.Case(ctx, caseID)
		if err != nil {
			return err
		}
		u, err := b.update(ctx, c, a)
		if err != nil {
			return err
		}
		if u == nil {
			return nil
		}
		err = b.Store.SaveCase(ctx, *u)
		if ErrorCode(err) != Conflict || conflicts >= handleTries {
			return err
		}
	}
}

// update works an act out: the changed case, and what the person is told. nil: nothing changes.
func (b *Bot) update(ctx context.Context, c handover.Case, a handover.Act) (*CaseUpdate, error) {
	a.At = b.Now()
	switch a.Do {
	case handover.ActClaim, handover.ActRead, handover.ActReply:
		words, err := b.words(ctx, c)
		if err != nil {
			return nil, err
		}
		a.Words = words
	}
	plan, err := b.Desk.Act(c, a)
	if err != nil {
		return nil, err
	}
	if plan.Case.Version == c.Version {
		return nil, nil
	}
	u := b.caseUpdate(c, plan)
	u.ActID = a.ID
	known, group, err := b.tellPerson(ctx, c, plan, u)
	switch {
	case err != nil:
		return nil, err
	case a.Do == handover.ActReply && !known:
		return nil, &handover.Refusal{Why: noPerson}
	case a.Do == handover.ActReply && group:
		return nil, &handover.Refusal{Why: inGroup}
	}
	return u, nil
}

// tellPerson adds to u what the person's conversation learns of a plan, and what is said to the person. known: the conversation
// is there; group: it is a group's, where nothing of a case is said.
func (b *Bot) tellPerson(ctx context.Context, c handover.Case, plan handover.Plan, u *CaseUpdate) (known, group bool, err error) {
	person, address, err := b.Store.Conversation(ctx, c.Conversation)
	if ErrorCode(err) == NotFound {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	person.State.Case = caseState(person.State.Case, plan.Case)
	person.State.Greeted = person.State.Greeted || plan.Case.Held // the bot introduces itself no more behind an officer
	u.Person = &person
	if person.State.Group {
		return true, true, nil
	}
	medium := b.medium(address.Channel)
	for _, s := range plan.Say {
		out := Render(dialogue.Utterance{Text: b.casePhrase(s, person.State, medium), Urgent: true}, medium)
		out.ID, out.To = b.NewID(), address
		u.Say = append(u.Say, out)
	}
	return true, false, nil
}

// noPerson: the person's address was forgotten.
const noPerson = "no-person"

// inGroup: the words were written in a group, where nothing of a case is said.
const inGroup = "in-group"

// casePhrase is what the bot says to the person for an officer.
func (b *Bot) casePhrase(s handover.Saying, state dialogue.State, m dialogue.Medium) string {
	name := map[string]string{"taken": "officer-here", "reply": "officer-says", "released": "officer-back", "escalated": "officer-back",
		"referred": "officer-referred", "closed": "case-closed"}[s.Text]
	words := s.Words
	if s.Text == "referred" {
		words = b.Desk.Text.Referrals[s.Words]
	}
	return strings.ReplaceAll(b.Responder.book().CasePhrase(name, state, m), "{text}", words)
}

// caseState is what the person's conversation remembers of a case.
func caseState(was dialogue.CaseState, c handover.Case) dialogue.CaseState {
	switch {
	case c.Status == handover.Closed:
		if was.ID != c.ID { // another case has been opened since
			return was
		}
		return dialogue.CaseState{}
	case !c.Status.Live():
		return was
	case was.ID != c.ID && was.ID != "":
		return was
	}
	was.ID, was.Ref, was.Held, was.Level = c.ID, c.Ref, c.Held, c.Machine.Level
	if was.Category == "" {
		was.Category = c.Machine.Category
	}
	return was
}

// words is what the person has written in a case, as the officer who has it reads it.
func (b *Bot) words(ctx context.Context, c handover.Case) (string, error) {
	lines, err := b.Store.Words(ctx, c)
	if err != nil {
		return "", err
	}
	var all []string
	for _, l := range lines {
		all = append(all, l.At.In(vietnam).Format("15:04")+"  "+l.Text)
	}
	return strings.Join(all, "\n"), nil
}

// caseUpdate writes out a plan: its notices get names and words of their own.
func (b *Bot) caseUpdate(was handover.Case, plan handover.Plan) *CaseUpdate {
	at := plan.Case.UpdatedAt
	u := &CaseUpdate{Case: plan.Case, Events: plan.Events, Unheard: b.Desk.Unheard(&plan.Case), At: at,
		Due: !plan.Case.AckDue.Equal(was.AckDue)}
	for _, n := range plan.Notices {
		if _, ok := b.Desk.Targets[n.To.Target]; ok {
			u.Notices = append(u.Notices, b.Desk.notice(b.NewID(), plan.Case, n, at))
		}
	}
	return u
}

// handleOrder does what somebody on duty asked for. false: the message is none of theirs.
func (b *Bot) handleOrder(ctx context.Context, msg Message, conv Conversation) (bool, error) {
	o, ok := b.Desk.order(msg.In)
	if !ok {
		return false, nil
	}
	if o.help || o.silent {
		say := ""
		if o.help {
			say = "help"
		}
		return true, b.answerOfficer(ctx, msg, conv, nil, handover.Case{}, say, o)
	}
	c, err := b.ordered(ctx, o)
	switch {
	case ErrorCode(err) == NotFound && !o.known, err == nil && !o.known && c.Owner != o.act.Officer:
		return false, nil // somebody else's private chat: an ordinary message
	case ErrorCode(err) == NotFound && o.notice != "" && !o.inGroup:
		return false, nil // an answer to something that was no notice
	case ErrorCode(err) == NotFound && o.notice != "":
		return true, b.answerOfficer(ctx, msg, conv, nil, c, "help", o)
	case ErrorCode(err) == NotFound:
		return true, b.answerOfficer(ctx, msg, conv, nil, c, "unknown-case", o)
	case err != nil:
		return true, err
	}
	o.act.Message = msg.ID
	say := ""
	switch {
	case o.act.Do == handover.ActReply && o.act.Text == "":
		say = "how-to-reply"
	case o.act.Do == handover.ActClose && o.act.Outcome == "" && (c.Owner == "" || c.Owner == o.act.Officer):
		say = "which-outcome"
	case o.act.Do == handover.ActReply && o.inGroup && c.Owner == "":
		say = handover.ClaimFirst // officers also talk among themselves under a notice: nothing of that goes to a child
	}
	if say != "" {
		return true, b.answerOfficer(ctx, msg, conv, nil, c, say, o)
	}
	u, err := b.update(ctx, c, o.act)
	var refused *handover.Refusal
	switch {
	case errors.As(err, &refused):
		return true, b.answerOfficer(ctx, msg, conv, nil, c, refused.Why, o)
	case err != nil:
		return true, err
	case u == nil:
		return true, b.answerOfficer(ctx, msg, conv, nil, c, "claimed", o)
	}
	b.Log.Info("officer acted", "case", c.ID, "act", o.act.Do, "status", u.Case.Status)
	return true, b.answerOfficer(ctx, msg, conv, u, u.Case, did[o.act.Do], o)
}

// tellsGroup are the acts of which everybody who was told learns by a notice.
var tellsGroup = map[handover.Action]bool{handover.ActClaim: true, handover.ActRelease: true, handover.ActEscalate: true,
	handover.ActClose: true, handover.ActWrong: true}

// did names what is said when an act is done.
var did = map[handover.Action]string{handover.ActClaim: "claimed", handover.ActRelease: "released", handover.ActReply: "replied", handover.ActCall: "called",
	handover.ActGrade: "graded", handover.ActNote: "noted", handover.ActEscalate: "escalated", handover.ActRefer: "referred",
	handover.ActClose: "closed", handover.ActWrong: "closed", handover.ActRead: "read"}

// ordered finds the case an order is about.
func (b *Bot) ordered(ctx context.Context, o order) (handover.Case, error) {
	if o.notice == "" {
		return b.Store.CaseByRef(ctx, o.ref)
	}
	c, err := b.Store.CaseByNotice(ctx, o.target, o.notice)
	if ErrorCode(err) == NotFound && o.ref != "" { // a copy whose number was never recorded, or another word of ours about the case
		return b.Store.CaseByRef(ctx, o.ref)
	}
	return c, err
}

// answerOfficer stores what an officer's message did, with a word to the officer where it was written.
func (b *Bot) answerOfficer(ctx context.Context, msg Message, conv Conversation, u *CaseUpdate, c handover.Case, say string, o order) error {
	turn := Turn{Message: msg, Conversation: conv, Case: u, At: b.Now()}
	if text := b.Desk.Text.Says[say]; text != "" {
		if c.Ref == "" {
			c.Ref = strings.ToUpper(o.ref)
		}
		text = strings.ReplaceAll(b.Desk.filler(&c)(text), "{to}", b.Desk.Text.Referrals[o.act.To])
		medium := b.medium(msg.In.From.Channel)
		utterance := dialogue.Utterance{Text: text, Urgent: true}
		if say == "which-outcome" {
			for _, outcome := range handover.Outcomes {
				utterance.Options = append(utterance.Options, dialogue.Option{Label: b.Desk.Text.Outcomes[outcome], Payload: payload(handover.ActClose, c.Ref, outcome)})
			}
		}
		out := Render(utterance, medium)
		out.ID, out.To = b.NewID(), msg.In.From
		target, isChat := b.Desk.Targets[msg.In.From.Channel].(Addresser)
		switch {
		case u == nil || !isChat:
			turn.Say = append(turn.Say, out)
		case o.inGroup && tellsGroup[o.act.Do]: // the notice says it
		default: // as a notice, so that the officer can answer it and go on
			to := msg.In.From.ID
			if target.Address("") == msg.In.From {
				to = ""
			}
			u.Notices = append(u.Notices, Notice{Target: msg.In.From.Channel, Urgent: true, CreatedAt: turn.At, Notice: hotline.Notice{ID: out.ID,
				Kind: hotline.Message, To: to, Title: out.Text, Buttons: out.Buttons, Case: c.Public(b.Desk.category(&c).CHI), At: turn.At}})
		}
	}
	if u != nil && u.Person != nil && u.Person.ID == conv.ID { // the officer is the person: somebody tries the service out
		turn.Conversation.State, turn.Say = u.Person.State, append(u.Say, turn.Say...)
		u.Person, u.Say = nil, nil
	}
	if err := b.Store.SaveTurn(ctx, turn); err != nil {
		return err
	}
	b.Log.Info("officer's message handled", "message", msg.ID, "conversation", conv.ID, "act", o.act.Do, "said", say)
	return nil
}

// changeCase works out what a person's message does to a case. nil: nothing.
func (b *Bot) changeCase(ctx context.Context, msg Message, conv Conversation, ch CaseChange, id handover.Identity) (*CaseUpdate, error) {
	change := handover.Change{Action: caseActions[ch.Action], Message: msg.ID, Assessment: ch.Assessment, Question: ch.Question, Answer: ch.Answer,
		Notice: ch.Notice, Advice: ch.Advice, Revision: ch.Revision, Words: msg.In.Text, Conversation: conv.ID, Channel: msg.In.From.Channel, At: b.Now()}
	switch msg.In.Kind {
	case channels.KindChoice:
		change.Words = ""
	case channels.KindMedia, channels.KindLocation, channels.KindContact:
		change.Words = strings.TrimSpace(change.Words + "\n" + b.Desk.Text.Media)
	}
	u, err := b.changedCase(ctx, msg, conv, ch, change, id)
	if u != nil && msg.In.MediaID != "" {
		for i := range u.Notices {
			if n := &u.Notices[i].Notice; n.Kind == hotline.Message && n.To != "" { // the officer's own chat, never a group
				n.Media = &hotline.Media{From: msg.In.From, ID: msg.In.MediaID}
			}
		}
	}
	return u, err
}

func (b *Bot) changedCase(ctx context.Context, msg Message, conv Conversation, ch CaseChange, change handover.Change, id handover.Identity) (*CaseUpdate, error) {
	if ch.Action == dialogue.CaseOpen {
		return b.caseUpdate(handover.Case{}, b.Desk.Open(id, change)), nil
	}
	c, err := b.Store.Case(ctx, ch.ID)
	if err != nil && ErrorCode(err) != NotFound {
		return nil, err
	}
	if err == nil {
		plan, perr := b.Desk.Change(c, change)
		if perr == nil {
			return b.caseUpdate(c, plan), nil
		}
		if !errors.Is(perr, handover.ErrNotLive) {
			return nil, fmt.Errorf("case %s: %w", c.ID, perr)
		}
	}
	if ch.Assessment.Level.Rank() == 0 {
		return nil, nil // the case is over, and this is no new alarm
	}
	change.Action = handover.ActionOpen
	return b.caseUpdate(handover.Case{}, b.Desk.Open(id, change)), nil
}

var caseActions = map[dialogue.CaseAction]handover.Action{dialogue.CaseOpen: handover.ActionOpen, dialogue.CaseAdd: handover.ActionAdd,
	dialogue.CaseEscalate: handover.ActionRaise, dialogue.CaseWithdraw: handover.ActionWithdraw, dialogue.CaseAnswer: handover.ActionAnswer,
	dialogue.CaseRelay: handover.ActionRelay}
