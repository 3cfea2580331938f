package telegram

import (
	"html/template"
	"net/http"
	"regexp"
	"strings"

	"treem/channels"
)

// callPath is where the pages to call from stand, below PublicURL.
const callPath = "/goi/"

// callable are the numbers that have a page: short public ones only, so that nobody can make this site dial another.
var callable = regexp.MustCompile(`^11[0-9]$`)

// links are the addresses buttons can open now.
func (c *Channel) links() links {
	to := links{call: c.callPage, label: c.callLabel}
	if me := c.me.Load(); me != nil && me.Username != "" {
		to.private = "https://t.me/" + me.Username + "?start=rieng"
	}
	return to
}

// callPage is the address of our page to call number from; empty where there is none. Apps open only https.
func (c *Channel) callPage(number string) string {
	if c.cfg.CallLabel == "" || !strings.HasPrefix(c.cfg.PublicURL, "https://") || !callable.MatchString(number) {
		return ""
	}
	return strings.TrimRight(c.cfg.PublicURL, "/") + callPath + number
}

func (c *Channel) callLabel(number string) string {
	return strings.ReplaceAll(c.cfg.CallLabel, "{number}", number)
}

// callRoute serves the pages to call from.
func (c *Channel) callRoute() channels.Route {
	return channels.Route{Pattern: "GET " + callPath + "{number}", Handler: http.HandlerFunc(c.serveCall)}
}

// page is one number, as large as the screen, on a page that names nothing else and loads nothing.
var page = template.Must(template.New("call").Parse(`<!DOCTYPE html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Number}}</title>
<p style="text-align:center;font:bold 2.5rem sans-serif;margin-top:30vh"><a href="tel:{{.Number}}">☎ {{.Label}}</a></p>
</html>
`))

func (c *Channel) serveCall(w http.ResponseWriter, r *http.Request) {
	number := r.PathValue("number")
	if !callable.MatchString(number) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // nothing of it stays on the phone
	_ = page.Execute(w, map[string]string{"Number": number, "Label": c.callLabel(number)})
}
