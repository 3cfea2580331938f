package telegram

import (
	"strconv"
	"time"

	"github.com/go-telegram/bot/models"

	"treem/channels"
)

// inbound turns an update into the message it stands for; false means there is nothing in it for us. me is the bot
// itself, needed for groups only.
//
// Ignored are: channel posts, business chats, payments, polls' results and everything else not asked for; messages of
// bots; group messages that do not address the bot; notices such as "pinned a message"; the steady updates of a live
// location.
func inbound(u *models.Update, me *models.User) (in channels.Inbound, ok bool) {
	in.ProviderID = "u" + strconv.FormatInt(u.ID, 10)
	switch {
	case u.Message != nil:
		ok = message(&in, u.Message, me)
	case u.EditedMessage != nil:
		ok = u.EditedMessage.Location == nil && message(&in, u.EditedMessage, me)
		in.Kind = channels.KindEdited
		in.SentAt = at(u.EditedMessage.EditDate)
	case u.CallbackQuery != nil:
		ok = choice(&in, u.CallbackQuery)
	case u.MyChatMember != nil:
		ok = membership(&in, u.MyChatMember)
	}
	in.Text = channels.CleanText(in.Text)
	in.Payload = channels.CleanText(in.Payload)
	return in, ok
}

// message fills in from what somebody wrote, spoke or showed.
func message(in *channels.Inbound, m *models.Message, me *models.User) bool {
	if notice(m) || m.IsAutomaticForward || byBot(m) || !conversational(m.Chat) {
		return false
	}
	in.From, in.Group = address(m.Chat.ID), m.Chat.Type != models.ChatTypePrivate
	if in.Group && !addressed(m, me) {
		return false
	}
	in.Forwarded = m.ForwardOrigin != nil
	in.SentAt = at(m.Date)
	in.Kind, in.Text = kind(m), m.Text
	if in.Text == "" {
		in.Text = m.Caption
	}
	if in.Group {
		in.Text = bareCommand(in.Text, me)
	}
	return true
}

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
func choice(in *channels.Inbound, q *models.CallbackQuery) bool {
	chat := models.Chat{ID: q.From.ID, Type: models.ChatTypePrivate}
	if q.Message.Message != nil {
		chat = q.Message.Message.Chat
	} else if q.Message.InaccessibleMessage != nil {
		chat = q.Message.InaccessibleMessage.Chat
	}
	in.From, in.Group = address(chat.ID), chat.Type != models.ChatTypePrivate
	in.Kind, in.Payload = channels.KindChoice, q.Data
	return !q.From.IsBot && conversational(chat)
}

// membership fills in from the bot's being blocked or unblocked, or taken into a group or out of it. Other changes of
// its standing are of no interest.
func membership(in *channels.Inbound, m *models.ChatMemberUpdated) bool {
	before, after := member(m.OldChatMember), member(m.NewChatMember)
	in.From, in.Group = address(m.Chat.ID), m.Chat.Type != models.ChatTypePrivate
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

func address(chat int64) channels.Address {
	return channels.Address{Channel: Name, ID: strconv.FormatInt(chat, 10)}
}

// at reads Telegram's time in seconds; 0 is unknown.
func at(seconds int) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
