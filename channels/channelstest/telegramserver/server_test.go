package telegramserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// call makes one call with a JSON body and returns the status and the answer.
func call(t *testing.T, s *Server, method, body string) (int, map[string]any) {
	t.Helper()
	return request(t, s.URL()+"/bot"+Token+"/"+method, "application/json", strings.NewReader(body))
}

func request(t *testing.T, url, contentType string, body io.Reader) (int, map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	var answer map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&answer)
	return resp.StatusCode, answer
}

// ids are the numbers of the updates in an answer.
func ids(answer map[string]any) (out []int64) {
	list, _ := answer["result"].([]any)
	for _, u := range list {
		out = append(out, int64(u.(map[string]any)["update_id"].(float64)))
	}
	return out
}

func TestOffsets(t *testing.T) {
	s := Start(t)
	first := s.PushText(1, "a")
	for _, text := range []string{"b", "c", "d"} {
		s.PushText(1, text)
	}
	for _, c := range []struct {
		body    string
		count   int
		from    int64 // counted from first
		pending int
	}{
		{`{}`, 4, 0, 4},
		{`{"limit":2}`, 2, 0, 4},
		{`{"offset":700000002}`, 3, 1, 3},
		{`{"offset":700000001}`, 3, 1, 3}, // what is forgotten stays so
		{`{"offset":-2}`, 2, 2, 2},
		{`{"offset":700000005}`, 0, 0, 0},
	} {
		_, answer := call(t, s, "getUpdates", c.body)
		got := ids(answer)
		if len(got) != c.count || c.count > 0 && got[0] != first+c.from || s.Pending() != c.pending {
			t.Errorf("getUpdates %s = %v, %d pending; want %d from %d, %d pending",
				c.body, got, s.Pending(), c.count, first+c.from, c.pending)
		}
	}
}

func TestAllowedUpdates(t *testing.T) {
	s := Start(t)
	call(t, s, "getUpdates", `{"allowed_updates":["callback_query"]}`)
	s.PushText(1, "dropped")
	s.Push(`{"callback_query":{}}`)
	if _, answer := call(t, s, "getUpdates", `{}`); len(ids(answer)) != 1 {
		t.Errorf("got %v", answer)
	}
}

func TestNewerPollWins(t *testing.T) {
	s := Start(t)
	older := make(chan int, 1)
	go func() {
		status, _ := call(t, s, "getUpdates", `{"timeout":30}`)
		older <- status
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Wait(ctx, func() bool { return s.poll != nil }); err != nil {
		t.Fatal(err)
	}
	call(t, s, "getUpdates", `{}`)
	if status := <-older; status != http.StatusConflict {
		t.Errorf("the older poll got %d, want 409", status)
	}
	s.SetWebhook("http://127.0.0.1:9/", "")
	if status, _ := call(t, s, "getUpdates", `{}`); status != http.StatusConflict {
		t.Errorf("with a web hook: %d, want 409", status)
	}
}

func TestStrict(t *testing.T) {
	for _, c := range []struct {
		name, method, body string
		status             int
	}{
		{"fine", "sendMessage", `{"chat_id":1,"text":"a","link_preview_options":{"is_disabled":true}}`, 200},
		{"any case", "SENDMESSAGE", `{"chat_id":"@truc_ca","text":"a"}`, 200},
		{"no chat", "sendMessage", `{"text":"a"}`, 400},
		{"bad chat", "sendMessage", `{"chat_id":"abc","text":"a"}`, 400},
		{"no text", "sendMessage", `{"chat_id":1}`, 400},
		{"blank text", "sendMessage", `{"chat_id":1,"text":" "}`, 400},
		{"longest text", "sendMessage", `{"chat_id":1,"text":"` + strings.Repeat("😊", 2048) + `"}`, 200},
		{"too long", "sendMessage", `{"chat_id":1,"text":"` + strings.Repeat("😊", 2048) + `a"}`, 400},
		{"unknown parameter", "sendMessage", `{"chat_id":1,"text":"a","disable_web_page_preview":true}`, 400},
		{"unknown preview option", "sendMessage", `{"chat_id":1,"text":"a","link_preview_options":{"off":true}}`, 400},
		{"button", "sendMessage", keys(`{"text":"a","callback_data":"b"}`), 200},
		{"link button", "sendMessage", keys(`{"text":"a","url":"https://tongdai111.vn"}`), 200},
		{"tel button", "sendMessage", keys(`{"text":"a","url":"tel:111"}`), 400},
		{"no action", "sendMessage", keys(`{"text":"a"}`), 400},
		{"two actions", "sendMessage", keys(`{"text":"a","callback_data":"b","copy_text":{"text":""}}`), 400},
		{"no label", "sendMessage", keys(`{"text":"","callback_data":"b"}`), 400},
		{"payload", "sendMessage", keys(`{"text":"a","callback_data":"` + strings.Repeat("ữ", 22) + `"}`), 400},
		{"command", "setMyCommands", `{"commands":[{"command":"Xoá","description":"d"}]}`, 400},
		{"action", "sendChatAction", `{"chat_id":1,"action":"thinking"}`, 400},
		{"limit", "getUpdates", `{"limit":101}`, 400},
		{"secret", "setWebhook", `{"url":"https://x.example","secret_token":"có dấu"}`, 400},
		{"not JSON", "sendMessage", `{`, 400},
		{"unknown method", "sendMassage", `{}`, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Start(t)
			status, answer := call(t, s, c.method, c.body)
			if status != c.status || (answer["ok"] == true) != (status == 200) {
				t.Errorf("status %d, want %d: %v", status, c.status, answer)
			}
			if rejected := len(s.Rejected()) == 1; rejected != (c.status != 200) {
				t.Errorf("rejected: %q", s.Rejected())
			}
		})
	}
}

func keys(button string) string {
	return `{"chat_id":1,"text":"a","reply_markup":{"inline_keyboard":[[` + button + `]]}}`
}

func TestWaysToCall(t *testing.T) {
	s := Start(t)
	base := s.URL() + "/bot" + Token + "/sendMessage"
	form := url.Values{"chat_id": {"1"}, "text": {"b"}}
	if status, _ := request(t, base, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())); status != 200 {
		t.Errorf("form: %d", status)
	}
	if status, _ := request(t, base+"?"+form.Encode(), "", nil); status != 200 {
		t.Errorf("query: %d", status)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("chat_id", "1")
	_ = w.WriteField("text", "c")
	_ = w.Close()
	if status, _ := request(t, base, w.FormDataContentType(), &body); status != 200 {
		t.Errorf("multipart: %d", status)
	}
	if n := len(s.Sent()); n != 3 {
		t.Errorf("%d messages", n)
	}
	if status, _ := request(t, s.URL()+"/bot1:wrong/getMe", "", nil); status != 401 {
		t.Errorf("wrong token: %d", status)
	}
	if status, _ := request(t, s.URL()+"/getMe", "", nil); status != 404 {
		t.Errorf("no token: %d", status)
	}
}

func TestFailures(t *testing.T) {
	s := Start(t)
	for _, c := range []struct {
		kind   Kind
		status int // 0: no answer
		sent   int
	}{
		{None, 200, 1}, {TooMany, 429, 0}, {ServerError, 500, 0}, {BadGateway, 502, 0}, {Blocked, 403, 0},
		{NotFound, 400, 0}, {Malformed, 400, 0}, {Unauthorized, 401, 0}, {Delay, 200, 1}, {DropBefore, 0, 0},
		{DropAfter, 0, 1},
	} {
		before := len(s.Sent())
		s.Fail("sendMessage", Failure{Kind: c.kind, After: time.Millisecond})
		status, _ := call(t, s, "sendMessage", `{"chat_id":1,"text":"a"}`)
		if got := len(s.Sent()) - before; status != c.status || got != c.sent {
			t.Errorf("failure %d: status %d, %d sent; want %d, %d", c.kind, status, got, c.status, c.sent)
		}
	}
	if last := s.Sent(); !last[len(last)-1].Lost {
		t.Error("the lost answer is not marked")
	}
}

// TestSchedule: the same seed fails the same calls.
func TestSchedule(t *testing.T) {
	run := func() (out []int) {
		s := Start(t)
		s.SetSchedule(&Schedule{Seed: 7, Rates: map[Kind]float64{ServerError: 0.3, TooMany: 0.2, DropBefore: 0.1}})
		for range 40 {
			status, _ := call(t, s, "sendMessage", `{"chat_id":1,"text":"a"}`)
			out = append(out, status)
		}
		return out
	}
	one, two := run(), run()
	failed := 0
	for i := range one {
		if one[i] != two[i] {
			t.Fatalf("call %d: %d and %d", i, one[i], two[i])
		}
		if one[i] != 200 {
			failed++
		}
	}
	if failed < 10 || failed > 35 {
		t.Errorf("%d of 40 failed", failed)
	}
}
