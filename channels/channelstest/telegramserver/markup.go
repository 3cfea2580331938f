package telegramserver

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
)

// Limits on inline keyboards.
const (
	maxKeys    = 100
	maxRow     = 8
	maxPayload = 64
)

// actions are the fields of which a button must have exactly one.
var actions = []string{
	"url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
	"switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}

// replyMarkup checks an inline keyboard; the other forms of reply_markup are not used by any bot tested here.
func replyMarkup(s string) error {
	var markup struct {
		Rows *[][]map[string]json.RawMessage `json:"inline_keyboard"`
	}
	if err := strict(s, &markup); err != nil {
		return err
	}
	if markup.Rows == nil {
		return errors.New("inline_keyboard is missing")
	}
	count := 0
	for _, row := range *markup.Rows {
		if len(row) == 0 || len(row) > maxRow {
			return errors.New("a row has no button or more than 8")
		}
		for _, b := range row {
			if err := button(b); err != nil {
				return err
			}
			count++
		}
	}
	if count > maxKeys {
		return errors.New("more than 100 buttons")
	}
	return nil
}

func button(fields map[string]json.RawMessage) error {
	var text string
	if json.Unmarshal(fields["text"], &text) != nil || text == "" {
		return errors.New("a button has no text")
	}
	found := ""
	for name := range fields {
		switch {
		case name == "text", name == "style", name == "icon_custom_emoji_id":
		case !slices.Contains(actions, name):
			return errors.New("a button has an unknown field")
		case found != "":
			return errors.New("a button has more than one action")
		default:
			found = name
		}
	}
	switch found {
	case "":
		return errors.New("text buttons are unallowed in the inline keyboard")
	case "callback_data":
		var data string
		if json.Unmarshal(fields[found], &data) != nil || len(data) < 1 || len(data) > maxPayload {
			return errors.New("BUTTON_DATA_INVALID")
		}
	case "url":
		var address string
		_ = json.Unmarshal(fields[found], &address)
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "tg" {
			return errors.New("inline keyboard button URL is invalid: Unsupported URL protocol")
		}
	}
	return nil
}
