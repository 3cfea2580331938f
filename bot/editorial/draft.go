package editorial

import (
	"encoding/base64"
	"errors"
	"path"
	"slices"
	"strings"
	"time"
)

// State is where a draft stands.
type State string

// The states of a draft.
const (
	Writing   State = "writing"   // being written
	Review    State = "review"    // another person must read it
	Approved  State = "approved"  // read by another person; it may be published, now or at a time
	Published State = "published" //
	Dropped   State = "dropped"   // given up
)

// Draft is one file of the content as somebody wants it. A picture or recording stands in it as TextOf writes it.
type Draft struct {
	ID        string
	Path      string // of the file in the content
	Base      string // the file's text when the draft was begun; empty: a new file
	Text      string // empty: the file is to go
	State     State
	Author    string // login of who wrote it last
	Reviewer  string // login of who approved it
	Note      string // what was changed and why, or why it was sent back
	PublishAt time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64 // rises with every change
}

// Open says whether something is still to be done with the draft. A file has at most one open draft.
func (d Draft) Open() bool { return d.State == Writing || d.State == Review || d.State == Approved }

// Revision is a file's text as it was published.
type Revision struct {
	ID          int64
	Path        string
	Text        string // empty: the file was taken out
	Author      string // empty: it came with the program or an import
	Reviewer    string
	Note        string
	PublishedAt time.Time
}

// The reasons for which a step is refused.
var (
	ErrState  = errors.New("the draft is not in a state for this")
	ErrOwn    = errors.New("whoever wrote a draft cannot approve it")
	ErrReason = errors.New("sending a draft back wants a reason")
)

func (d Draft) next(state State, at time.Time, from ...State) (Draft, error) {
	if !slices.Contains(from, d.State) {
		return d, ErrState
	}
	d.State, d.UpdatedAt = state, at
	d.Version++
	return d, nil
}

// Save changes the text. Whatever was approved must be read again.
func (d Draft) Save(text, note, author string, at time.Time) (Draft, error) {
	d, err := d.next(Writing, at, Writing, Review, Approved)
	if err == nil {
		d.Text, d.Note, d.Author, d.Reviewer, d.PublishAt = text, note, author, "", time.Time{}
	}
	return d, err
}

// Submit asks for a review.
func (d Draft) Submit(at time.Time) (Draft, error) { return d.next(Review, at, Writing) }

// Approve lets the draft be published. The reviewer is not the author: two people have read what a child will read.
func (d Draft) Approve(reviewer string, at time.Time) (Draft, error) {
	if reviewer == d.Author {
		return d, ErrOwn
	}
	d, err := d.next(Approved, at, Review)
	if err == nil {
		d.Reviewer = reviewer
	}
	return d, err
}

// SendBack returns the draft to its author with a reason.
func (d Draft) SendBack(reason string, at time.Time) (Draft, error) {
	if reason == "" {
		return d, ErrReason
	}
	d, err := d.next(Writing, at, Review, Approved)
	if err == nil {
		d.Note, d.Reviewer, d.PublishAt = reason, "", time.Time{}
	}
	return d, err
}

// Schedule sets the time of publishing.
func (d Draft) Schedule(when, at time.Time) (Draft, error) {
	d, err := d.next(Approved, at, Approved)
	d.PublishAt = when
	return d, err
}

// Drop gives the draft up.
func (d Draft) Drop(at time.Time) (Draft, error) {
	return d.next(Dropped, at, Writing, Review, Approved)
}

// Publish makes the draft the file's text, if the file is still what the draft began from. The files are changed in place.
func (d Draft) Publish(files map[string][]byte, at time.Time) (Draft, error) {
	if TextOf(d.Path, files[d.Path]) != d.Base {
		return d, ErrMoved
	}
	d, err := d.next(Published, at, Approved)
	if err != nil {
		return d, err
	}
	d.put(files)
	return d, nil
}

// ErrMoved: the file was changed since the draft was begun.
var ErrMoved = errors.New("the file was changed since the draft was begun; take the new text into the draft")

// Over returns the files as they would be with the draft.
func (d Draft) Over(files map[string][]byte) map[string][]byte {
	out := make(map[string][]byte, len(files)+1)
	for name, data := range files {
		out[name] = data
	}
	d.put(out)
	return out
}

func (d Draft) put(files map[string][]byte) {
	if d.Text == "" {
		delete(files, d.Path)
	} else {
		files[d.Path] = dataOf(d.Path, d.Text)
	}
}

// IsMedia says whether a file of the content is a picture or recording.
func IsMedia(file string) bool { return strings.HasPrefix(file, "media/") && path.Ext(file) != ".md" }

// TextOf is a file as a draft holds it: itself, or base64 of a picture or recording.
func TextOf(file string, data []byte) string {
	if IsMedia(file) {
		return base64.StdEncoding.EncodeToString(data)
	}
	return string(data)
}

func dataOf(file, text string) []byte {
	if IsMedia(file) {
		if data, err := base64.StdEncoding.DecodeString(text); err == nil {
			return data
		}
	}
	return []byte(text)
}
