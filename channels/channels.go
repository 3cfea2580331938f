// Package channels says what a channel is: the few words every way of reaching a person shares. Each provider has a
// folder of its own below this one; none of them knows the store, the queue or the bot.
//
// A channel verifies what comes in (secret, signature, form), turns it into an [Inbound] and hands it to the [Sink].
// The provider hears "received" only after Sink.Accept returned nil, for only then is the message stored.
package channels

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Address is one person's end of one channel: a Telegram chat, a telephone number, a web session. It identifies a
// person, so it prints and logs as the channel's name only.
type Address struct {
	Channel string // name of the channel, as Channel.Name returns it
	ID      string // the provider's identifier, as needed to send
}

// String hides the identifier.
func (a Address) String() string { return a.Channel + ":…" }

// LogValue hides the identifier.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }

// Kind says what sort of thing came in.
type Kind string

// The kinds of inbound message. Everything that is not text or a pressed button still reaches the bot, which answers
// it kindly; nothing is dropped in a channel because of its kind.
const (
	KindText     Kind = "text"     // Text holds what was written
	KindChoice   Kind = "choice"   // a button was pressed; Payload holds its value
	KindEdited   Kind = "edited"   // an earlier message was changed; Text holds the new words
	KindMedia    Kind = "media"    // photo, voice, sticker, file …; Text holds the caption, if any
	KindLocation Kind = "location" // a place was shared; the coordinates are dropped by the channel
	KindContact  Kind = "contact"  // a contact was shared; its data are dropped by the channel
	KindJoined   Kind = "joined"   // the person (or a group) started or unblocked the bot
	KindLeft     Kind = "left"     // the person blocked the bot, or the provider reports an opt-out
)

// Inbound is one verified event from a person.
type Inbound struct {
	ProviderID string    // unique within the channel; a redelivery carries the same value
	From       Address   // where a reply goes
	Kind       Kind      //
	Text       string    // valid UTF-8, at most MaxText bytes, may be empty
	Payload    string    // for KindChoice
	Group      bool      // written in a group: reply sparingly, never about a case
	Forwarded  bool      // passed on from somebody else
	Overheard  bool      // in a group: not addressed to the service
	Author     string    // in a group: the provider's identifier of who wrote or pressed; empty elsewhere
	ReplyTo    string    // provider id of our message that this one answers, if the provider tells
	MediaID    string    // for KindMedia: what a Passer needs to pass it on; empty: it cannot be
	Quoted     string    // the beginning of that message, if the provider tells; at most MaxQuoted bytes
	SentAt     time.Time // the provider's time; zero if unknown
}

// MaxQuoted is how much of an answered message a channel passes on.
const MaxQuoted = 120

// MaxText is the longest text in bytes a channel passes on; the rest is cut at a character boundary.
const MaxText = 64 << 10

// Outbound is one message to a person.
type Outbound struct {
	ID      string     // ours, the same on every try; passed on where a provider can drop repeats by it
	To      Address    //
	Text    string     // plain text, valid UTF-8, ready for this channel
	Buttons [][]Button // rows; only channels that show buttons receive any
	Urgent  bool       // part of an emergency: sent before everything else
	Media   *Media     // a picture or recording, with Text as its caption; only channels that are Illustrators receive any
	Hide    bool       // no message at all: takes the earlier ones off the screen, for a channel that is a Hider
}

// MediaKind says what a media file is.
type MediaKind string

// The kinds of media.
const (
	Image MediaKind = "image" // JPEG or PNG
	Voice MediaKind = "voice" // Ogg with Opus, or MP3
)

// Media is a picture or recording of the knowledge base.
type Media struct {
	Kind MediaKind
	File string // its name there
	Data []byte // its bytes, when it is sent
}

// Button is one tap: it comes back as a KindChoice with its Payload, dials Call, or leads out of a group.
type Button struct {
	Label   string `json:"label"`
	Payload string `json:"payload,omitempty"`
	Call    string `json:"call,omitempty"`    // digits to dial, e.g. "111"
	Private bool   `json:"private,omitempty"` // in a group: opens the person's own chat with the service
}

// HideFor is how long after sending a message can still be hidden: 48 hours on Telegram, less a margin for clocks.
const HideFor = 48*time.Hour - 5*time.Minute

// Delivery is how far an outbound message has come. It only moves forward.
type Delivery string

// The stages of delivery, in order; the last two are final and exclude each other.
const (
	DeliveryQueued    Delivery = "queued"    // stored, not yet tried
	DeliverySending   Delivery = "sending"   // the sent marker is set; after a crash the outcome is unknown
	DeliverySent      Delivery = "sent"      // the provider took it
	DeliveryDelivered Delivery = "delivered" // the provider says it arrived
	DeliveryFailed    Delivery = "failed"    // it will not arrive
)

// Receipt is the provider's later word on a message it took.
type Receipt struct {
	Channel    string
	ProviderID string // as Send returned it
	Delivery   Delivery
	Code       string // the provider's error code, if any; never personal
	OptedOut   bool   // the provider refuses further messages to this person
}

// Sink takes what channels receive. Accept returns nil only when the message is durably stored or was stored before
// (a repeat is success). Any error means: not stored, let the provider send it again.
type Sink interface {
	Accept(ctx context.Context, in Inbound) error
	Receipt(ctx context.Context, r Receipt) error
}

// NotStored is a Sink's error for a message that could not be stored although somebody may be in danger. Say is what the
// person must read at once; the bot has tried to send it. A channel that answers with a page shows it there.
type NotStored struct {
	Say string
	Err error
}

func (e *NotStored) Error() string { return e.Err.Error() }

func (e *NotStored) Unwrap() error { return e.Err }

// Channel is one way of reaching people.
type Channel interface {
	// Name is the channel's short fixed name: "telegram", "twilio", "web", "terminal".
	Name() string
	// Start begins to receive into the sink and returns once that works or cannot work. It may be called once.
	Start(ctx context.Context, sink Sink) error
	// Stop ends receiving; what is in hand is finished or given back to the provider before ctx ends. Safe to call
	// twice and without Start.
	Stop(ctx context.Context) error
	// Send delivers one message and returns the provider's identifier for it; those of several parts with spaces between.
	// Its error is a *SendError.
	Send(ctx context.Context, out Outbound) (providerID string, err error)
}

// Route is one HTTP path a channel wants mounted on the public listener, before or after Start.
type Route struct {
	Pattern string // for http.ServeMux, with method: "POST /telegram"
	Handler http.Handler
}

// Optional abilities, asked for by type assertion.
type (
	// Router is a channel that receives over HTTP.
	Router interface{ Routes() []Route }
	// Typer shows the person that an answer is being prepared. Failures do not matter.
	Typer interface {
		Typing(ctx context.Context, to Address)
	}
	// Buttoner is a channel that shows buttons.
	Buttoner interface{ Buttons() bool }
	// Texter is a channel of short paid messages: unaccented text, numbered menus, no pleasantries.
	Texter interface{ SMS() bool }
	// Checker tells `treem doctor` whether the provider can be reached with the settings given.
	Checker interface {
		Check(ctx context.Context) error
	}
	// Illustrator is a channel that sends pictures and recordings.
	Illustrator interface{ Illustrates() bool }
	// Hider takes messages off the person's screen. ids are what Send returned for messages of the last HideFor; those
	// that are gone already are no error. It does what the provider allows. Its error is a *SendError: what was not
	// hidden is to be tried again.
	Hider interface {
		Hide(ctx context.Context, from Address, ids []string) error
	}
	// Passer passes on what a person sent, by its MediaID, without keeping it and without showing who sent it. Its
	// error is a *SendError; a Fault means that it is gone, or may not be passed on.
	Passer interface {
		Pass(ctx context.Context, from Address, mediaID string, to Address) error
	}
	// Troubled is a channel that knows when it cannot receive, such as two programs polling for one bot. Trouble is
	// empty while all is well; it never holds anything personal.
	Troubled interface{ Trouble() string }
	// Noter has something to tell whoever sets the channel up that no check can find out.
	Noter interface{ Note() string }
)

// Line is one message of a conversation as a page shows it.
type Line struct {
	FromPerson bool
	Text       string
	Buttons    [][]Button
	At         time.Time
}
