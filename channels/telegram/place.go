package telegram

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/go-telegram/bot/models"

	"treem/channels"
)

// place is where people talk: a chat, or one topic of a forum. As an address it is "number", "number/topic" or "@name".
type place struct {
	chat  any // int64, or the @name of a public group
	topic int // message_thread_id; 0: none
}

// String is the chat without the topic, for limits that count by chat.
func (p place) String() string { return fmt.Sprint(p.chat) }

// placeOf reads an address.
func placeOf(a channels.Address) (place, error) {
	if a.Channel != Name {
		return place{}, errors.New("the address is not one of Telegram")
	}
	chat, topic, inTopic := strings.Cut(a.ID, "/")
	var p place
	if inTopic {
		n, err := strconv.ParseInt(topic, 10, 32)
		if err != nil || n <= 0 {
			return place{}, errors.New("the address names no topic behind the stroke")
		}
		p.topic = int(n)
	}
	if strings.HasPrefix(chat, "@") && len(chat) > 1 {
		p.chat = chat
		return p, nil
	}
	n, err := strconv.ParseInt(chat, 10, 64)
	if err != nil || n == 0 {
		return place{}, errors.New("the address is not the number of a chat")
	}
	p.chat = n
	return p, nil
}

// address is where an answer to m goes: its chat, and its topic if it stands in one.
func address(chat models.Chat, m *models.Message) channels.Address {
	id := strconv.FormatInt(chat.ID, 10)
	if m != nil && m.IsTopicMessage && m.MessageThreadID > 0 {
		id += "/" + strconv.Itoa(m.MessageThreadID)
	}
	return channels.Address{Channel: Name, ID: id}
}

// moves remembers the groups that became supergroups, which gives them new numbers. It is learnt anew after a restart:
// Telegram tells the new number whenever the old one is used. The zero value knows none.
type moves struct {
	mu sync.RWMutex
	to map[int64]int64
}

func (m *moves) add(from, to int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.to == nil {
		m.to = map[int64]int64{}
	}
	m.to[from] = to
}

// now is the chat's present number.
func (m *moves) now(chat any) any {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if n, ok := chat.(int64); ok && m.to[n] != 0 {
		return m.to[n]
	}
	return chat
}

// onDuty reports whether a is the configured duty group, by whatever name or number; in its place the configured
// address is used, so that everybody means the same chat. A duty group without a topic in the settings means all of it.
func (c *Channel) onDuty(chat models.Chat, a channels.Address) bool {
	duty, err := placeOf(channels.Address{Channel: Name, ID: c.cfg.DutyChat})
	if err != nil {
		return false
	}
	if duty.topic != 0 {
		if here, err := placeOf(a); err != nil || here.topic != duty.topic {
			return false
		}
	}
	if name, ok := duty.chat.(string); ok {
		return strings.EqualFold(name, "@"+chat.Username)
	}
	return c.moves.now(duty.chat) == any(chat.ID) || duty.chat == any(chat.ID)
}
