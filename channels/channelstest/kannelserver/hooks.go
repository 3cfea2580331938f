package kannelserver

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Message is what a person wrote, as smsbox has it.
type Message struct {
	ID       string // Kannel's, for %I
	From, To string
	Text     string
	Time     time.Time
	Binary   bool // no text, but data
}

// Post makes one request as smsbox does by post-url with send-sender and mo-recode, and returns the status of the
// answer. An answer with words in it is an error: Kannel would send them to the person.
func (s *Server) Post(ctx context.Context, pattern string, m Message) (int, error) {
	address := strings.ReplaceAll(pattern, "%I", url.QueryEscape(m.ID))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(m.Text))
	if err != nil {
		return 0, fmt.Errorf("kannelserver: %w", err)
	}
	req.Header.Set("Content-Type", `text/plain; charset="UTF-8"`)
	req.Header.Set("X-Kannel-Coding", "0")
	if m.Binary {
		req.Header.Set("Content-Type", "application/octet-stream")
		req.Header.Set("X-Kannel-Coding", "1")
	}
	req.Header.Set("X-Kannel-From", m.From)
	req.Header.Set("X-Kannel-To", m.To)
	req.Header.Set("X-Kannel-Time", m.Time.UTC().Format(time.DateTime))
	req.Header.Set("X-Kannel-SMSC", "operator")
	req.Header.Set("X-Kannel-Service", "default")
	return s.call(req)
}

// Get makes one request as smsbox does by get-url, with these escapes filled in: %I, %p, %P, %b, %t.
func (s *Server) Get(ctx context.Context, pattern string, m Message) (int, error) {
	address := strings.NewReplacer("%I", url.QueryEscape(m.ID), "%p", url.QueryEscape(m.From), "%P", url.QueryEscape(m.To),
		"%b", url.QueryEscape(m.Text), "%t", url.QueryEscape(m.Time.UTC().Format(time.DateTime))).Replace(pattern)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, fmt.Errorf("kannelserver: %w", err)
	}
	return s.call(req)
}

// Report makes one delivery report on a message it took, of this kind: 1 delivered, 2 failed, 4 queued, 8 submitted, 16
// rejected. One that the message did not ask for is an error.
func (s *Server) Report(ctx context.Context, m Sent, kind int, meta string) (int, error) {
	if m.Mask&kind == 0 {
		return 0, fmt.Errorf("kannelserver: the message asked for reports %d, not for %d", m.Mask, kind)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, expand(m.URL, strconv.Itoa(kind), meta), nil)
	if err != nil {
		return 0, fmt.Errorf("kannelserver: %w", err)
	}
	return s.call(req)
}

// call sends a request; user and password in its address go as HTTP Basic, as Kannel does it.
func (s *Server) call(req *http.Request) (int, error) {
	req.Header.Set("User-Agent", "Kannel/1.4.5")
	if u := req.URL.User; u != nil {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
		req.URL.User = nil
	}
	resp, err := s.hooks.Do(req)
	if err != nil {
		return 0, fmt.Errorf("kannelserver: %w", err)
	}
	defer resp.Body.Close()
	words, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return 0, fmt.Errorf("kannelserver: %w", err)
	}
	if resp.StatusCode == http.StatusOK && len(words) > 0 {
		s.Reject("the answer to a message has words in it")
		return resp.StatusCode, fmt.Errorf("kannelserver: the answer has words in it")
	}
	return resp.StatusCode, nil
}
