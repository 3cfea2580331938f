package dialogue

import (
	"hash/fnv"
	"time"
)

// Flood is what is remembered to break loops with other machines and to answer garbage once.
type Flood struct {
	Since   time.Time `json:"since,omitzero"`    // beginning of the window
	Count   int       `json:"count,omitempty"`   // messages in it
	Last    uint64    `json:"last,omitempty"`    // fingerprint of the last message
	Same    int       `json:"same,omitempty"`    // how often in a row it came again
	Unknown bool      `json:"unknown,omitempty"` // it could not be answered
	Told    bool      `json:"told,omitempty"`    // the person was told to slow down
}

// Limits for one person. Nothing urgent comes this far: danger is looked at first and is never limited.
const (
	floodWindow  = 10 * time.Minute
	floodSMS     = 20 // paid for by the piece
	floodChat    = 60
	sameAnswered = 3 // how often the same words in a row are answered
)

// flooded counts a message and says whether to stay silent, or to say once that it was too much.
func (b *Book) flooded(s *State, in Input) (Decision, bool) {
	f := &s.Flood
	if since := in.Now.Sub(f.Since); since > floodWindow || since < 0 {
		*f = Flood{Since: in.Now}
	}
	f.Count++
	_, command := b.command(in.Text)
	h := fnv.New64a()
	h.Write([]byte(in.Text.Folded()))
	switch sum := h.Sum64(); {
	case command:
		f.Last, f.Same, f.Unknown = 0, 0, false
	case sum == f.Last:
		f.Same++
	default:
		f.Last, f.Same, f.Unknown = sum, 0, len(in.Text.Syllables) == 0
	}
	limit := floodChat
	if in.Medium == SMS {
		limit = floodSMS
	}
	silent := Decision{Kind: KindCommand, State: *s}
	switch {
	case f.Count > limit && !f.Told:
		f.Told = true
		return Decision{Kind: KindCommand, State: *s, Say: []Utterance{b.say("flood", *s, in.Medium)}}, true
	case f.Count > limit:
		return silent, true
	case f.Same > 0 && f.Unknown, f.Same >= sameAnswered:
		return silent, true
	}
	return Decision{}, false
}
