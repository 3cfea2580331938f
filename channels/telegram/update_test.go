package telegram

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"treem/channels"
)

var self = &models.User{ID: 123456789, IsBot: true, Username: "treem_test_bot"}

func TestInbound(t *testing.T) {
	data, err := os.ReadFile("testdata/updates.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name   string
		Update json.RawMessage
		Want   *struct {
			Kind             channels.Kind
			ID, From         string
			Text, Payload    string
			Group, Forwarded bool
			Author           string
			ReplyTo          string `json:"reply_to"`
			MediaID          string `json:"media_id"`
			Quoted           string
			Sent             int64
		}
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			u, err := decode(c.Update)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := ears{me: self}.inbound(u)
			if ok != (c.Want != nil) {
				t.Fatalf("wanted = %v, got %+v", ok, got)
			}
			if !ok {
				return
			}
			w := c.Want
			want := channels.Inbound{
				ProviderID: w.ID, From: channels.Address{Channel: Name, ID: w.From}, Kind: w.Kind, Text: w.Text,
				Payload: w.Payload, Group: w.Group, Forwarded: w.Forwarded, Author: w.Author, ReplyTo: w.ReplyTo, MediaID: w.MediaID, Quoted: w.Quoted,
			}
			if w.Sent != 0 {
				want.SentAt = time.Unix(w.Sent, 0).UTC()
			}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, raw string
		id        int64 // 0: no update at all
		readable  bool
	}{
		{"not JSON", `{"update_id":`, 0, false},
		{"empty", ``, 0, false},
		{"no object", `[1,2]`, 0, false},
		{"null", `null`, 0, false},
		{"no number", `{"message":{}}`, 0, false},
		{"number as text", `{"update_id":"5"}`, 0, false},
		{"nothing but a number", `{"update_id":5}`, 5, true},
		{"hopeless", `{"update_id":5,"message":"hm"}`, 5, false},
		{"standing of a new sort", `{"update_id":5,"my_chat_member":{"new_chat_member":{"status":"ghost"}}}`, 5, false},
		{"button, with a strange message", `{"update_id":5,"callback_query":{"id":"1","from":{"id":7},"data":"x",
			"message":{"date":1,"chat":{"id":7,"type":"private"},"forward_origin":{"type":"new"}}}}`, 5, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := decode([]byte(c.raw))
			if (u != nil) != (c.id != 0) || u != nil && u.ID != c.id || (err == nil) != c.readable {
				t.Errorf("decode = %+v, %v", u, err)
			}
		})
	}
}

func TestClean(t *testing.T) {
	long := strings.Repeat("a", channels.MaxText-1) + "ữ"
	if got := channels.CleanText(long); got != long[:channels.MaxText-1] {
		t.Errorf("cut at %d bytes", len(got))
	}
	if got := channels.CleanText("a\xffb"); got != "a\uFFFDb" {
		t.Errorf("clean = %q", got)
	}
}

// FuzzInbound: whatever arrives, nothing panics and text stays valid and within its length.
func FuzzInbound(f *testing.F) {
	f.Add(`{"update_id":1,"message":{"chat":{"id":1,"type":"group"},"text":"@a","entities":[{"type":"mention","offset":-1,"length":9}]}}`)
	f.Add(`{"update_id":1,"callback_query":{"from":{"id":1},"data":"\ud800"}}`)
	f.Fuzz(func(t *testing.T, raw string) {
		u, _ := decode([]byte(raw))
		if u == nil {
			return
		}
		in, _ := ears{me: self}.inbound(u)
		if !utf8.ValidString(in.Text) || len(in.Text) > channels.MaxText || strings.Contains(in.Text, "\x00") {
			t.Errorf("text %q", in.Text)
		}
	})
}
