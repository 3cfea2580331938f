package telegram

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"treem/channels"
)

// ears are what the channel must know of itself to read an update.
type ears struct {
	me   *models.User                                    // the bot; nil: not known yet, and groups cannot be read
	duty func(chat models.Chat, a channels.Address) bool // whether that is the duty group; nil: there is none
	at   string                                          // the duty group's address, as in the settings
}

// read turns an update into the message it stands for, and notes a group's new number.
func (c *Channel) read(u *models.Update) (channels.Inbound, bool) {
	if m := u.Message; m != nil && m.MigrateToChatID != 0 {
		c.moves.add(m.Chat.ID, m.MigrateToChatID)
	}
	e := ears{me: c.me.Load(), at: c.cfg.DutyChat}
	if e.at != "" {
		e.duty = c.onDuty
	}
	return e.inbound(u)
}

// inbound turns an update into the message it stands for; false means there is nothing in it for us.
//
// Ignored are: channel posts, business chats, payments, polls' results and everything else not asked for; messages of
// bots; messages in groups other than the one on duty that do not address the bot; notices such as "pinned a message";
// the steady updates of a live location.
func (e ears) inbound(u *models.Update) (in channels.Inbound, ok bool) {
	in.ProviderID = "u" + strconv.FormatInt(u.ID, 10)
	switch {
	case u.Message != nil:
		ok = e.message(&in, u.Message)
	case u.EditedMessage != nil:
		ok = u.EditedMessage.Location == nil && e.message(&in, u.EditedMessage)
		in.Kind = channels.KindEdited
		in.SentAt = at(u.EditedMessage.EditDate)
	case u.CallbackQuery != nil:
		ok = e.choice(&in, u.CallbackQuery)
	case u.MyChatMember != nil:
		ok = e.membership(&in, u.MyChatMember)
	}
	in.Text = channels.CleanText(in.Text)
	in.Payload = channels.CleanText(in.Payload)
	return in, ok
}

// message fills in from what somebody wrote, spoke or showed.
func (e ears) message(in *channels.Inbound, m *models.Message) bool {
	if notice(m) || m.IsAutomaticForward || byBot(m) || !conversational(m.Chat) {
		return false
	}
	onDuty := e.place(in, m.Chat, m)
	in.Overheard = in.Group && !addressed(m, e.me)
	if in.Overheard && !onDuty {
		return false
	}
	if in.Group {
		in.Author = author(m)
	}
	if in.ReplyTo = replyTo(m, e.me); in.ReplyTo != "" {
		quoted := m.ReplyToMessage.Text
		in.Quoted = channels.CleanText(quoted[:min(len(quoted), channels.MaxQuoted)])
	}
	in.Forwarded = m.ForwardOrigin != nil
	in.SentAt = at(m.Date)
	if in.Kind, in.Text = kind(m), m.Text; in.Kind == channels.KindMedia && m.ID > 0 && !m.HasProtectedContent {
		in.MediaID = strconv.Itoa(m.ID)
	}
	if in.Text == "" {
		in.Text = m.Caption
	}
	if in.Group {
		in.Text = bareCommand(in.Text, e.me)
	} else if strings.HasPrefix(in.Text, "/start ") {
		in.Text = "/start" // what stands behind it came from the link, not from the person
	}
	return true
}

// place fills in where an answer goes and says whether that is the duty group.
func (e ears) place(in *channels.Inbound, chat models.Chat, m *models.Message) (onDuty bool) {
	in.From, in.Group = address(chat, m), chat.Type != models.ChatTypePrivate
	if in.Group && e.duty != nil && e.duty(chat, in.From) {
		in.From.ID = e.at
		return true
	}
	return false
}

// author is who wrote m in a group; a hidden administrator writes as the group.
func author(m *models.Message) string {
	switch {
	case m.SenderChat != nil:
		return strconv.FormatInt(m.SenderChat.ID, 10)
	case m.From != nil:
		return strconv.FormatInt(m.From.ID, 10)
	}
	return ""
}

// replyTo is the number of the bot's own message that m answers, if it does.
func replyTo(m *models.Message, me *models.User) string {
	r := m.ReplyToMessage
	switch {
	case !answers(r), r.ID == 0:
		return ""
	case me != nil && r.From.ID == me.ID, me == nil && m.Chat.Type == models.ChatTypePrivate && r.From.IsBot:
		return strconv.Itoa(r.ID)
	}
	return ""
}

// answers reports whether r was answered by hand: whatever is written in a topic answers the note that opened it.
func answers(r *models.Message) bool { return r != nil && r.From != nil && r.ForumTopicCreated == nil }

// kind says what sort of message m is. A sort Telegram invents later looks like an empty text: the bot still answers.
func kind(m *models.Message) channels.Kind {
	switch {
	case m.Location != nil, m.Venue != nil:
		return channels.KindLocation
	case m.Contact != nil:
		return channels.KindContact
	case m.Photo != nil, m.Voice != nil, m.Sticker != nil, m.Video != nil, m.VideoNote != nil, m.Audio != nil,
		m.Document != nil, m.Animation != nil, m.Story != nil, m.Poll != nil, m.Dice != nil, m.Game != nil,
		m.PaidMedia != nil, m.Checklist != nil:
		return channels.KindMedia
	}
	return channels.KindText
}

// notice reports whether m is Telegram's own note about the chat and not something a person said.
func notice(m *models.Message) bool {
	return m.PinnedMessage != nil || m.MessageAutoDeleteTimerChanged != nil || m.WriteAccessAllowed != nil ||
		m.ConnectedWebsite != "" || m.ChatBackgroundSet != nil || m.MigrateToChatID != 0 || m.MigrateFromChatID != 0 ||
		m.NewChatMembers != nil || m.LeftChatMember != nil || m.NewChatTitle != "" || m.NewChatPhoto != nil ||
		m.DeleteChatPhoto || m.GroupChatCreated || m.SupergroupChatCreated || m.ChannelChatCreated ||
		m.UsersShared != nil || m.ChatShared != nil || m.SuccessfulPayment != nil || m.RefundedPayment != nil ||
		m.Gift != nil || m.UniqueGift != nil || m.ProximityAlertTriggered != nil || m.BoostAdded != nil ||
		m.ForumTopicCreated != nil || m.ForumTopicEdited != nil || m.ForumTopicClosed != nil ||
		m.ForumTopicReopened != nil || m.VoiceChatStarted != nil || m.VoiceChatEnded != nil
}

// byBot reports whether a bot wrote m. An administrator who hides behind the group's name is a person, though Telegram
// shows a bot in their place.
func byBot(m *models.Message) bool {
	hidden := m.SenderChat != nil && m.SenderChat.ID == m.Chat.ID
	return m.From == nil || m.From.IsBot && !hidden
}

// choice fills in from a pressed button. A button under a message too old for Telegram to show still counts.
func (e ears) choice(in *channels.Inbound, q *models.CallbackQuery) bool {
	chat := models.Chat{ID: q.From.ID, Type: models.ChatTypePrivate}
	if q.Message.Message != nil {
		chat = q.Message.Message.Chat
	} else if q.Message.InaccessibleMessage != nil {
		chat = q.Message.InaccessibleMessage.Chat
	}
	if e.place(in, chat, q.Message.Message); in.Group {
		in.Author = strconv.FormatInt(q.From.ID, 10)
	}
	in.Kind, in.Payload = channels.KindChoice, q.Data
	return !q.From.IsBot && conversational(chat)
}

// membership fills in from the bot's being blocked or unblocked, or taken into a group or out of it. Other changes of
// its standing are of no interest.
func (e ears) membership(in *channels.Inbound, m *models.ChatMemberUpdated) bool {
	before, after := member(m.OldChatMember), member(m.NewChatMember)
	e.place(in, m.Chat, nil)
	in.SentAt = at(m.Date)
	in.Kind = channels.KindLeft
	if after {
		in.Kind = channels.KindJoined
	}
	return before != after && conversational(m.Chat)
}

func member(m models.ChatMember) bool {
	switch m.Type {
	case models.ChatMemberTypeOwner, models.ChatMemberTypeAdministrator, models.ChatMemberTypeMember:
		return true
	case models.ChatMemberTypeRestricted:
		return m.Restricted.IsMember
	}
	return false
}

// conversational reports whether people talk in this chat; nobody does in a channel.
func conversational(chat models.Chat) bool {
	return chat.ID != 0 && chat.Type != models.ChatTypeChannel
}

// at reads Telegram's time in seconds; 0 is unknown.
func at(seconds int) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
