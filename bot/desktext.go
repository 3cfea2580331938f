package bot

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"treem/bot/handover"
	"treem/channels"
	"treem/channels/hotline"
	"treem/kb/vitext"

	"go.yaml.in/yaml/v3"
)

// DeskText is everything the people on duty read; kb/content/desk.yaml explains each part.
type DeskText struct {
	Facts        string                       `yaml:"facts"`
	Notices      map[string]NoticeText        `yaml:"notices"`
	WordsHeading string                       `yaml:"words_heading"`
	NoWords      string                       `yaml:"no_words"`
	Media        string                       `yaml:"media"`
	Levels       map[string]string            `yaml:"levels"`
	Subjects     map[string]string            `yaml:"subjects"`
	Ongoing      string                       `yaml:"ongoing"`
	Answers      map[string]string            `yaml:"answers"`
	Times        map[string]string            `yaml:"times"`
	Channels     map[string]string            `yaml:"channels"`
	NoCommune    string                       `yaml:"no_commune"`
	Somebody     string                       `yaml:"somebody"`
	Outcomes     map[string]string            `yaml:"outcomes"`
	Referrals    map[string]string            `yaml:"referrals"`
	Categories   map[string]CategoryText      `yaml:"categories"`
	Buttons      map[string]string            `yaml:"buttons"`
	Words        map[handover.Action][]string `yaml:"words"`
	Says         map[string]string            `yaml:"says"`
	History      map[string]string            `yaml:"history"`
	Prepared     []PreparedText               `yaml:"prepared"`
	Topics       map[string]string            `yaml:"topics"` // of the report
}

// PreparedText is a sentence that officers can put into a reply.
type PreparedText struct {
	Label string `yaml:"label"`
	Text  string `yaml:"text"`
}

// NoticeText is the wording of one kind of notice.
type NoticeText struct {
	Title string `yaml:"title"`
	Text  string `yaml:"text"`
	Short string `yaml:"short"`
	Plain bool   `yaml:"plain"` // without the facts
}

// CategoryText names a category of triage.
type CategoryText struct {
	Label string `yaml:"label"`
	CHI   string `yaml:"chi"`
}

// what the desk says back to officers, beside the reasons of refusals.
var deskSays = []string{"claimed", "released", "replied", "called", "graded", "noted", "escalated", "referred", "closed", "read",
	handover.Taken, handover.Over, handover.NotYours, handover.ClaimFirst, handover.Incomplete,
	"how-to-reply", "which-outcome", noPerson, inGroup, "unknown-case", "help"}

var deskButtons = []string{"claim", "reply", "read", "call", "refer111", "refer113", "escalate", "release", "wrong", "close"}

var noticeTexts = []string{string(hotline.Opened), string(hotline.Raised), string(hotline.Overdue), string(hotline.Standing),
	string(hotline.Claimed), string(hotline.Message), string(hotline.Withdrawn), string(hotline.Closed), handover.TextUnread,
	handover.TextUnsafe, handover.TextAgain, handover.TextReleased, handover.TextEscalated, handover.TextReferred,
	handover.TextWords, handover.TextBlocked}

// ReadDeskText reads desk.yaml. What is missing is an error that names it.
func ReadDeskText(fsys fs.FS) (*DeskText, error) {
	data, err := fs.ReadFile(fsys, "desk.yaml")
	if err != nil {
		return nil, fmt.Errorf("read texts of the desk: %w", err)
	}
	t := &DeskText{}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(t); err != nil {
		return nil, fmt.Errorf("desk.yaml: %w", err)
	}
	var errs []error
	need := func(part, name, text string) {
		if text == "" {
			errs = append(errs, fmt.Errorf("desk.yaml: %s.%s is missing", part, name))
		}
	}
	for _, n := range noticeTexts {
		need("notices", n+".title", t.Notices[n].Title)
		need("notices", n+".text", t.Notices[n].Text)
		need("notices", n+".short", t.Notices[n].Short)
	}
	for _, n := range deskSays {
		need("says", n, t.Says[n])
	}
	for _, n := range deskButtons {
		need("buttons", n, t.Buttons[n])
	}
	for _, n := range handover.Actions {
		need("history", string(n), t.History[string(n)])
	}
	for _, n := range handover.Outcomes {
		need("outcomes", n, t.Outcomes[n])
	}
	for _, n := range handover.Referrals {
		need("referrals", n, t.Referrals[n])
	}
	need("words", "claim", strings.Join(t.Words[handover.ActClaim], ""))
	return t, errors.Join(errs...)
}

// vietnam is the time people read; the country has one, without summer time.
var vietnam = time.FixedZone("ICT", 7*60*60)

// maxShort is one GSM-7 segment.
const maxShort = 160

// notice writes out one notice of a case.
func (d *Desk) notice(id string, c handover.Case, n handover.Notice, at time.Time) Notice {
	key := n.Text
	if key == "" {
		key = string(n.Kind)
	}
	text := d.Text.Notices[key]
	fill := d.filler(&c)
	out := hotline.Notice{ID: id, Kind: n.Kind, To: n.To.To, Title: fill(text.Title), Text: fill(text.Text), Short: fill(text.Short), At: at,
		Case: c.Public(d.category(&c).CHI), Buttons: d.buttons(&c, n.To.Officer != "" && n.To.Officer == c.Owner)}
	out.Case.Owner = d.ownerName(&c)
	if !text.Plain {
		out.Text += "\n" + fill(d.Text.Facts)
	}
	out.Short = vitext.GSM(out.Short)
	if len(out.Short) > maxShort {
		out.Short = out.Short[:maxShort]
	}
	if n.Kind == hotline.Message && key != handover.TextUnread {
		out.Words = d.Text.WordsHeading + "\n" + n.Words
		if n.Words == "" {
			out.Words = d.Text.NoWords
		}
	}
	return Notice{Target: n.To.Target, Notice: out, Urgent: c.Level().Rank() > 1, CreatedAt: at}
}

func (d *Desk) category(c *handover.Case) CategoryText {
	name := c.Machine.Category
	if c.Human != nil {
		name = c.Human.Category
	}
	if t, ok := d.Text.Categories[name]; ok {
		return t
	}
	return d.Text.Categories["unknown"]
}

// ownerName is how colleagues know the officer who has the case; a member of the duty group who is on no roster is
// somebody to them, for the provider's number of a person is not for others to read.
func (d *Desk) ownerName(c *handover.Case) string {
	if c.Owner == "" {
		return ""
	}
	return d.officerName(c.Owner)
}

func (d *Desk) officerName(id string) string {
	if d.Officers != nil {
		if name := d.Officers.Name(id); name != "" {
			return name
		}
	}
	return d.Text.Somebody
}

// filler returns a function that puts what is known of the case into a text.
func (d *Desk) filler(c *handover.Case) func(string) string {
	t := d.Text
	clock := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return at.In(vietnam).Format("15:04 02/01")
	}
	commune := t.NoCommune
	if c.Consent.Commune != "" {
		commune = c.Consent.Commune
		if d.Commune != nil {
			commune = d.Commune(commune)
		}
	}
	ongoing := ""
	if c.Machine.Ongoing {
		ongoing = t.Ongoing
	}
	answer := func(a handover.Answer) string {
		if a == handover.Yes || a == handover.No {
			return t.Answers[string(a)]
		}
		return t.Answers["unknown"]
	}
	or := func(words map[string]string, key string) string {
		if w, ok := words[key]; ok {
			return w
		}
		return key
	}
	r := strings.NewReplacer("{ref}", c.Ref, "{level}", or(t.Levels, string(c.Level())), "{category}", d.category(c).Label,
		"{subject}", or(t.Subjects, string(c.Machine.Subject)), "{ongoing}", ongoing, "{channel}", or(t.Channels, c.Channel),
		"{commune}", commune, "{contact}", answer(c.Consent.MayContact), "{safe_time}", or(t.Times, c.Consent.SafeTime),
		"{shared}", answer(c.Consent.Shared), "{safe}", answer(c.Consent.SafeNow), "{opened}", clock(c.OpenedAt),
		"{due}", clock(c.AckDue), "{owner}", d.officerName(c.Owner), "{tier}", fmt.Sprint(c.Tier+1),
		"{wait}", fmt.Sprintf("%d phút", int(max(c.UpdatedAt.Sub(c.OpenedAt), time.Minute).Minutes())), "{outcome}", or(t.Outcomes, c.Outcome))
	return r.Replace
}

// buttons are what an officer can do with a case as it stands; mine says that the reader has it.
func (d *Desk) buttons(c *handover.Case, mine bool) [][]channels.Button {
	press := func(label string, act handover.Action, more ...string) channels.Button {
		return channels.Button{Label: d.Text.Buttons[label], Payload: payload(act, c.Ref, more...)}
	}
	refer := []channels.Button{press("refer111", handover.ActRefer, "111"), press("refer113", handover.ActRefer, "113")}
	switch {
	case c.Status == handover.Closed:
		return nil
	case mine:
		return [][]channels.Button{{press("reply", handover.ActReply), press("read", handover.ActRead), press("call", handover.ActCall)}, refer,
			{press("escalate", handover.ActEscalate), press("release", handover.ActRelease)},
			{press("wrong", handover.ActWrong), press("close", handover.ActClose)}}
	case c.Owner != "":
		return [][]channels.Button{{press("read", handover.ActRead), press("close", handover.ActClose)}}
	default:
		return [][]channels.Button{{press("claim", handover.ActClaim)}, refer,
			{press("escalate", handover.ActEscalate), press("wrong", handover.ActWrong)}}
	}
}

// payloadCase begins the payload of every button about a case: "case:refer:K7F3Q:111".
const payloadCase = "case:"

func payload(act handover.Action, ref string, more ...string) string {
	return payloadCase + strings.Join(append([]string{string(act), ref}, more...), ":")
}
