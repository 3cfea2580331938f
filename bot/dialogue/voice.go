package dialogue

import (
	"slices"
	"strings"

	"treem/kb"
	"treem/kb/vitext"
)

// voices tells parent from child by how they write. Words are folded; voices.yaml explains each list.
type voices struct {
	Parent    []string `yaml:"parent"`
	Child     []string `yaml:"child"`
	FollowUps []string `yaml:"follow_ups"` // how a question about the last answer begins
	Counted   []string `yaml:"counted"`    // what can follow a number that is no menu choice
	Choosing  []string `yaml:"choosing"`   // what can stand before a number that is one
	Asking    []string `yaml:"asking"`     // what a question holds
	AskingEnd []string `yaml:"asking_end"` // how a question ends
	Skipping  []string `yaml:"skipping"`   // how a question about a case is passed over
	Particles []string `yaml:"particles"`  // what stands around an answer to such a question and says nothing
	Unsafe    []string `yaml:"unsafe"`     // how somebody with a case says that it is not safe now
	Wanting   []string `yaml:"wanting"`    // how somebody with a case asks to be contacted after all
}

// hear returns the state with audience and self-name, as far as the text tells. Equal or no signs change nothing.
func (v voices) hear(s State, t vitext.Text) State {
	folded := " " + t.Folded() + " "
	parent, child := hits(folded, v.Parent), hits(folded, v.Child)
	switch {
	case parent > child:
		s.Audience = kb.AudienceParent
	case child > parent:
		s.Audience = kb.AudienceChild
	}
	if s.Audience == kb.AudienceChild {
		con, em := strings.Count(folded, " con "), strings.Count(folded, " em ")
		switch {
		case con > em:
			s.Self = "con"
		case em > con:
			s.Self = "em"
		}
	}
	return s
}

// hits counts in how many places a text holds one of the phrases, longer phrases counting for each of their words.
func hits(folded string, phrases []string) int {
	n := 0
	for _, p := range phrases {
		n += strings.Count(folded, " "+p+" ") * (1 + strings.Count(p, " "))
	}
	return n
}

// bare takes the particles from both ends of the first clause of a message and returns what is left, folded.
func (v voices) bare(t vitext.Text) string {
	n := len(t.Syllables)
	if len(t.Breaks) > 0 {
		n = min(n, t.Breaks[0])
	}
	words := make([]string, n)
	for i := range words {
		words[i] = t.Syllables[i].Folded
	}
	for len(words) > 1 && slices.Contains(v.Particles, words[0]) {
		words = words[1:]
	}
	for len(words) > 1 && slices.Contains(v.Particles, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

// followsUp says whether a message leans on the answer before it: short, and beginning as such questions do.
func (v voices) followsUp(t vitext.Text) bool {
	const short = 12 // syllables
	if len(t.Syllables) == 0 || len(t.Syllables) > short {
		return false
	}
	folded := t.Folded() + " "
	return slices.ContainsFunc(v.FollowUps, func(p string) bool { return strings.HasPrefix(folded, p+" ") })
}

// asks says whether a message asks something.
func (v voices) asks(t vitext.Text) bool {
	folded := " " + t.Folded()
	return t.Question || hits(folded+" ", v.Asking) > 0 ||
		slices.ContainsFunc(v.AskingEnd, func(end string) bool { return strings.HasSuffix(folded, " "+end) })
}
