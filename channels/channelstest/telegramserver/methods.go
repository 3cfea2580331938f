package telegramserver

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/channels/channelstest/standin"
)

// method is one method of the Bot API: what it takes and what it does.
type method struct {
	name     string
	required []string
	rules    map[string]standin.Rule // every parameter it knows
	run      func(s *Server, ctx context.Context, p params, lost bool) answer
}

// methods holds the methods by their names in lower case, for Telegram does not mind case.
var methods = byName(
	method{name: "getMe", run: (*Server).getMe},
	method{name: "getUpdates", run: (*Server).getUpdates, rules: map[string]standin.Rule{
		"offset": standin.Integer(-1<<31, 1<<31-1), "limit": standin.Integer(1, 100), "timeout": standin.Integer(0, 1<<31-1),
		"allowed_updates": stringList,
	}},
	method{name: "setWebhook", run: (*Server).setWebhook, required: []string{"url"}, rules: map[string]standin.Rule{
		"url": length(0, 2048), "ip_address": length(1, 64), "max_connections": standin.Integer(1, 100),
		"allowed_updates": stringList, "drop_pending_updates": boolean, "secret_token": secretToken,
	}},
	method{name: "deleteWebhook", run: (*Server).deleteWebhook, rules: map[string]standin.Rule{
		"drop_pending_updates": boolean,
	}},
	method{name: "getWebhookInfo", run: (*Server).getWebhookInfo},
	method{name: "sendMessage", run: (*Server).sendMessage, required: []string{"chat_id", "text"}, rules: map[string]standin.Rule{
		"business_connection_id": length(1, 256), "chat_id": chatID, "message_thread_id": standin.Integer(1, 1<<31-1),
		"direct_messages_topic_id": standin.Integer(1, 1<<31-1), "text": messageText, "parse_mode": parseMode,
		"entities": entities, "link_preview_options": linkPreview, "disable_notification": boolean,
		"protect_content": boolean, "allow_paid_broadcast": boolean, "message_effect_id": length(1, 64),
		"suggested_post_parameters": object, "reply_parameters": object, "reply_markup": replyMarkup,
	}},
	method{name: "copyMessage", run: (*Server).copyMessage, required: []string{"chat_id", "from_chat_id", "message_id"},
		rules: map[string]standin.Rule{
			"chat_id": chatID, "message_thread_id": standin.Integer(1, 1<<31-1), "from_chat_id": chatID,
			"message_id": standin.Integer(1, 1<<31-1), "caption": length(0, 1024), "disable_notification": boolean,
		}},
	method{name: "sendPhoto", run: sendFile("photo"), required: []string{"chat_id", "photo"}, rules: map[string]standin.Rule{
		"chat_id": chatID, "message_thread_id": standin.Integer(1, 1<<31-1), "photo": inputFile(10<<20, "image/jpeg", "image/png"),
		"caption": length(0, 1024), "parse_mode": parseMode, "disable_notification": boolean, "protect_content": boolean,
		"reply_markup": replyMarkup,
	}},
	method{name: "sendVoice", run: sendFile("voice"), required: []string{"chat_id", "voice"}, rules: map[string]standin.Rule{
		"chat_id": chatID, "message_thread_id": standin.Integer(1, 1<<31-1), "voice": inputFile(50<<20, "application/ogg", "audio/mpeg"),
		"caption": length(0, 1024), "parse_mode": parseMode, "disable_notification": boolean, "protect_content": boolean,
		"reply_markup": replyMarkup,
	}},
	method{name: "answerCallbackQuery", run: (*Server).answerCallbackQuery, required: []string{"callback_query_id"},
		rules: map[string]standin.Rule{
			"callback_query_id": length(1, 64), "text": length(0, 200), "show_alert": boolean, "url": length(0, 2048),
			"cache_time": standin.Integer(0, 1<<31-1),
		}},
	method{name: "deleteMessage", run: (*Server).deleteMessage, required: []string{"chat_id", "message_id"},
		rules: map[string]standin.Rule{"chat_id": chatID, "message_id": standin.Integer(1, 1<<31-1)}},
	method{name: "deleteMessages", run: (*Server).deleteMessages, required: []string{"chat_id", "message_ids"},
		rules: map[string]standin.Rule{"chat_id": chatID, "message_ids": messageIDs}},
	method{name: "sendChatAction", run: (*Server).sendChatAction, required: []string{"chat_id", "action"},
		rules: map[string]standin.Rule{
			"business_connection_id": length(1, 256), "chat_id": chatID, "message_thread_id": standin.Integer(1, 1<<31-1),
			"action": chatAction,
		}},
	method{name: "setMyCommands", run: describe("commands"), required: []string{"commands"}, rules: map[string]standin.Rule{
		"commands": botCommands, "scope": object, "language_code": length(0, 2),
	}},
	method{name: "deleteMyCommands", run: agree, rules: map[string]standin.Rule{
		"scope": object, "language_code": length(0, 2),
	}},
	method{name: "setMyDescription", run: describe("description"), rules: map[string]standin.Rule{
		"description": length(0, 512), "language_code": length(0, 2),
	}},
	method{name: "setMyShortDescription", run: describe("short_description"), rules: map[string]standin.Rule{
		"short_description": length(0, 120), "language_code": length(0, 2),
	}},
)

func byName(list ...method) map[string]method {
	out := make(map[string]method, len(list))
	for _, m := range list {
		out[strings.ToLower(m.name)] = m
	}
	return out
}

// describe keeps how the bot presents itself in a language.
func describe(what string) func(*Server, context.Context, params, bool) answer {
	return func(s *Server, _ context.Context, p params, _ bool) answer {
		s.Mu.Lock()
		defer s.Mu.Unlock()
		s.described[what+"/"+p["language_code"]] = p[what]
		s.Notify()
		return result(true)
	}
}

func agree(*Server, context.Context, params, bool) answer { return result(true) }

func self() map[string]any {
	return map[string]any{
		"id": BotID, "is_bot": true, "first_name": "Treem thử", "username": Username, "can_join_groups": true,
		"can_read_all_group_messages": false, "supports_inline_queries": false,
	}
}

func (s *Server) getMe(context.Context, params, bool) answer { return result(self()) }

// sendMessage takes a message unless the chat has something against it.
func (s *Server) sendMessage(_ context.Context, p params, lost bool) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if a, bad := s.closed(p["chat_id"]); bad {
		return a
	}
	s.lastID++
	m := Sent{ID: s.lastID, Chat: p["chat_id"], Topic: int(p.integer("message_thread_id")), Text: p["text"], Lost: lost}
	if markup := p["reply_markup"]; markup != "" {
		var keyboard struct {
			Rows [][]Button `json:"inline_keyboard"`
		}
		_ = json.Unmarshal([]byte(markup), &keyboard) // checked before
		m.Buttons = keyboard.Rows
	}
	s.Taken = append(s.Taken, m)
	s.Notify()
	return result(map[string]any{
		"message_id": m.ID, "from": self(), "chat": chatOf(m.Chat), "date": time.Now().Unix(),
		"text": strings.TrimSpace(m.Text),
	})
}

// closed returns the refusal of a chat that takes nothing; s.Mu must be held.
func (s *Server) closed(chat string) (answer, bool) {
	if to, ok := s.moved[chat]; ok {
		a := refuse(http.StatusBadRequest, "Bad Request: group chat was upgraded to a supergroup chat")
		a.Body["parameters"] = map[string]any{"migrate_to_chat_id": to}
		return a, true
	}
	switch s.chats[chat] {
	case blocked:
		return refusal(Failure{Kind: Blocked}), true
	case unknown:
		return refusal(Failure{Kind: NotFound}), true
	}
	return answer{}, false
}

func chatOf(id string) map[string]any {
	n, err := strconv.ParseInt(id, 10, 64)
	switch {
	case err != nil:
		return map[string]any{"id": -1001, "type": "supergroup", "username": strings.TrimPrefix(id, "@")}
	case n < 0:
		return map[string]any{"id": n, "type": "supergroup", "title": "Nhóm trực"}
	}
	return map[string]any{"id": n, "type": "private", "first_name": "Người dùng"}
}

func (s *Server) answerCallbackQuery(_ context.Context, p params, _ bool) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.answered = append(s.answered, p["callback_query_id"])
	s.Notify()
	return result(true)
}

// deleteMessage deletes a message of the bot's that is less than 48 hours old.
func (s *Server) deleteMessage(_ context.Context, p params, _ bool) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if a, bad := s.closed(p["chat_id"]); bad {
		return a
	}
	i := s.place(p["chat_id"], int(p.integer("message_id")))
	switch {
	case i < 0:
		return refuse(http.StatusBadRequest, "Bad Request: message to delete not found")
	case s.Taken[i].Old:
		return refuse(http.StatusBadRequest, "Bad Request: message can't be deleted")
	}
	s.remove(i)
	return result(true)
}

// deleteMessages deletes up to 100; those not found are skipped, and one too old spoils the list.
func (s *Server) deleteMessages(_ context.Context, p params, _ bool) answer {
	var ids []int
	_ = json.Unmarshal([]byte(p["message_ids"]), &ids) // checked before
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if a, bad := s.closed(p["chat_id"]); bad {
		return a
	}
	for _, id := range ids {
		if i := s.place(p["chat_id"], id); i >= 0 && s.Taken[i].Old {
			return refuse(http.StatusBadRequest, "Bad Request: message can't be deleted")
		}
	}
	for _, id := range ids {
		if i := s.place(p["chat_id"], id); i >= 0 {
			s.remove(i)
		}
	}
	return result(true)
}

// place is where a message stands among those taken, or -1; s.Mu must be held.
func (s *Server) place(chat string, id int) int {
	return slices.IndexFunc(s.Taken, func(m Sent) bool { return m.Chat == chat && m.ID == id })
}

// remove takes a message away; s.Mu must be held.
func (s *Server) remove(i int) {
	s.deleted = append(s.deleted, s.Taken[i])
	s.Taken = slices.Delete(slices.Clone(s.Taken), i, i+1)
	s.Notify()
}

func (s *Server) sendChatAction(_ context.Context, p params, _ bool) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if a, bad := s.closed(p["chat_id"]); bad {
		return a
	}
	return result(true)
}
