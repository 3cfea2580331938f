package web

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"treem/channels"
	"treem/channels/posted"
)

// listPage is a list of things to read: the topics, the entries of one, the laws.
type listPage struct {
	frame
	H1     string
	Lead   string
	Topics []Topic
	Links  []Link
	Up     bool // the list of topics stands above it
}

func (c *Channel) topics(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, http.StatusOK, "list.html", &listPage{frame: frame{Title: "Đọc theo chủ đề", Index: true,
		Description: "Câu trả lời về quyền trẻ em, phòng đuối nước, dấu hiệu xâm hại và cách tìm trợ giúp, có ghi căn cứ luật."},
		H1: "Đọc theo chủ đề", Topics: c.cfg.Library.Topics()}, true)
}

func (c *Channel) topic(w http.ResponseWriter, r *http.Request) {
	t, entries, ok := c.cfg.Library.Topic(r.PathValue("topic"))
	if !ok {
		c.notFound(w, r)
		return
	}
	c.show(w, r, http.StatusOK, "list.html", &listPage{frame: frame{Title: t.Label, Description: "Các câu trả lời: " + t.Label + ".", Index: true},
		H1: t.Label, Links: entries, Up: true}, true)
}

func (c *Channel) laws(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, http.StatusOK, "list.html", &listPage{frame: frame{Title: "Văn bản luật", Index: true,
		Description: "Tóm tắt bằng lời dễ hiểu những văn bản luật về trẻ em, từng điều một."},
		H1: "Văn bản luật", Lead: "Tóm tắt bằng lời dễ hiểu, không phải nguyên văn.", Links: c.cfg.Library.Laws()}, true)
}

type entryPage struct {
	frame
	Entry Entry
}

func (c *Channel) entry(w http.ResponseWriter, r *http.Request) {
	e, ok := c.cfg.Library.Entry(r.PathValue("id"))
	if !ok {
		c.notFound(w, r)
		return
	}
	p := &entryPage{frame{Title: e.Title, Heading: e.Title, Index: true, Text: true}, e}
	if e.Discreet {
		p.frame.Title = title
	}
	if len(e.Answers) > 0 {
		p.Description = summary(e.Answers[0].Text)
	}
	c.show(w, r, http.StatusOK, "entry.html", p, true)
}

type lawPage struct {
	frame
	Law Law
}

func (c *Channel) law(w http.ResponseWriter, r *http.Request) {
	l, ok := c.cfg.Library.Law(r.PathValue("law"))
	if !ok {
		c.notFound(w, r)
		return
	}
	c.show(w, r, http.StatusOK, "law.html", &lawPage{frame{Title: l.Name, Description: summary(l.Sheet), Index: true, Text: true}, l}, true)
}

type articlePage struct {
	frame
	Article Article
	H1      string
}

func (c *Channel) article(w http.ResponseWriter, r *http.Request) {
	number, isArticle := strings.CutPrefix(r.PathValue("article"), "dieu-")
	a, ok := Article{}, false
	if isArticle {
		a, ok = c.cfg.Library.Article(r.PathValue("law"), number)
	}
	if !ok {
		c.notFound(w, r)
		return
	}
	heading := strings.TrimSuffix(fmt.Sprintf("Điều %s. %s", a.Number, a.Title), ". ")
	c.show(w, r, http.StatusOK, "article.html", &articlePage{frame{Title: fmt.Sprintf("Điều %s %s", a.Number, a.Law.Title),
		Heading: heading + " (" + a.Law.Title + ")", Description: summary(cmp.Or(a.Digest, a.Full)), Index: true, Text: true}, a, heading}, true)
}

// searchPage shows what was found for a text. The text is posted and stands in no address: neither the browser's history
// nor any log along the way holds it.
type searchPage struct {
	frame
	Text   string
	Asked  bool
	Urgent bool // the text sounds as if somebody were in danger: the numbers to call come first
	Links  []Link
	Notice string
}

func (c *Channel) searchForm(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, http.StatusOK, "search.html", &searchPage{frame: frame{Title: "Tìm bài đọc"}}, true)
}

// maxSearch is the longest text in bytes that is searched for; a longer one is a message for the chat.
const maxSearch = 2000

func (c *Channel) search(w http.ResponseWriter, r *http.Request) {
	form, status := posted.Form(w, r, maxForm)
	p := &searchPage{frame: frame{Title: "Tìm bài đọc", Nonce: rand.Text()}}
	p.Text = channels.CleanText(form.Get("text"))
	p.Urgent = c.urgent(p.Text)
	switch text := strings.TrimSpace(p.Text); {
	case status != http.StatusOK:
		p.Notice = "Chữ gửi sai dạng hoặc quá dài. Xin thử lại."
	case text == "":
		status, p.Notice = http.StatusBadRequest, "Ô tìm còn trống. Xin gõ vài chữ rồi bấm Tìm."
	case !c.limits.allow(r) && !p.Urgent:
		status, p.Notice = http.StatusTooManyRequests, tooMany
		w.Header().Set("Retry-After", "60")
	case len(text) > maxSearch:
		p.Asked = true
	default:
		var err error
		p.Asked = true
		if p.Links, err = c.cfg.Library.Search(r.Context(), text); err != nil {
			c.log.Error("search failed; the person was asked to try again", "error", err)
			status, p.Notice = http.StatusServiceUnavailable, "Phần tìm đang tạm dừng. Xin thử lại sau ít phút, hoặc đọc theo chủ đề."
		}
	}
	c.show(w, r, status, "search.html", p, false)
}

var mediaTypes = map[string]string{".jpg": "image/jpeg", ".png": "image/png", ".ogg": "audio/ogg", ".mp3": "audio/mpeg"}

// media serves a picture or recording, also in parts, as players ask for it.
func (c *Channel) media(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kind, known := mediaTypes[path.Ext(name)]
	if !known || !fs.ValidPath(name) {
		c.notFound(w, r)
		return
	}
	f, err := c.cfg.Library.Media(name)
	if err != nil {
		c.notFound(w, r)
		return
	}
	defer f.Close()
	body, err := io.ReadAll(f)
	if err != nil {
		c.log.Error("media file could not be read", "error", err)
		c.trouble(w, r, http.StatusInternalServerError, "Chưa mở được tệp này.")
		return
	}
	c.protect(w.Header())
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", `"`+tagOf(body)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

type siteMap struct {
	XMLName xml.Name  `xml:"urlset"`
	Space   string    `xml:"xmlns,attr"`
	Pages   []siteURL `xml:"url"`
}

type siteURL struct {
	Address string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

// sitemap lists every page there is to read.
func (c *Channel) sitemap(w http.ResponseWriter, r *http.Request) {
	m := siteMap{Space: "http://www.sitemaps.org/schemas/sitemap/0.9"}
	add := func(links ...Link) {
		for _, l := range links {
			u := siteURL{Address: c.base(r) + l.Path}
			if !l.Checked.IsZero() {
				u.Changed = l.Checked.Format(time.DateOnly)
			}
			m.Pages = append(m.Pages, u)
		}
	}
	add(Link{Path: "/"}, Link{Path: "/chu-de"}, Link{Path: "/luat"}, Link{Path: "/rieng-tu"})
	for _, t := range c.cfg.Library.Topics() {
		_, entries, _ := c.cfg.Library.Topic(t.Name)
		add(Link{Path: "/chu-de/" + t.Name})
		add(entries...)
	}
	laws := c.cfg.Library.Laws()
	add(laws...)
	for _, l := range laws {
		if law, ok := c.cfg.Library.Law(path.Base(l.Path)); ok {
			add(law.Articles...)
		}
	}
	body, err := xml.MarshalIndent(m, "", " ")
	if err != nil {
		c.log.Error("site map could not be made", "error", err)
		c.trouble(w, r, http.StatusInternalServerError, "Trang đang gặp lỗi.")
		return
	}
	body = append([]byte(xml.Header), body...)
	c.answer(w, r, http.StatusOK, response{kind: "application/xml; charset=utf-8", body: body, tag: tagOf(body)})
}

func (c *Channel) robots(w http.ResponseWriter, r *http.Request) {
	text := "User-agent: *\nDisallow: /conversation\nDisallow: /events\nDisallow: /exit\n"
	if c.cfg.Library != nil {
		text += "Sitemap: " + c.base(r) + "/sitemap.xml\n"
	}
	body := []byte(text)
	c.answer(w, r, http.StatusOK, response{kind: "text/plain; charset=utf-8", body: body, tag: tagOf(body)})
}

// base is the site's own address: the configured one, else the one that was asked.
func (c *Channel) base(r *http.Request) string {
	if c.public != "" {
		return c.public
	}
	return "http://" + r.Host
}
