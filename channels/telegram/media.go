package telegram

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"treem/channels"
)

// maxCaption is the longest text under a picture or recording, in UTF-16 units.
const maxCaption = 1024

// files remembers what Telegram calls the files it was sent, so that each is sent once while the program runs. The zero
// value knows none. Safe for concurrent use.
type files struct {
	mu sync.Mutex
	id map[[sha256.Size]byte]string
}

func (f *files) get(sum [sha256.Size]byte) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.id[sum]
}

// set notes a file's identifier; empty: Telegram knows it no more.
func (f *files) set(sum [sha256.Size]byte, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.id == nil {
		f.id = map[[sha256.Size]byte]string{}
	}
	if f.id[sum] = id; id == "" {
		delete(f.id, sum)
	}
}

// Illustrates says that pictures and recordings are sent.
func (c *Channel) Illustrates() bool { return true }

// sendMedia sends a picture or recording, by its identifier if Telegram has it. A caption too long for one follows as a
// message of its own.
func (c *Channel) sendMedia(ctx context.Context, at place, out channels.Outbound) (string, error) {
	if len(out.Media.Data) == 0 || out.Media.Kind != channels.Image && out.Media.Kind != channels.Voice {
		return "", provider.Fault("media", errors.New("the file is empty or neither a picture nor a recording"))
	}
	caption, rest := strings.TrimSpace(out.Text), ""
	if fit(caption, maxCaption) < len(caption) {
		caption, rest = "", caption
	}
	if err := c.limits.wait(ctx, at.String(), out.Urgent); err != nil {
		return "", &channels.SendError{Verdict: channels.Retry, Code: "rate", Err: err}
	}
	sum := sha256.Sum256(out.Media.Data)
	known := c.files.get(sum)
	m, err := c.callMedia(ctx, at, *out.Media, known, caption)
	if chat := at.chat; c.follow(&chat, err) { // the group has a new number, which callMedia now takes
		m, err = c.callMedia(ctx, at, *out.Media, known, caption)
	}
	if known != "" && provider.Of(err).RefusedWith(http.StatusBadRequest) && sendError(err).Verdict == channels.Fault {
		c.files.set(sum, "")
		m, err = c.callMedia(ctx, at, *out.Media, "", caption)
	}
	if err != nil {
		return "", sendError(err)
	}
	c.files.set(sum, fileID(m))
	id := strconv.Itoa(m.ID)
	if rest == "" {
		return id, nil
	}
	more, err := c.Send(ctx, channels.Outbound{ID: out.ID, To: out.To, Text: rest, Urgent: out.Urgent})
	return id + " " + more, err
}

// callMedia makes one call: with a file's identifier, or else its bytes.
func (c *Channel) callMedia(ctx context.Context, at place, media channels.Media, known, caption string) (*models.Message, error) {
	var file models.InputFile = &models.InputFileString{Data: known}
	if known == "" {
		file = &models.InputFileUpload{Filename: media.File, Data: bytes.NewReader(media.Data)}
	}
	chat := c.moves.now(at.chat)
	if media.Kind == channels.Voice {
		return c.api.bot.SendVoice(ctx, &bot.SendVoiceParams{ChatID: chat, MessageThreadID: at.topic, Voice: file, Caption: caption})
	}
	return c.api.bot.SendPhoto(ctx, &bot.SendPhotoParams{ChatID: chat, MessageThreadID: at.topic, Photo: file, Caption: caption})
}

// fileID is what Telegram calls the file of a message, the largest of a picture's sizes; empty if it does not say.
func fileID(m *models.Message) string {
	switch {
	case m.Voice != nil:
		return m.Voice.FileID
	case len(m.Photo) > 0:
		return m.Photo[len(m.Photo)-1].FileID
	}
	return ""
}
