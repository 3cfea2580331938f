package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treem/config"
)

// emulator is npm's telegram-test-api, which others wrote after the Bot API: what it understands of us and we of it was
// not agreed upon between us and ourselves.
type emulator struct {
	t   *testing.T
	url string
}

const emulatedToken = "666:AAemulated_token-not-a-secret"

// startEmulator runs it until the test ends. Where the engines are required (CI) a missing one is a failure.
func startEmulator(t *testing.T) *emulator {
	t.Helper()
	script, err := filepath.Abs("../../.ci/telegram.mjs")
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "telegram-test-api"))
	if _, missing := exec.LookPath("node"); err != nil || missing != nil {
		if os.Getenv("TREEM_REQUIRE_ENGINES") != "" {
			t.Fatal("telegram-test-api is not installed; install Node and run: npm ci --prefix .ci")
		}
		t.Skip("runs against a tool of Node; to install it run: npm ci --prefix .ci")
	}
	cmd := exec.Command("node", script)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // upon which it ends
		if err := cmd.Wait(); err != nil {
			t.Errorf("emulator: %v", err)
		}
	})
	var port [16]byte
	n, err := out.Read(port[:])
	if err != nil {
		t.Fatalf("emulator: no port: %v", err)
	}
	return &emulator{t, "http://127.0.0.1:" + strings.TrimSpace(string(port[:n]))}
}

// call posts to the emulator's own interface for clients, which stands in for the app on a person's phone.
func (e *emulator) call(path string, body map[string]any) []byte {
	e.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		e.t.Fatal(err)
	}
	resp, err := http.Post(e.url+path, "application/json", bytes.NewReader(data))
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		e.t.Fatalf("emulator %s: %s %v", path, resp.Status, err)
	}
	return answer
}

// says is a person who does something in the private chat of that number.
func (e *emulator) says(chat int, path string, more map[string]any) {
	e.t.Helper()
	body := map[string]any{
		"botToken": emulatedToken, "date": time.Now().Unix(),
		"from": map[string]any{"id": chat, "first_name": "Na", "is_bot": false},
		"chat": map[string]any{"id": chat, "first_name": "Na", "type": "private"},
	}
	if path == "/sendCallback" {
		body["message"] = map[string]any{"message_id": 1, "date": 1, "chat": body["chat"], "from": map[string]any{"id": 666, "is_bot": true}}
	}
	for name, value := range more {
		body[name] = value
	}
	e.call(path, body)
}

// reply is one message as the person's app shows it.
type reply struct {
	Text   string `json:"text"`
	Markup struct {
		Rows [][]struct {
			Text string `json:"text"`
			Data string `json:"callback_data"`
		} `json:"inline_keyboard"`
	} `json:"reply_markup"`
}

// hears waits until the person has heard words, and returns the message they stood in.
func (e *emulator) hears(chat int, words string) reply {
	e.t.Helper()
	var heard []string
	for end := time.After(30 * time.Second); ; {
		var got struct {
			Result []struct {
				Message reply `json:"message"`
			} `json:"result"`
		}
		if err := json.Unmarshal(e.call("/getUpdates", map[string]any{"token": emulatedToken, "chatId": chat}), &got); err != nil {
			e.t.Fatal(err)
		}
		for _, m := range got.Result {
			if strings.Contains(m.Message.Text, words) {
				return m.Message
			}
			heard = append(heard, m.Message.Text)
		}
		select {
		case <-end:
			e.t.Fatalf("never heard %q, but:\n%s", words, strings.Join(heard, "\n---\n"))
		case <-time.After(50 * time.Millisecond): // the interface for clients has no way to wait
		}
	}
}

// TestTelegramEmulator: the whole program talks through an emulator that others wrote: questions, commands, buttons and
// an emergency.
func TestTelegramEmulator(t *testing.T) {
	e := startEmulator(t)
	cfg := testConfig(t)
	cfg.Telegram.Token, cfg.Telegram.APIURL = config.Secret(emulatedToken), e.url
	openTestApp(t, cfg)

	e.says(41, "/sendMessage", map[string]any{"text": "trẻ em là người bao nhiêu tuổi"})
	answer := e.hears(41, "102/2016/QH13")
	helpful := ""
	for _, row := range answer.Markup.Rows {
		if strings.HasPrefix(row[0].Data, "good:") {
			helpful = row[0].Data
		}
	}
	if helpful == "" {
		t.Fatalf("the answer has no button for feedback: %+v", answer)
	}
	e.says(41, "/sendCallback", map[string]any{"data": helpful})
	e.hears(41, "Cảm ơn")

	entities := []any{map[string]any{"type": "bot_command", "offset": 0, "length": 5}}
	e.says(42, "/sendCommand", map[string]any{"text": "/menu", "entities": entities})
	if menu := e.hears(42, "hỏi về điều gì"); len(menu.Markup.Rows) < 4 {
		t.Errorf("menu %+v", menu)
	}

	e.says(43, "/sendMessage", map[string]any{"text": "cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên"})
	e.hears(43, "114")
}
