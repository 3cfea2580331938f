package telegram

import (
	"encoding/json"
	"errors"

	"github.com/go-telegram/bot/models"
)

// errUnreadable is fixed, for the decoder's own errors quote what they could not read.
var errUnreadable = errors.New("the update cannot be read")

// decode reads one update. It returns nil if raw is no update at all, and an update with nothing but its number,
// besides an error, if the rest cannot be understood.
//
// The library refuses a whole update for one part of a new sort, such as a new origin of forwarded messages. People's
// words must not be lost for that, so a second try reads only what matters.
func decode(raw []byte) (*models.Update, error) {
	var number struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &number); err != nil || number.ID == 0 {
		return nil, errUnreadable
	}
	full := new(models.Update)
	if json.Unmarshal(raw, full) == nil {
		return full, nil
	}
	var core coreUpdate
	if json.Unmarshal(raw, &core) != nil || core.Message == nil && core.Edited == nil && core.Query == nil {
		return &models.Update{ID: number.ID}, errUnreadable
	}
	u := &models.Update{ID: number.ID, Message: core.Message.message(), EditedMessage: core.Edited.message()}
	if q := core.Query; q != nil {
		u.CallbackQuery = &models.CallbackQuery{ID: q.ID, From: q.From, Data: q.Data}
		u.CallbackQuery.Message.Message = q.Message.message()
	}
	return u, nil
}

// coreUpdate is the part of an update without which a message cannot be answered.
type coreUpdate struct {
	Message *coreMessage `json:"message"`
	Edited  *coreMessage `json:"edited_message"`
	Query   *struct {
		ID      string       `json:"id"`
		From    models.User  `json:"from"`
		Data    string       `json:"data"`
		Message *coreMessage `json:"message"`
	} `json:"callback_query"`
}

type coreMessage struct {
	ID       int                    `json:"message_id"`
	Topic    int                    `json:"message_thread_id"`
	InTopic  bool                   `json:"is_topic_message"`
	From     *models.User           `json:"from"`
	Sender   *models.Chat           `json:"sender_chat"`
	Chat     models.Chat            `json:"chat"`
	Date     int                    `json:"date"`
	EditDate int                    `json:"edit_date"`
	Text     string                 `json:"text"`
	Entities []models.MessageEntity `json:"entities"`
	Caption  string                 `json:"caption"`
	Marks    []models.MessageEntity `json:"caption_entities"`
	Origin   json.RawMessage        `json:"forward_origin"`
	ReplyTo  *struct {
		ID     int             `json:"message_id"`
		From   *models.User    `json:"from"`
		Text   string          `json:"text"`
		Opened json.RawMessage `json:"forum_topic_created"`
	} `json:"reply_to_message"`
}

func (c *coreMessage) message() *models.Message {
	if c == nil {
		return nil
	}
	m := &models.Message{
		ID: c.ID, MessageThreadID: c.Topic, IsTopicMessage: c.InTopic,
		From: c.From, SenderChat: c.Sender, Chat: c.Chat, Date: c.Date, EditDate: c.EditDate,
		Text: c.Text, Entities: c.Entities, Caption: c.Caption, CaptionEntities: c.Marks,
	}
	if c.Origin != nil {
		m.ForwardOrigin = &models.MessageOrigin{}
	}
	if c.ReplyTo != nil {
		m.ReplyToMessage = &models.Message{ID: c.ReplyTo.ID, From: c.ReplyTo.From, Text: c.ReplyTo.Text}
		if c.ReplyTo.Opened != nil {
			m.ReplyToMessage.ForumTopicCreated = &models.ForumTopicCreated{}
		}
	}
	return m
}
