package telegram

import (
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
)

// needsIdentity reports whether only the bot's own name can tell if this update is for it.
func needsIdentity(u *models.Update) bool {
	m := u.Message
	if m == nil {
		m = u.EditedMessage
	}
	return m != nil && m.Chat.Type != models.ChatTypePrivate && conversational(m.Chat)
}

// addressed reports whether a group message is meant for the bot: it answers the bot, mentions it, or begins with a
// command that is not another bot's.
func addressed(m *models.Message, me *models.User) bool {
	if me == nil {
		return false
	}
	if r := m.ReplyToMessage; answers(r) && r.From.ID == me.ID {
		return true
	}
	text, entities := m.Text, m.Entities
	if text == "" {
		text, entities = m.Caption, m.CaptionEntities
	}
	units := utf16.Encode([]rune(text)) // Telegram counts in UTF-16
	for _, e := range entities {
		if e.Offset < 0 || e.Length < 0 || e.Offset > len(units) || e.Length > len(units)-e.Offset {
			continue
		}
		part := string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
		switch e.Type {
		case models.MessageEntityTypeMention:
			if strings.EqualFold(part, "@"+me.Username) {
				return true
			}
		case models.MessageEntityTypeTextMention:
			if e.User != nil && e.User.ID == me.ID {
				return true
			}
		case models.MessageEntityTypeBotCommand:
			_, whose, named := strings.Cut(part, "@")
			if e.Offset == 0 && (!named || strings.EqualFold(whose, me.Username)) {
				return true
			}
		}
	}
	return false
}

// bareCommand takes the bot's name off a command: in groups apps send "/help@our_bot".
func bareCommand(text string, me *models.User) string {
	if !strings.HasPrefix(text, "/") || me == nil {
		return text
	}
	end := strings.IndexAny(text, " \n\t")
	if end < 0 {
		end = len(text)
	}
	command, whose, named := strings.Cut(text[:end], "@")
	if !named || !strings.EqualFold(whose, me.Username) {
		return text
	}
	return command + text[end:]
}
