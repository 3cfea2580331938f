package kb

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Topic is one of the four things the service informs about.
type Topic string

// The topics.
const (
	TopicRights   Topic = "rights"
	TopicDrowning Topic = "drowning"
	TopicAbuse    Topic = "abuse"
	TopicSupport  Topic = "support"
)

var topics = []Topic{TopicRights, TopicDrowning, TopicAbuse, TopicSupport}

// Topics returns every topic in the order menus show them.
func Topics() []Topic { return slices.Clone(topics) }

// Audience is whom an answer addresses.
type Audience string

// The audiences. An entry for "both" has an answer for each.
const (
	AudienceParent Audience = "parent"
	AudienceChild  Audience = "child"
	AudienceBoth   Audience = "both"
)

// Confidence is how well a statement is supported: A two independent sources or the law's text and one more, B one
// source, C general knowledge that still needs checking.
type Confidence string

// Entry is one question with its reviewed answers. Its text is final: facts are already put in.
type Entry struct {
	ID         string
	Title      string
	Topic      Topic
	Audience   Audience
	High       bool // first aid, abuse, suicide, extortion: never shown without the numbers to call
	Confidence Confidence
	ValidFrom  time.Time
	CheckedOn  time.Time
	SignOff    string // who must still confirm it: "clinician", "lawyer" or empty
	Questions  []string
	Citations  []Citation
	Related    []string
	Next       string              // the next step, one sentence
	Parent     string              // answer for a parent or other adult
	Child      string              // answer for a child, with {em} and {Em} where the child is addressed
	SMS        string              // unaccented answer, GSM-7
	Texts      map[Language]string // answers in other languages, for any reader; nil if there are none
	SMSIn      map[Language]string // the same, as short as SMS
	Media      []Media             // pictures and recordings, for channels that can send them
	Facts      []Fact              // the facts its texts rest on
	Path       string              // file it was read from
}

// Answer returns the text for the audience; self is what a child calls itself ("em" or "con", empty: "em").
func (e *Entry) Answer(a Audience, self string) string {
	if a != AudienceChild || e.Child == "" {
		return e.Parent
	}
	return AddressChild(e.Child, self)
}

// AddressChild puts "em" or "con" where text addresses a child. An empty self means "em".
func AddressChild(text, self string) string {
	if self != "con" && self != "cháu" {
		self = "em"
	}
	title := strings.ToUpper(self[:1]) + self[1:]
	return strings.NewReplacer("{em}", self, "{Em}", title).Replace(text)
}

// Citation names the place in the law a statement rests on.
type Citation struct {
	Law     string `json:"law" yaml:"law"` // official number in full, e.g. "102/2016/QH13"
	Article int    `json:"article" yaml:"article"`
	Clause  int    `json:"clause,omitempty" yaml:"clause"`
	Point   string `json:"point,omitempty" yaml:"point"`
}

// String writes the citation as Vietnamese lawyers do, most exact part first: "điểm a khoản 1 Điều 25 102/2016/QH13".
func (c Citation) String() string {
	var b strings.Builder
	if c.Point != "" {
		fmt.Fprintf(&b, "điểm %s ", c.Point)
	}
	if c.Clause > 0 {
		fmt.Fprintf(&b, "khoản %d ", c.Clause)
	}
	if c.Article > 0 {
		fmt.Fprintf(&b, "Điều %d ", c.Article)
	}
	b.WriteString(c.Law)
	return b.String()
}

// Fact is a value that a decree may change: an amount, an age, a time limit, a number to call.
type Fact struct {
	ID         string              `yaml:"id"`
	Text       string              `yaml:"text"`    // as people read it: "540.000 đồng/tháng"
	Meaning    string              `yaml:"meaning"` // what it is, for staff
	TextIn     map[Language]string `yaml:"text_in"` // as people read it in another language
	Law        string              `yaml:"law"`
	Article    int                 `yaml:"article"`
	Clause     int                 `yaml:"clause"`
	ValidFrom  time.Time           `yaml:"valid_from"`
	ValidTo    time.Time           `yaml:"valid_to"` // zero: no end known
	CheckedOn  time.Time           `yaml:"checked_on"`
	Confidence Confidence          `yaml:"confidence"`
	Source     string              `yaml:"source"`
	Path       string              `yaml:"-"` // file it was read from
}
