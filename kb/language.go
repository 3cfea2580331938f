package kb

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Language is the language of a text or a recording, by its ISO 639 code.
type Language string

// The languages an answer may be written or spoken in. Vietnamese is always there; the others are optional.
const (
	Vietnamese Language = "vi"
	English    Language = "en"
	Bana       Language = "bdq"
	ChamHroi   Language = "hro"
	Hre        Language = "hre"
)

// headings are the sections of an entry file that hold its answer in another language.
var headings = map[string]Language{"English": English, "Bana": Bana, "Chăm H'roi": ChamHroi, "H'rê": Hre}

var languages = []Language{Vietnamese, English, Bana, ChamHroi, Hre}

// Languages returns every language an answer may be in, Vietnamese first.
func Languages() []Language { return slices.Clone(languages) }

// Name is the language's name as its speakers write it; empty: unknown.
func (l Language) Name() string {
	if l == Vietnamese {
		return "Tiếng Việt"
	}
	for name, of := range headings {
		if of == l {
			return name
		}
	}
	return ""
}

// MediaKind says what a media file is.
type MediaKind string

// The kinds of media.
const (
	Image MediaKind = "image"
	Voice MediaKind = "voice"
)

// mediaTypes are the file types channels can send as each kind.
var mediaTypes = map[MediaKind][]string{Image: {".jpg", ".png"}, Voice: {".ogg", ".mp3"}}

// maxMedia is how large a media file may be, in bytes: what every channel delivers and a slow connection can bear.
const maxMedia = 1 << 20

// maxCaption is how long a file's caption may be, in characters: read at a glance, and below every channel's limit.
const maxCaption = 300

// MediaDir is where media files stand, beside entries/.
const MediaDir = "media"

// Media is a picture or recording that belongs to an entry.
type Media struct {
	File    string    `yaml:"file"` // name below media/
	Kind    MediaKind `yaml:"kind"`
	Lang    Language  `yaml:"lang"`
	Caption string    `yaml:"caption"` // what a person reads who cannot open the file
	Size    int64     `yaml:"-"`       // bytes; 0 if the file is missing
}

// measure notes how large the media files are.
func measure(fsys fs.FS, media []Media) {
	for i := range media {
		if info, err := fs.Stat(fsys, path.Join(MediaDir, media[i].File)); err == nil && info.Mode().IsRegular() {
			media[i].Size = info.Size()
		}
	}
}

// In returns the entry's answer in another language; it is for any reader. False if nobody wrote one.
func (e *Entry) In(l Language) (string, bool) {
	text, ok := e.Texts[l]
	return text, ok
}

// factCheckedFor is how long the comparison of an amount, age, time limit or number with its source holds.
const factCheckedFor = 180 * 24 * time.Hour

// Stale tells what is no longer sure about the fact: "" if nothing, else in words for staff.
func (f Fact) Stale(now time.Time) string {
	switch {
	case !f.ValidTo.IsZero() && f.ValidTo.Before(now):
		return "ended on " + f.ValidTo.Format(time.DateOnly)
	case f.CheckedOn.IsZero():
		return "was never checked"
	case now.Sub(f.CheckedOn) > factCheckedFor:
		return "was last checked on " + f.CheckedOn.Format(time.DateOnly) + ", more than 180 days ago"
	}
	return ""
}

// StaleFacts are the facts the entry's texts rest on that ended or were not checked for too long.
func (e *Entry) StaleFacts(now time.Time) []Fact {
	var out []Fact
	for _, f := range e.Facts {
		if f.Stale(now) != "" {
			out = append(out, f)
		}
	}
	return out
}

// languages tests an entry's texts in other languages and its media.
func (k *checker) languages(e *Entry) {
	for _, l := range languages {
		text, ok := e.Texts[l]
		switch {
		case !ok:
			continue
		case text == "":
			k.wrong("the section in language %s is empty", l)
		case len(strings.Fields(text)) > 2*maxParent:
			k.wrong("the text in language %s has %d words; %d are allowed", l, len(strings.Fields(text)), 2*maxParent)
		case e.High && !givesNumber(text):
			k.wrong("language %s: an urgent entry names none of 111, 112, 113, 114, 115", l)
		}
		for _, number := range k.strangeNumbers(text) {
			k.wrong("language %s gives the number %s, which is neither 111–115 nor a fact", l, number)
		}
	}
	for l, text := range e.SMSIn {
		if _, ok := e.Texts[l]; !ok {
			k.wrong("sms_in has language %q, which has no section in the entry", l)
		}
		k.smsText("sms_in "+string(l), text, e.Facts)
	}
	for _, m := range e.Media {
		types, known := mediaTypes[m.Kind]
		switch {
		case !known:
			k.wrong("media %s: kind %q is not image or voice", m.File, m.Kind)
		case !slices.Contains(types, path.Ext(m.File)):
			k.wrong("media %s: %s files are %s", m.File, m.Kind, strings.Join(types, ", "))
		case m.Size == 0:
			k.wrong("media %s: there is no such file in %s/", m.File, MediaDir)
		case m.Size > maxMedia:
			k.wrong("media %s has %d bytes; %d are allowed", m.File, m.Size, maxMedia)
		}
		if !slices.Contains(languages, m.Lang) {
			k.wrong("media %s: language %q is not one of %v", m.File, m.Lang, languages)
		}
		if m.Caption == "" {
			k.wrong("media %s has no caption", m.File)
		}
		if n := utf8.RuneCountInString(m.Caption); n > maxCaption {
			k.wrong("media %s: the caption has %d characters; %d are allowed", m.File, n, maxCaption)
		}
	}
}
