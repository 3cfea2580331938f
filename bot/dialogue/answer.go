package dialogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treem/bot/triage"
	"treem/kb"
	"treem/kb/vitext"
)

// Answer completes a decision that asked for a search. A nil result means that the search failed.
func (b *Book) Answer(d Decision, in Input, result *kb.Result) Decision {
	already := d.Say
	d.Search = nil
	switch {
	case d.Kind == KindHandover && in.Assessment.Level == triage.None:
		return b.answerInstead(d, in, result)
	case d.Kind == KindHandover:
		return b.answerToo(d, in, result)
	case in.Event == Edited && !answersAnew(d.State, result):
		d.Kind = KindCommand
		return d
	case result == nil && len(already) == 0:
		d.Kind, d.Unanswered = KindUnknown, true
		d.Say = []Utterance{b.say("unavailable", d.State, in.Medium)}
	case result == nil:
		// The chosen entry is already answered; the words after the number stay unanswered for staff.
		d.Unanswered = true
	case len(already) > 0:
		return b.resumeFinder(b.answerMore(d, in, *result), in)
	default:
		d = b.answer(d, in, *result)
	}
	return b.resumeFinder(d, in)
}

// answersAnew says whether an edited question has an answer that the person was not just given.
func answersAnew(s State, result *kb.Result) bool {
	if result == nil || result.Verdict != kb.VerdictAnswer {
		return false
	}
	e := result.Hits[0].Entry
	return e == nil || e.ID != s.LastEntry
}

// The confidence from which an urgent message also gets an answer: to what it asks, or how to treat the injury it tells
// of.
const (
	sureEnough  = .65
	sureUnasked = .7
)

// answerToo adds the answer to an urgent message that asks something the knowledge base surely knows: whether what a
// teacher does is violence; and how to treat a burn or a bite, asked or not. It stands behind the numbers and the advice,
// which never wait for it.
func (b *Book) answerToo(d Decision, in Input, result *kb.Result) Decision {
	if !b.answersUrgent(in, result) {
		return b.readMore(d, in, result)
	}
	hit := result.Hits[0]
	text := b.SMSText(hit, d.State.Reader(in.Now))
	if in.Medium != SMS || d.State.Marks {
		text = b.AnswerText(hit, d.State.Reader(in.Now))
	}
	d.Hits, d.Confidence = []kb.Hit{hit}, result.Confidence
	d.State.Topic, d.State.LastEntry = hit.Entry.Topic, hit.Entry.ID
	d.Say = slices.Insert(d.Say, 1, Utterance{Text: text, Urgent: true})
	return d
}

// answerInstead answers words that were taken as part of a case, if the knowledge base surely knows what they are about. They
// stay part of it.
func (b *Book) answerInstead(d Decision, in Input, result *kb.Result) Decision {
	if result == nil || result.Verdict != kb.VerdictAnswer || result.Confidence < sureEnough || result.Hits[0].Entry == nil {
		return d
	}
	answer := b.answer(Decision{State: d.State}, in, *result)
	answer.Case = d.Case
	return answer
}

// answersUrgent says whether an urgent message gets an answer beside the advice.
func (b *Book) answersUrgent(in Input, result *kb.Result) bool {
	if result == nil || result.Verdict != kb.VerdictAnswer || result.Confidence < sureEnough || result.Hits[0].Entry == nil {
		return false
	}
	if b.voices.asks(in.Text) {
		return true
	}
	treats := b.adviceFor(in.Assessment.Category, string(in.Assessment.Level)).FirstAid
	return treats != "" && result.Confidence >= sureUnasked && strings.HasPrefix(result.Hits[0].ID(), treats)
}

// readMore offers what the knowledge base surely has on the matter behind the advice on an urgent message, to be read when
// there is time. Nothing stands between an emergency and its numbers, and an SMS costs. Only one entry is offered: the
// next best may be about children who do wrong.
func (b *Book) readMore(d Decision, in Input, result *kb.Result) Decision {
	if result == nil || result.Verdict != kb.VerdictAnswer || result.Confidence < sureUnasked || result.Hits[0].Entry == nil ||
		in.Medium != Chat || in.Assessment.Level != triage.Urgent || len(d.Say) < 2 {
		return d
	}
	d.Beside = result.Hits[:1:1]
	options := entryOptions(d.Beside)
	options[0].Silent = true // the numbers belong to the question behind it
	more := b.say("read-more", b.addressed(d.State, in), in.Medium, options...)
	more.Urgent = true
	d.Say = slices.Insert(d.Say, 1, b.inTongue(more, d.State))
	return d
}

// answerMore adds the answer to words that stood after a menu number, unless the choice already answered them.
func (b *Book) answerMore(d Decision, in Input, result kb.Result) Decision {
	if result.Verdict != kb.VerdictAnswer {
		d.Unanswered = true
		return d
	}
	if result.Hits[0].ID() == d.Hits[0].ID() {
		return d
	}
	more := b.answer(Decision{State: d.State}, in, result)
	more.Say = append(d.Say, more.Say...)
	more.Hits = append(d.Hits, more.Hits...)
	return more
}

func (b *Book) answer(d Decision, in Input, result kb.Result) Decision {
	d.Confidence = result.Confidence
	s := d.State
	switch result.Verdict {
	case kb.VerdictAnswer:
		hit := result.Hits[0]
		d.Kind, d.Hits = KindAnswer, []kb.Hit{hit}
		d.State.Article, _, _ = b.articleRef(hit)
		if say, ok := b.fullInstead(hit, s, in); ok {
			d.Say = say
		} else {
			d.Say = []Utterance{b.answerUtterance(hit, s, in)}
		}
		if hit.Entry != nil {
			d.State.Topic, d.State.LastEntry = hit.Entry.Topic, hit.Entry.ID
		}
		if d.Beside = b.beside(result.Beside(), s, in.Medium); len(d.Beside) > 0 {
			d.Say = append(d.Say, b.inTongue(b.say("beside", s, in.Medium, entryOptions(d.Beside)...), s))
		}
		d.Unanswered = len(result.Beside()) > 0
	case kb.VerdictChoices:
		d.Kind, d.Hits = KindChoices, result.Hits[:result.Choices]
		d.Say = []Utterance{b.inTongue(b.say("choices", s, in.Medium, entryOptions(d.Hits)...), s)}
		d.Unanswered = true
	default:
		d.Kind, d.Unanswered, d.State.Flood.Unknown = KindUnknown, true, true
		d.Say = []Utterance{b.unsure(b.say("unknown", s, in.Medium, b.menuOptions()...), s)}
	}
	d.State.Menu = lastMenu(d.Say, nil)
	return b.introduce(d, in)
}

// beside are the hits that can be offered beside an answer: by SMS, which costs, as many as one message holds.
func (b *Book) beside(hits []kb.Hit, s State, m Medium) []kb.Hit {
	if m != SMS {
		return hits
	}
	var out []kb.Hit
	left := smsSingle - len(vitext.GSM(b.phrase("beside", s, m)))
	for _, h := range hits {
		if line := len("\n1. ") + len(vitext.GSM(h.Title())); line <= left {
			left -= line
			out = append(out, h)
		}
	}
	return out
}

func entryOptions(hits []kb.Hit) []Option {
	var options []Option
	for _, h := range hits {
		options = append(options, Option{Label: h.Title(), Payload: payloadEntry + h.ID()})
	}
	return options
}

// introduce puts the notice that this is an automatic service before the first answer, and the way to help behind an
// answer given while a case is open.
func (b *Book) introduce(d Decision, in Input) Decision {
	if d.State.Case.ID != "" && !in.Group {
		d.Say = append(d.Say, b.say("reminder", d.State, in.Medium))
	}
	if d.State.Greeted {
		return d
	}
	d.State.Greeted = true
	notice := b.say("notice", d.State, in.Medium, b.audienceOptions(d.State, true)...)
	if in.Medium == SMS { // the answer first: on a small screen the first lines count
		d.Say = append(d.Say, notice)
	} else {
		d.Say = slices.Insert(d.Say, 0, notice)
	}
	return d
}

// answerUtterance writes out one hit for the person and medium.
func (b *Book) answerUtterance(h kb.Hit, s State, in Input) Utterance {
	if in.Medium == SMS && !s.Marks {
		return b.offerFinder(b.offerFull(Utterance{Text: b.SMSText(h, s.Reader(in.Now))}, h, s, in), h, s, in)
	}
	u := Utterance{Text: b.AnswerText(h, s.Reader(in.Now))}
	if h.Entry != nil {
		u.Media = mediaIn(h.Entry, s.Language)
		u.Options = append(b.relatedOptions(h.Entry),
			Option{Label: b.phrases["label-helpful"].Parent, Payload: payloadHelpful + h.Entry.ID, Silent: true},
			Option{Label: b.phrases["label-unhelpful"].Parent, Payload: payloadUnhelpful + h.Entry.ID, Silent: true})
	}
	return b.offerFinder(b.offerFull(u, h, s, in), h, s, in)
}

// mediaIn are an entry's pictures and recordings in the reader's language.
func mediaIn(e *kb.Entry, l kb.Language) []kb.Media {
	if l == "" {
		l = kb.Vietnamese
	}
	var out []kb.Media
	for _, m := range e.Media {
		if m.Lang == "" || m.Lang == l {
			out = append(out, m)
		}
	}
	return out
}

// maxRelated is how many related questions stand under an answer.
const maxRelated = 3

// relatedOptions are the questions that go with an entry, for media that show buttons.
func (b *Book) relatedOptions(e *kb.Entry) []Option {
	var options []Option
	for _, id := range e.Related {
		if other, ok := b.content.Entry(id); ok && len(options) < maxRelated {
			options = append(options, Option{Label: other.Title, Payload: payloadEntry + id, Silent: true})
		}
	}
	return options
}

// AnswerText is the whole text of one hit as read in a chat: answer, next step, what is no longer sure, citation, date of
// the last check.
func (b *Book) AnswerText(h kb.Hit, r Reader) string {
	var parts []string
	var checked time.Time
	switch {
	case h.Entry != nil:
		parts = append(parts, b.entryText(h.Entry, r)...)
		checked = h.Entry.CheckedOn
	case h.Article != nil:
		parts = append(parts, fmt.Sprintf("%s (%s)", h.Article.Heading(), lawName(h.Law)))
		if h.Article.Digest != "" {
			parts = append(parts, h.Article.Digest)
		} else if full, ok := b.content.FullText(h.Law.Number, h.Article.Name()); ok {
			parts = append(parts, full.Text())
		}
		checked = h.Law.CheckedOn
	default:
		parts = append(parts, lawSheet(h.Law))
		checked = h.Law.CheckedOn
	}
	if h.Law != nil && h.Law.Status == kb.Repealed {
		parts = append(parts, b.outdated(h.Law))
	}
	if foot := b.foot(h.Citations(), checked, r.Language); foot != "" {
		parts = append(parts, foot)
	}
	return strings.Join(parts, "\n\n")
}

func lawSheet(l *kb.Law) string {
	text := lawName(l)
	if !l.Effective.IsZero() {
		text += fmt.Sprintf("\nHiệu lực từ %s.", vietnamDate(l.Effective))
	}
	if l.Note != "" {
		text += "\n" + l.Note
	}
	return text
}

// lawName is the title with the number: "Luật Trẻ em 102/2016/QH13".
func lawName(l *kb.Law) string { return l.Title + " " + l.Number }

// citations lists the places in the law, those of one law together: "Điều 5, khoản 1 Điều 6 Nghị định …".
func (b *Book) citations(cites []kb.Citation) string {
	var laws []string
	places := map[string][]string{}
	for _, c := range cites {
		name := c.Law
		if l, ok := b.content.Law(c.Law); ok {
			name = lawName(l)
		}
		if _, seen := places[name]; !seen {
			laws = append(laws, name)
		}
		places[name] = append(places[name], strings.TrimSuffix(c.String(), " "+c.Law))
	}
	out := make([]string, 0, len(laws))
	for _, l := range laws {
		out = append(out, strings.Join(places[l], ", ")+" "+l)
	}
	return strings.Join(out, "; ")
}

// smsBudget is two GSM-7 segments of a multi-part message, 3GPP TS 23.040: 2 × 153 characters.
const smsBudget = 306

// SMSText is the unaccented answer, with a short citation if it still fits the budget.
func (b *Book) SMSText(h kb.Hit, r Reader) string {
	if h.Entry == nil {
		return vitext.GSM(b.AnswerText(h, Reader{Audience: kb.AudienceParent, Now: r.Now}))
	}
	text := b.entrySMS(h.Entry, r)
	if len(h.Entry.Citations) > 0 {
		c := h.Entry.Citations[0]
		short := fmt.Sprintf(" (D.%d %s)", c.Article, vitext.GSM(c.Law))
		if len(text)+len(short) <= smsBudget {
			text += short
		}
	}
	return text
}

func vietnamDate(t time.Time) string { return t.Format("02/01/2006") }

// Fallback is the reply when the dialogue itself failed: the numbers to call, and a case if triage found danger.
func (b *Book) Fallback(s State, in Input) Decision {
	if in.Assessment.Level.Rank() > 0 {
		return b.handover(s, in)
	}
	return Decision{Kind: KindUnknown, State: s, Unanswered: true, Say: []Utterance{b.say("fallback", s, in.Medium)}}
}
