package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"treem/channels"
	"treem/channels/posted"
)

// chatPage is the start page, and the conversation once there is one.
type chatPage struct {
	frame
	Lines   []shownLine
	Newest  int // index of the person's latest line, to which the page scrolls; -1: none
	Waiting bool
	Version string // tells one state of the conversation from another
	Kept    bool
	Notice  string // what went wrong with the last message, in plain words
	Draft   string // the text that could not be sent
	Welcome channels.Outbound
	Topics  []Topic
	CanTake bool // what is stored can be taken along
}

// shownLine is one message on the page.
type shownLine struct {
	channels.Line
	Key string // tells it from the others, so that a script need not replace what is already there
}

// buttonsData is what the buttons of one message need.
type buttonsData struct {
	Nonce   string
	Buttons [][]channels.Button
}

func withNonce(nonce string, b [][]channels.Button) buttonsData { return buttonsData{nonce, b} }

const shownLines = 60

// maxForm bounds a posted form: texts of several times MaxText are still taken, and cut, rather than refused.
const maxForm = 16 * channels.MaxText

func (c *Channel) chat(w http.ResponseWriter, r *http.Request) {
	c.showChat(w, r, http.StatusOK, "chat.html", c.visit(r), chatPage{})
}

// conversation is the part of the page that a script replaces.
func (c *Channel) conversation(w http.ResponseWriter, r *http.Request) {
	c.showChat(w, r, http.StatusOK, "conversation.html", c.visit(r), chatPage{})
}

// showChat fills in what was said and writes the page.
func (c *Channel) showChat(w http.ResponseWriter, r *http.Request, status int, name string, v visit, p chatPage) {
	p.frame = frame{Title: title, Description: "Quyền trẻ em, phòng đuối nước, dấu hiệu xâm hại và cách tìm trợ giúp.", Nonce: rand.Text()}
	p.Welcome, p.Newest, p.Kept, p.CanTake = c.cfg.Welcome(), -1, v.kept, c.cfg.Export != nil
	lines, waiting, err := c.said(r.Context(), v)
	if err != nil {
		c.log.Error("transcript could not be read; the page is shown without it", "error", err)
		p.Notice = "Chưa tải được cuộc trò chuyện. Cần giúp ngay, hãy gọi 111."
	}
	p.Waiting, p.Version = waiting, version(lines, waiting)
	for i, l := range lines {
		p.Lines = append(p.Lines, shownLine{l, key(l)})
		if l.FromPerson {
			p.Newest = i
		}
	}
	if c.cfg.Library != nil && len(lines) == 0 {
		p.Topics = c.cfg.Library.Topics()
	}
	p.Index = v.session == "" && status == http.StatusOK && name == "chat.html"
	c.show(w, r, status, name, &p, false)
}

// said is what the browser's owner may see of the conversation.
func (c *Channel) said(ctx context.Context, v visit) (lines []channels.Line, waiting bool, err error) {
	if v.session == "" {
		return nil, false, nil
	}
	all, waiting, err := c.transcripts.Transcript(ctx, address(v.session), shownLines)
	for _, l := range all {
		if v.hidden.IsZero() || l.At.After(v.hidden) {
			lines = append(lines, l)
		}
	}
	return lines, waiting, err
}

func key(l channels.Line) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%t %d %s %v", l.FromPerson, l.At.UnixNano(), l.Text, l.Buttons))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// version tells one state of a conversation from another.
func version(lines []channels.Line, waiting bool) string {
	var all bytes.Buffer
	for _, l := range lines {
		all.WriteString(key(l))
	}
	return tagOf(fmt.Appendf(all.Bytes(), " %t", waiting))
}

// post takes a message. It is answered only after the message is stored.
func (c *Channel) post(w http.ResponseWriter, r *http.Request) {
	sink := c.openSink()
	if sink == nil {
		c.refuse(w, r, http.StatusServiceUnavailable, "", "Dịch vụ đang khởi động lại. Xin gửi lại sau một phút. Cần giúp ngay, hãy gọi 111.")
		return
	}
	in, status, problem := c.read(w, r)
	if problem != "" {
		c.refuse(w, r, status, in.Text, problem)
		return
	}
	if !c.limits.allow(r) && !c.urgent(in.Text) {
		w.Header().Set("Retry-After", "60")
		c.refuse(w, r, http.StatusTooManyRequests, in.Text, tooMany)
		return
	}
	v := begin(c.visit(r))
	if in.Payload == payloadHide {
		v.hidden = c.now()
	}
	in.From = address(v.session)
	in.ProviderID = v.session[:8] + in.ProviderID
	news, done := c.wait(v.session)
	defer done()
	if err := sink.Accept(r.Context(), in); err != nil {
		c.log.Error("message not stored; the person was asked to send it again", "error", err)
		why := "Tin chưa được nhận. Xin gửi lại. Cần giúp ngay, hãy gọi 111."
		var urgent *channels.NotStored
		if errors.As(err, &urgent) {
			why = urgent.Say + "\n" + why
		}
		c.refuse(w, r, http.StatusServiceUnavailable, in.Text, why)
		return
	}
	c.remember(w, v)
	c.protect(w.Header())
	w.Header().Set("Cache-Control", "no-store")
	if scripted(r) {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	c.waitForAnswer(r.Context(), v.session, news)
	http.Redirect(w, r, "/#moi", http.StatusSeeOther)
}

const tooMany = "Có quá nhiều tin trong một phút. Xin chờ một chút rồi gửi lại. Cần giúp ngay, hãy gọi 111."

// payloadHide is what the button sends that takes a conversation off the screen without ending it.
const payloadHide = "hide"

func (c *Channel) urgent(text string) bool { return c.cfg.Urgent != nil && c.cfg.Urgent(text) }

// refuse says what went wrong and gives the text back, so that nothing has to be typed twice.
func (c *Channel) refuse(w http.ResponseWriter, r *http.Request, status int, draft, why string) {
	if scripted(r) {
		c.trouble(w, r, status, why)
		return
	}
	c.showChat(w, r, status, "chat.html", c.visit(r), chatPage{Notice: why, Draft: draft})
}

// read takes the message out of the form. problem is empty if it is fit to be stored.
func (c *Channel) read(w http.ResponseWriter, r *http.Request) (in channels.Inbound, status int, problem string) {
	form, status := posted.Form(w, r, maxForm)
	switch status {
	case http.StatusOK:
	case http.StatusRequestEntityTooLarge:
		return in, status, "Tin quá dài. Xin gửi ngắn hơn, hoặc chia thành vài tin."
	default:
		return in, status, "Tin gửi sai dạng. Xin tải lại trang rồi gửi lại."
	}
	in = channels.Inbound{Kind: channels.KindText, Text: channels.CleanText(form.Get("text")), SentAt: c.now(), ProviderID: form.Get("nonce")}
	if p := form.Get("choice"); p != "" {
		in.Kind, in.Payload, in.Text = channels.KindChoice, p, ""
		if len(p) > 200 || !utf8.ValidString(p) {
			return in, http.StatusBadRequest, "Lựa chọn này không còn nữa. Xin tải lại trang."
		}
		in.ProviderID += "/" + p // two buttons of one page are two messages
	}
	if len(in.ProviderID) < sessionLength || len(in.ProviderID) > sessionLength+300 {
		in.ProviderID = rand.Text()
	}
	if in.Kind == channels.KindText && strings.TrimSpace(in.Text) == "" {
		return in, http.StatusBadRequest, "Tin còn trống. Xin gõ câu hỏi rồi bấm Gửi."
	}
	return in, 0, ""
}

// waitForAnswer lets a page without script come back with the answer, if it is quick, and says whether it was.
func (c *Channel) waitForAnswer(ctx context.Context, s string, news <-chan struct{}) (answered bool) {
	limit := time.NewTimer(c.cfg.AnswerWait)
	defer limit.Stop()
	for {
		select {
		case <-news:
			_, waiting, err := c.transcripts.Transcript(ctx, address(s), 1)
			if err != nil || !waiting {
				return err == nil
			}
		case <-limit.C:
			return false
		case <-c.stopped:
			return false
		case <-ctx.Done():
			return false
		}
	}
}
