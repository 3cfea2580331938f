package dialogue

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treem/kb"
	"treem/kb/support"
	"treem/kb/vitext"
)

// Finding is where a person is in the support finder: the options chosen, nothing they wrote.
type Finding struct {
	Answers support.Answers `json:"answers,omitempty"`
}

// What the finder's buttons say besides question and answer.
const (
	findStart = "start"
	findGoOn  = "go"
	findBack  = "back"
	findLeave = "leave"
)

// maxMore is how many entries a result offers to read.
const maxMore = 4

// Finder is the support finder the book speaks for.
func (b *Book) Finder() *support.Finder { return b.finder }

// finderOption is the way into the finder.
func (b *Book) finderOption(s State, m Medium) Option {
	return Option{Label: b.finding("label", s, m), Payload: payloadFind + findStart}
}

// finding is one of the finder's texts for the person and medium.
func (b *Book) finding(name string, s State, m Medium) string {
	return wordingFor(b.finder.Says[name], s, m)
}

func wordingFor(w support.Wording, s State, m Medium) string {
	if m == SMS && w.SMS != "" {
		return vitext.GSM(w.SMS)
	}
	return labelFor(w.For(s.Audience, s.Self), m)
}

// startFinder begins with the first question. In a group it does not: the answers are private.
func (b *Book) startFinder(s State, in Input) Decision {
	d := Decision{Kind: KindCommand, State: s}
	d.State.Finder, d.State.Menu = nil, nil
	if in.Group {
		d.Say = []Utterance{{Text: b.finding("group", s, in.Medium)}}
		return d
	}
	if !s.Greeted {
		d.State.Greeted = true
		d.Say = append(d.Say, b.say("notice", s, in.Medium))
	}
	intro := Utterance{Text: b.finding("intro", s, in.Medium)}
	if in.Medium != SMS {
		intro = b.inTongue(intro, s)
	}
	d.Say = append(d.Say, intro)
	d.State.Finder = &Finding{}
	return b.askFinder(d, in)
}

// askFinder says the next question, or the result if the answers are enough.
func (b *Book) askFinder(d Decision, in Input) Decision {
	s := d.State
	q, number, ok := b.finder.Next(s.Finder.Answers)
	if !ok {
		return b.finish(d, in)
	}
	text := strings.ReplaceAll(b.finding("number", s, in.Medium), "{n}", strconv.Itoa(number))
	if in.Medium == SMS && strings.HasSuffix(b.finder.Says["number"].SMS, " ") {
		text += " " // GSM trims it
	}
	u := Utterance{Text: text + wordingFor(q.Wording, s, in.Medium)}
	for _, o := range b.finder.Offer(q, s.Finder.Answers) {
		u.Options = append(u.Options, Option{Label: wordingFor(o.Wording, s, in.Medium), Payload: payloadFind + q.ID + "=" + o.ID,
			Silent: q.Aged()}) // a number is an age there
	}
	quiet := in.Medium != Text || q.Aged()
	way := func(name, value string) {
		u.Options = append(u.Options, Option{Label: b.finding(name, s, in.Medium), Payload: payloadFind + value, Silent: quiet})
	}
	way("skip", q.ID+"="+support.Skipped)
	if number > 1 {
		way("back", findBack)
	}
	way("leave", findLeave)
	d.Say = append(d.Say, u)
	d.State.Menu = Numbered(u.Options)
	return d
}

// finish says the result and forgets the answers.
func (b *Book) finish(d Decision, in Input) Decision {
	s := d.State
	r := b.finder.Find(s.Finder.Answers)
	d.Kind = KindAnswer
	d.State.Finder, d.State.Menu, d.State.Topic = nil, nil, b.finder.Topic
	if in.Medium == SMS {
		d.Say = append(d.Say, Utterance{Text: b.finder.SMS(r)})
		return d
	}
	u := Utterance{Text: b.finder.Text(r, s.Audience, s.Self) + "\n\n" + b.foot(r.Citations, b.finder.CheckedOn, "")}
	for _, n := range r.Notes {
		for _, number := range n.Call {
			u.Options = append(u.Options, Option{Label: number, Call: number})
		}
	}
	for _, id := range toRead(r) {
		if e, ok := b.content.Entry(id); ok {
			u.Options = append(u.Options, Option{Label: e.Title, Payload: payloadEntry + id})
		}
	}
	u.Options = append(u.Options, Option{Label: b.finding("again", s, in.Medium), Payload: payloadFind + findStart})
	d.Say = append(d.Say, u)
	d.State.Menu = Numbered(u.Options)
	return d
}

// toRead lists the entries that tell more about a result, the surest first.
func toRead(r support.Result) []string {
	var ids []string
	add := func(id string) {
		if len(ids) < maxMore && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, g := range slices.Concat(r.Monthly, r.Once) {
		add(g.Entry)
	}
	for _, n := range r.Notes {
		add(n.Entry)
	}
	for _, g := range slices.Concat(r.Unsure, r.Help) {
		add(g.Entry)
	}
	return ids
}

// chooseFinding acts on one of the finder's buttons or numbers. A question behind a number is answered before going on.
func (b *Book) chooseFinding(value, rest string, in Input, s State) Decision {
	question, option, isAnswer := strings.Cut(value, "=")
	d := Decision{Kind: KindCommand, State: s}
	switch {
	case value == findLeave:
		return b.leaveFinder(s, in)
	case s.Finder == nil || value == findStart:
		return b.startFinder(s, in)
	case value == findBack:
		d.State.Finder = &Finding{Answers: b.finder.Back(s.Finder.Answers)}
	case isAnswer:
		if answers, fits := b.finder.Answer(s.Finder.Answers, question, option); fits {
			d.State.Finder = &Finding{Answers: answers}
		}
	}
	if rest != "" && b.voices.asks(in.Text) {
		return b.ask(in, d.State)
	}
	return b.askFinder(d, in)
}

func (b *Book) leaveFinder(s State, in Input) Decision {
	s.Finder, s.Menu = nil, nil
	return Decision{Kind: KindCommand, State: s, Say: []Utterance{{Text: b.finding("left", s, in.Medium)}}}
}

// findTurn takes a message as the answer to the finder's question, if it is one in words or an age. It comes before the
// commands, so that "quay lại" goes back one question.
func (b *Book) findTurn(s State, in Input) (Decision, bool) {
	value, _, ok := b.findAnswer(s, in)
	if !ok {
		return Decision{}, false
	}
	return b.chooseFinding(value, "", in, s), true
}

// findAnswer reads a message that is, whole, what a button of the standing question would say: an option by one of its
// names, an age, a way on or out. value is the button's payload; option is the one chosen, if any.
func (b *Book) findAnswer(s State, in Input) (value string, option support.Option, ok bool) {
	if s.Finder == nil || in.Event != Wrote || s.Stopped {
		return "", option, false
	}
	q, _, ok := b.finder.Next(s.Finder.Answers)
	if !ok {
		return "", option, false
	}
	written, words := plainFolded(in.Text.Clean), b.finder.Words
	if written == "" {
		written = strings.TrimSpace(in.Text.Clean)
	}
	skips := slices.Contains(words.Skip, written)
	switch {
	case slices.Contains(words.Leave, written):
		return findLeave, option, true
	case slices.Contains(words.Back, written):
		return findBack, option, true
	case q.Aged():
		if months, is := ageIn(written, words.Units); is {
			if o, fits := q.OfAge(months); fits {
				return q.ID + "=" + o.ID, o, true
			}
		}
		if _, err := strconv.Atoi(written); err == nil { // no age anybody has: ask again
			return findGoOn, option, true
		}
	}
	for _, o := range b.finder.Offer(q, s.Finder.Answers) {
		if o.Named(written) || !skips && o.Named(plainFolded(in.Text.Toned())) {
			return q.ID + "=" + o.ID, o, true
		}
	}
	return q.ID + "=" + support.Skipped, option, skips
}

// onlyAnswers says whether a message that triage holds for urgent is no more than the answer just asked for: "13 tuổi",
// "đang ở tù". Read alone such words can sound like a cry for help; here they say what a button would. Words of an
// option that tells of harm are left to triage, and so is the safe word.
func (b *Book) onlyAnswers(s State, in Input) bool {
	_, option, ok := b.findAnswer(s, in)
	return ok && !option.Triage && (in.SafeWord == "" || plainFolded(in.Text.Clean) != plainFolded(in.SafeWord))
}

// plainFolded is a message as the finder's word lists write it.
func plainFolded(s string) string { return vitext.Fold(plainWords(s)) }

var age = regexp.MustCompile(`^(\d{1,3})(?: ?([a-z]+))?(?: (\d{1,2}) thang| (ruoi))?$`)

// maxAge is the oldest age believed, in years. It is below 111: that is the number to call, and raises a case from
// anywhere.
const maxAge = 99

// ageIn reads an age in months: "8", "8 tuoi", "30 thang", "2 tuoi ruoi". A bare number counts years.
func ageIn(folded string, units map[string]int) (months int, ok bool) {
	m := age.FindStringSubmatch(folded)
	if m == nil {
		return 0, false
	}
	unit, known := units[m[2]]
	if m[2] == "" {
		unit, known = 12, true
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || !known || n*unit > maxAge*12 {
		return 0, false
	}
	months = n * unit
	if m[3] != "" {
		more, err := strconv.Atoi(m[3])
		if err != nil {
			return 0, false
		}
		months += more
	}
	if m[4] != "" {
		months += unit / 2
	}
	return months, true
}

// keepsFinding says whether a choice of this kind leaves the finder's question standing.
func keepsFinding(kind string) bool {
	keeps := []string{payloadEntry, payloadHelpful, payloadUnhelpful, payloadAudience, payloadQuestion, payloadHide + ":"}
	return slices.Contains(keeps, kind)
}

// stopFinding ends the finder for a command that is about something else.
func stopFinding(c Command, s State) State {
	if !slices.Contains([]Command{CommandThanks, CommandHelp, CommandParent, CommandChild}, c) {
		s.Finder = nil
	}
	return s
}

// afterCommand puts the finder's question again behind a command that did not end it.
func (b *Book) afterCommand(c Command, d Decision, in Input) Decision {
	if c == CommandFinder {
		return d
	}
	return b.resumeFinder(d, in)
}

// resumeFinder puts the question again behind the answer to something else, or offers to go on where the person now has
// another choice to make.
func (b *Book) resumeFinder(d Decision, in Input) Decision {
	if d.State.Finder == nil || len(d.Say) == 0 {
		return d
	}
	if d.Kind != KindChoices && d.Kind != KindUnknown {
		kind := d.Kind
		d = b.askFinder(d, in)
		if d.State.Finder != nil {
			d.Kind = kind
		}
		return d
	}
	last := &d.Say[len(d.Say)-1]
	goOn := Option{Label: b.finding("go-on", d.State, in.Medium), Payload: payloadFind + findGoOn}
	last.Options = append(slices.Clone(last.Options), goOn)
	d.State.Menu = Numbered(last.Options)
	return d
}

// offerFinder puts the way into the finder behind an entry about support.
func (b *Book) offerFinder(u Utterance, h kb.Hit, s State, in Input) Utterance {
	if h.Entry == nil || s.Finder != nil || in.Group || !b.finder.Offered(h.Entry.ID) {
		return u
	}
	if in.Medium != SMS {
		o := b.finderOption(s, in.Medium)
		o.Silent = true
		u.Options = append(u.Options, o)
		return u
	}
	// Only where it costs no further segment.
	line := " " + vitext.GSM(b.finder.Says["offer"].SMS)
	if n := len(u.Text) + len(line); n <= smsSingle || len(u.Text) > smsSingle && n <= smsBudget {
		u.Text += line
	}
	return u
}

// smsSingle is a GSM-7 message of one segment.
const smsSingle = 160
