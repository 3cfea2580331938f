package bot

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"treem/bot/dialogue"
	"treem/bot/handover"
	"treem/bot/triage"
	"treem/channels"
	"treem/channels/hotline"
	"treem/kb/vitext"
)

// Target is one way to tell the people on duty: a chat group, a web hook, e-mail, SMS, Primero.
type Target interface {
	// Name is the target's short fixed name.
	Name() string
	// Notify tells of a case and returns what the target calls the notice, if it says. Its error is a
	// *channels.SendError. Two calls with the same notice's ID are one notice told twice.
	Notify(ctx context.Context, n hotline.Notice) (providerID string, err error)
}

// Addresser is a target in one of the service's own channels: officers can answer a notice where it came.
type Addresser interface {
	// Address is where a notice to that address goes; empty: the target's configured place.
	Address(to string) channels.Address
}

// Officers knows the people on duty by name.
type Officers interface {
	// Officer returns who writes from an address; false: no officer.
	Officer(a channels.Address) (id string, ok bool)
	// Name is how colleagues know an officer; empty: not known.
	Name(id string) string
}

// Desk is the people on duty as the bot sees them: whom to tell, what they read, who may act. Its zero value but for
// Text and Planner has nobody: cases are kept and become overdue all the same.
type Desk struct {
	handover.Planner
	Text     *DeskText
	Targets  map[string]Target
	Group    channels.Address       // the duty group; whoever writes there is an officer
	Phone    channels.Address       // the duty telephone; whoever writes from there is an officer
	Officers Officers               // nil: no roster
	Commune  func(id string) string // a commune's name; nil: its id serves
}

// TellPerson is what a person may be told about the people on duty.
func (d *Desk) TellPerson(now time.Time) dialogue.Duty {
	next := d.Duty.Next("", now)
	return dialogue.Duty{Reachable: len(d.Duty.Everyone()) > 0, Now: !next.IsZero() && !next.After(now), From: local(next)}
}

// local is a time as people here read it; zero stays zero.
func local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(vietnam)
}

// order is what an officer's message asks for: an act on a case, found by its reference or by the notice answered.
type order struct {
	act     handover.Act
	ref     string
	notice  string // what the target calls the notice answered
	target  string
	inGroup bool
	known   bool // the officer is on the roster, in the group or at the telephone, not merely a private chat
	help    bool // somebody wrote in the group and asked for nothing
	silent  bool // the group's own events
}

// order reads a message of the people on duty. false: it is not theirs, or is an ordinary question.
func (d *Desk) order(in channels.Inbound) (order, bool) {
	o := order{act: handover.Act{ID: in.From.Channel + ":" + in.ProviderID}, target: in.From.Channel}
	switch {
	case d.Group.ID != "" && in.From == d.Group:
		o.inGroup, o.known = true, true
		o.act.Officer = d.officer(channels.Address{Channel: in.From.Channel, ID: in.Author})
	case d.Phone.ID != "" && in.From == d.Phone:
		o.known = true
		o.act.Officer = d.officer(in.From)
	case in.Group || in.From.ID == "":
		return o, false
	default:
		if d.Officers != nil {
			_, o.known = d.Officers.Officer(in.From)
		}
		if !o.known && (d.Group.ID == "" || in.From.Channel != d.Group.Channel) {
			return o, false
		}
		o.act.Officer = d.officer(in.From)
	}
	if d.readPayload(&o, in) || d.readWords(&o, in) || d.readReply(&o, in) {
		return o, true
	}
	o.help = in.Kind == channels.KindText && !in.Overheard // officers also talk among themselves
	o.silent = !o.help
	return o, o.inGroup // elsewhere it is an ordinary message
}

// officer names whoever writes from an address: as on the roster, or by the channel's number. Empty: nobody.
func (d *Desk) officer(a channels.Address) string {
	if a.ID == "" {
		return ""
	}
	if d.Officers != nil {
		if id, ok := d.Officers.Officer(a); ok {
			return id
		}
	}
	return a.Channel + ":" + a.ID
}

// readPayload reads a pressed button.
func (d *Desk) readPayload(o *order, in channels.Inbound) bool {
	rest, ok := strings.CutPrefix(in.Payload, payloadCase)
	if !ok || in.Kind != channels.KindChoice {
		return false
	}
	parts := strings.SplitN(rest, ":", 3)
	if len(parts) < 2 {
		return false
	}
	o.act.Do, o.ref = handover.Action(parts[0]), parts[1]
	if len(parts) == 3 {
		d.detail(o, parts[2])
	}
	return true
}

// readWords reads "NHAN K7F3Q" and its like: a word of desk.yaml, a reference, and what belongs to it.
func (d *Desk) readWords(o *order, in channels.Inbound) bool {
	if in.Kind != channels.KindText {
		return false
	}
	fields := strings.Fields(in.Text)
	if len(fields) > 0 && strings.HasPrefix(fields[0], "@") { // in a group a message must name the bot to reach it
		fields = fields[1:]
	}
	folded := vitext.Fold(strings.Join(fields, " "))
	for act, words := range d.Text.Words {
		for _, w := range words {
			n := len(strings.Fields(w))
			if len(fields) <= n || !strings.HasPrefix(folded+" ", w+" ") || !handover.IsRef(fields[n]) {
				continue
			}
			o.act.Do, o.ref = act, fields[n]
			d.detail(o, strings.Join(fields[n+1:], " "))
			return true
		}
	}
	return false
}

// readReply reads an answer to a notice: what is written goes to the person.
func (d *Desk) readReply(o *order, in channels.Inbound) bool {
	if in.ReplyTo == "" || in.Kind != channels.KindText && in.Kind != channels.KindMedia {
		return false
	}
	o.act.Do, o.act.Text, o.notice = handover.ActReply, in.Text, noticeKey(in.From, in.ReplyTo)
	title, _, _ := strings.Cut(in.Quoted, "\n")
	for _, word := range strings.Fields(title) {
		if word = strings.Trim(word, ":.,·"); handover.IsRef(word) {
			o.ref = word
			break
		}
	}
	for _, w := range d.Text.Words[handover.ActNote] { // "ghi chú: …" is for colleagues
		n := len(strings.Fields(w))
		if fields := strings.Fields(in.Text); len(fields) > n && strings.Trim(vitext.Fold(strings.Join(fields[:n], " ")), ":.-") == w {
			o.act.Do, o.act.Text = handover.ActNote, strings.Join(fields[n:], " ")
		}
	}
	return true
}

// detail puts what stands behind a reference where the act wants it.
func (d *Desk) detail(o *order, text string) {
	switch o.act.Do {
	case handover.ActRefer:
		o.act.To = text
	case handover.ActClose:
		o.act.Outcome = text
	case handover.ActGrade:
		level, category, _ := strings.Cut(text, ":")
		o.act.Level, o.act.Category = triage.Level(level), category
	default:
		o.act.Text = text
	}
}

// noticeKey is what a notice is called by: providers number messages within a chat only.
func noticeKey(at channels.Address, providerID string) string { return at.ID + "/" + providerID }

// identity makes the names of a new case.
func identity() handover.Identity {
	var random [32]byte
	rand.Read(random[:])
	return handover.NewIdentity(random)
}
