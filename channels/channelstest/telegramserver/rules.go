package telegramserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"treem/channels/channelstest/standin"
)

// params are the parameters of a call: strings as they are, everything else as JSON.
type params map[string]string

func (p params) integer(name string) int64 {
	n, _ := strconv.ParseInt(p[name], 10, 64) // checked before
	return n
}

func (p params) list(name string) (list []string, given bool) {
	s, given := p[name]
	if given {
		_ = json.Unmarshal([]byte(s), &list) // checked before
	}
	return list, given
}

// readParams reads parameters in all four ways Telegram takes them: query, form, multipart form and JSON.
func readParams(r *http.Request) (params, error) {
	p := params{}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 10<<20))
	if err != nil {
		return nil, errors.New("cannot read the request")
	}
	t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if t == "application/json" && len(body) > 0 {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(body, &fields); err != nil {
			return nil, errors.New("can't parse JSON")
		}
		for name, raw := range fields {
			p[name] = string(raw)
			var s string
			if json.Unmarshal(raw, &s) == nil && string(raw) != "null" {
				p[name] = s
			}
		}
	} else if len(body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := r.ParseMultipartForm(10 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			return nil, errors.New("can't parse the form")
		}
		if r.MultipartForm != nil {
			for name, list := range r.MultipartForm.File {
				if err := p.addFile(name, list[0]); err != nil {
					return nil, err
				}
			}
		}
		p.add(r.PostForm)
	}
	p.add(r.URL.Query())
	return p, nil
}

func (p params) add(values url.Values) {
	for name, v := range values {
		p[name] = v[len(v)-1]
	}
}

// check applies the rules to all parameters.
func (m method) check(p params) error {
	for _, name := range m.required {
		if _, ok := p[name]; !ok {
			return fmt.Errorf("parameter %s is missing", name)
		}
	}
	for name, value := range p {
		r, known := m.rules[name]
		if !known {
			return fmt.Errorf("unknown parameter %s", name)
		}
		if !utf8.ValidString(value) {
			return errors.New("strings must be encoded in UTF-8")
		}
		if err := r(value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func length(least, most int) standin.Rule {
	return func(s string) error {
		if n := standin.Units(s); n < least || n > most {
			return fmt.Errorf("length %d is not from %d to %d", n, least, most)
		}
		return nil
	}
}

var (
	boolean     = standin.OneOf("true", "false")
	parseMode   = standin.OneOf("MarkdownV2", "HTML", "Markdown")
	secretToken = standin.Form(`^[A-Za-z0-9_-]{1,256}$`)
	chatID      = standin.Form(`^(-?[1-9][0-9]{0,15}|@[A-Za-z][A-Za-z0-9_]{3,31})$`)
	chatAction  = standin.OneOf("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
		"upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note")
	commandName = standin.Form(`^[a-z0-9_]{1,32}$`)
)

func messageText(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("message text is empty")
	}
	if standin.Units(s) > 4096 {
		return errors.New("message is too long")
	}
	return nil
}

// strict decodes JSON whose fields are all known.
func strict(s string, v any) error {
	d := json.NewDecoder(strings.NewReader(s))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errors.New("not the JSON expected")
	}
	return nil
}

func stringList(s string) error { return strict(s, new([]string)) }

// messageIDs wants 1 to 100 numbers of messages.
func messageIDs(s string) error {
	var ids []int
	if err := strict(s, &ids); err != nil {
		return err
	}
	if len(ids) == 0 || len(ids) > 100 {
		return errors.New("not 1 to 100 identifiers")
	}
	for _, id := range ids {
		if id <= 0 {
			return errors.New("invalid message identifier")
		}
	}
	return nil
}

func object(s string) error { return strict(s, new(map[string]any)) }

func entities(s string) error { return strict(s, new([]map[string]any)) }

func linkPreview(s string) error {
	return strict(s, &struct {
		Off   *bool   `json:"is_disabled"`
		URL   *string `json:"url"`
		Small *bool   `json:"prefer_small_media"`
		Large *bool   `json:"prefer_large_media"`
		Above *bool   `json:"show_above_text"`
	}{})
}

func botCommands(s string) error {
	var list []struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	if err := strict(s, &list); err != nil {
		return err
	}
	if len(list) > 100 {
		return errors.New("more than 100 commands")
	}
	for _, c := range list {
		if err := errors.Join(commandName(c.Command), length(1, 256)(c.Description)); err != nil {
			return err
		}
	}
	return nil
}
