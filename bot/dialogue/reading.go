package dialogue

import (
	"slices"
	"strings"
	"time"

	"treem/kb"
)

// What pages that are read without a conversation share with it: the same order, the same warnings, the same words.

// Menu lists the topics in the order menus show them.
func (b *Book) Menu() []Menu { return slices.Clone(b.menu) }

// Greeting is Welcome without the topics, for a page that shows them in its own way.
func (b *Book) Greeting() Utterance {
	return b.say("greeting", State{}, Chat, b.audienceOptions(State{}, false)...)
}

// AskFor is the payload of a button that asks for a hit.
func AskFor(h kb.Hit) string { return payloadEntry + h.ID() }

// NextStep is the last line of an entry's answer in a language; empty: Vietnamese.
func (b *Book) NextStep(e *kb.Entry, l kb.Language) string {
	if _, written := e.In(l); written {
		return b.tongue(l).Next
	}
	return e.Next
}

// Warnings tell what is no longer sure about a hit: facts not compared with their sources for too long, in the language
// of the answer, and a document that is no longer in force.
func (b *Book) Warnings(h kb.Hit, l kb.Language, now time.Time) []string {
	var out []string
	if h.Entry != nil && len(h.Entry.StaleFacts(now)) > 0 {
		out = append(out, b.tongue(l).Stale)
	}
	if h.Law != nil && h.Law.Status == kb.Repealed {
		out = append(out, b.outdated(h.Law))
	}
	return out
}

// outdated says that a document is no longer in force, and what stands in its place.
func (b *Book) outdated(l *kb.Law) string {
	return strings.NewReplacer("{date}", vietnamDate(l.Ended), "{law}", l.ReplacedBy).Replace(b.phrases["outdated-law"].Parent)
}

// LawSheet is what there is to know about a document: its name, from when it holds, what a reader must know.
func LawSheet(l *kb.Law) string { return lawSheet(l) }

// LawName is the title with the number: "Luật Trẻ em 102/2016/QH13".
func LawName(l *kb.Law) string { return lawName(l) }
