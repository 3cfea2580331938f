package web

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"treem/channels"
	"treem/channels/posted"
)

// Routes implements channels.Router.
func (c *Channel) Routes() []channels.Route {
	static, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	guard := http.NewCrossOriginProtection()
	files := http.FileServerFS(static)
	return []channels.Route{
		{Pattern: "GET /{$}", Handler: http.HandlerFunc(c.page)},
		{Pattern: "POST /{$}", Handler: guard.Handler(http.HandlerFunc(c.post))},
		{Pattern: "GET /conversation", Handler: http.HandlerFunc(c.conversation)},
		{Pattern: "GET /events", Handler: http.HandlerFunc(c.events)},
		{Pattern: "GET /exit", Handler: http.HandlerFunc(c.exit)},
		{Pattern: "GET /chat.css", Handler: files},
		{Pattern: "GET /chat.js", Handler: files},
	}
}

// pageData is what the page shows.
type pageData struct {
	Lines   []channels.Line
	Newest  int // index of the person's latest line, to which the page scrolls; -1: none
	Waiting bool
	Nonce   string // makes a twice-sent form one message
	Notice  string // what went wrong with the last message, in plain words
	Draft   string // the text that could not be sent
	Welcome channels.Outbound
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

func (c *Channel) page(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusOK, "page.html", pageData{})
}

// conversation is the part of the page that a script replaces.
func (c *Channel) conversation(w http.ResponseWriter, r *http.Request) {
	c.render(w, r, http.StatusOK, "conversation.html", pageData{})
}

// render fills in what was said and writes the page only when it is whole.
func (c *Channel) render(w http.ResponseWriter, r *http.Request, status int, name string, d pageData) {
	d.Nonce, d.Welcome, d.Newest = rand.Text(), c.cfg.Welcome, -1
	if s := session(r); s != "" {
		var err error
		if d.Lines, d.Waiting, err = c.transcripts.Transcript(r.Context(), address(s), shownLines); err != nil {
			c.log.Error("transcript could not be read; the page is shown without it", "error", err)
			d.Notice = "Chưa tải được cuộc trò chuyện. Cần giúp ngay, hãy gọi 111."
		}
	}
	for i, l := range d.Lines {
		if l.FromPerson {
			d.Newest = i
		}
	}
	var page bytes.Buffer
	if err := c.pages.ExecuteTemplate(&page, name, d); err != nil {
		c.log.Error("page could not be made", "page", name, "error", err)
		http.Error(w, "Trang đang gặp lỗi. Cần giúp ngay, hãy gọi 111.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := page.WriteTo(w); err != nil {
		c.log.Debug("page not delivered", "error", err)
	}
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
	if !c.limits.allow(r) && (c.cfg.Urgent == nil || !c.cfg.Urgent(in.Text)) {
		w.Header().Set("Retry-After", "60")
		c.refuse(w, r, http.StatusTooManyRequests, in.Text, "Có quá nhiều tin trong một phút. Xin chờ một chút rồi gửi lại. Cần giúp ngay, hãy gọi 111.")
		return
	}
	s := session(r)
	if s == "" {
		s = c.begin(w)
	}
	in.From = address(s)
	in.ProviderID = s[:8] + in.ProviderID
	news, done := c.wait(s)
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
	if r.Header.Get("X-Requested-With") == "fetch" {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	c.waitForAnswer(r, s, news)
	http.Redirect(w, r, "/#moi", http.StatusSeeOther)
}

// refuse says what went wrong and gives the text back, so that nothing has to be typed twice.
func (c *Channel) refuse(w http.ResponseWriter, r *http.Request, status int, draft, why string) {
	if r.Header.Get("X-Requested-With") == "fetch" {
		http.Error(w, why, status)
		return
	}
	c.render(w, r, status, "page.html", pageData{Notice: why, Draft: draft})
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

// waitForAnswer lets a page without script come back with the answer, if it is quick.
func (c *Channel) waitForAnswer(r *http.Request, s string, news <-chan struct{}) {
	limit := time.NewTimer(c.cfg.AnswerWait)
	defer limit.Stop()
	for {
		select {
		case <-news:
			if _, waiting, err := c.transcripts.Transcript(r.Context(), address(s), 1); err != nil || !waiting {
				return
			}
		case <-limit.C:
			return
		case <-c.stopped:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// keepAlive is how often an open page is told to look again: news of another machine does not wake it.
const keepAlive = 15 * time.Second

// events tells a script when to fetch the conversation anew (server-sent events).
func (c *Channel) events(w http.ResponseWriter, r *http.Request) {
	s := session(r)
	if s == "" {
		w.WriteHeader(http.StatusNoContent) // tells the browser not to come back
		return
	}
	out := http.NewResponseController(w)
	if err := out.SetWriteDeadline(time.Time{}); err != nil {
		http.Error(w, "events are not supported here", http.StatusNotImplemented)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	news, done := c.wait(s)
	defer done()
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		if _, err := fmt.Fprint(w, "data: new\n\n"); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-news:
		case <-tick.C:
		case <-c.stopped:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// exit leaves quickly: the session is forgotten and a harmless page opens in its place.
func (c *Channel) exit(w http.ResponseWriter, r *http.Request) {
	c.end(w)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	http.Redirect(w, r, c.cfg.QuickExit, http.StatusSeeOther)
}
