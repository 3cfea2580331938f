package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// policy allows a page only what comes from the site itself, and nothing written into the page.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'; " +
	"manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// response is one whole answer to a request.
type response struct {
	kind  string // media type
	body  []byte
	tag   string // for pages that may be kept until they change; empty: no-store
	cache string // Cache-Control beside tag; empty: no-cache
}

// answer writes a response with the headers that every answer of the site carries, packed if the browser can unpack.
func (c *Channel) answer(w http.ResponseWriter, r *http.Request, status int, a response) {
	h := w.Header()
	c.protect(h)
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "no-store")
	if a.tag != "" {
		h.Set("ETag", `"`+a.tag+`"`)
		h.Set("Cache-Control", "no-cache")
		if a.cache != "" {
			h.Set("Cache-Control", a.cache)
		}
		if status == http.StatusOK && strings.Contains(r.Header.Get("If-None-Match"), a.tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Add("Vary", "Accept-Encoding")
	body := a.body
	if packs(r, a.kind) {
		h.Set("Content-Encoding", "gzip")
		body = pack(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(body); err != nil {
		c.log.Debug("page not delivered", "error", err)
	}
}

// protect sets what keeps other sites away from ours and ours from telling them anything. The referrer stays within the
// site: without any, older browsers would not say where a form comes from, and it would be refused.
func (c *Channel) protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if c.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func packs(r *http.Request, kind string) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && kind != "image/png"
}

func pack(body []byte) []byte {
	var out bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&out)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return out.Bytes()
}

// frame is what every page shows around what it is about.
type frame struct {
	Title       string // of the browser's window: neutral on pages that are about the person
	Heading     string // for link previews; empty: Title
	Description string
	Path        string // of the page itself, its canonical address
	Back        string // where changing the size of text leads; empty: Path
	Public      string // scheme and host; empty: not known
	Index       bool   // search engines may list the page
	Text        bool   // it is a text to read, not a list or a form
	Exit        string
	Size        string
	Nonce       string // makes a twice-sent form one message
	Reading     bool   // there are pages to read
}

// page is anything a template shows.
type page interface{ setFrame(frame) }

func (f *frame) setFrame(around frame) {
	around.Title, around.Heading, around.Description = f.Title, f.Heading, f.Description
	around.Index, around.Text, around.Nonce = f.Index, f.Text, f.Nonce
	around.Back = cmp.Or(f.Back, around.Path)
	*f = around
}

// show writes a page, only when it is whole. Pages that may be listed may also be kept until they change; those of a
// person never are.
func (c *Channel) show(w http.ResponseWriter, r *http.Request, status int, name string, p page, public bool) {
	p.setFrame(frame{Path: r.URL.Path, Public: c.public, Exit: c.cfg.QuickExit, Size: size(r), Reading: c.cfg.Library != nil})
	var body bytes.Buffer
	if err := c.pages.ExecuteTemplate(&body, name, p); err != nil {
		c.log.Error("page could not be made", "page", name, "error", err)
		c.protect(w.Header())
		http.Error(w, "Trang đang gặp lỗi. Cần giúp ngay, hãy gọi 111.", http.StatusInternalServerError)
		return
	}
	a := response{kind: "text/html; charset=utf-8", body: body.Bytes()}
	if public && status == http.StatusOK {
		a.tag = tagOf(a.body)
		w.Header().Add("Vary", "Cookie")
	}
	c.answer(w, r, status, a)
}

// troublePage says in plain words why there is nothing else to see.
type troublePage struct {
	frame
	Why string
}

// trouble shows a page about what went wrong. Its title is neutral and it repeats nothing of the request.
func (c *Channel) trouble(w http.ResponseWriter, r *http.Request, status int, why string) {
	if scripted(r) {
		c.protect(w.Header())
		http.Error(w, why, status)
		return
	}
	c.show(w, r, status, "trouble.html", &troublePage{frame{Title: title, Back: "/"}, why}, false)
}

func (c *Channel) notFound(w http.ResponseWriter, r *http.Request) {
	c.trouble(w, r, http.StatusNotFound, "Không có trang này, hoặc trang đã được dời đi.")
}

// scripted says whether the page's script asks, which shows what went wrong by itself.
func scripted(r *http.Request) bool { return r.Header.Get("X-Requested-With") == "fetch" }
