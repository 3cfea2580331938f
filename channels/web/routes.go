package web

import (
	"net/http"

	"treem/channels"
)

// title is what tabs and lists of visited pages show.
const title = "Hỏi đáp"

// Routes implements channels.Router. The last one answers what nobody else does, with a neutral page.
func (c *Channel) Routes() []channels.Route {
	var all []channels.Route
	get := func(path string, h http.HandlerFunc) {
		all = append(all, channels.Route{Pattern: "GET " + path, Handler: h})
	}
	post := func(path string, h http.HandlerFunc) {
		all = append(all, channels.Route{Pattern: "POST " + path, Handler: c.guard.Handler(h)})
	}
	get("/{$}", c.chat)
	post("/{$}", c.post)
	get("/conversation", c.conversation)
	get("/events", c.events)
	post("/xoa", c.erase)
	post("/giu", c.keep)
	if c.cfg.Export != nil {
		post("/du-lieu", c.takeAlong)
	}
	post("/co-chu", c.resize)
	get("/exit", c.exit)
	post("/exit", c.exit)
	get("/rieng-tu", c.privacy)
	for name := range c.files {
		get(name, c.file)
	}
	get("/robots.txt", c.robots)
	if c.cfg.Library != nil {
		get("/chu-de", c.topics)
		get("/chu-de/{topic}", c.topic)
		get("/e/{id}", c.entry)
		get("/tim", c.searchForm)
		post("/tim", c.search)
		get("/luat", c.laws)
		get("/luat/{law}", c.law)
		get("/luat/{law}/{article}", c.article)
		get("/media/{file}", c.media)
		get("/sitemap.xml", c.sitemap)
	}
	return append(all, channels.Route{Pattern: "/", Handler: http.HandlerFunc(c.notFound)})
}
