package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
)

//go:embed assets
var assets embed.FS

// file is one fixed file of the site.
type file struct {
	kind string // media type
	body []byte
	tag  string // tells one state of the file from another
}

// files are the fixed files by their path.
type files map[string]file

var fileTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
	".webmanifest": "application/manifest+json",
}

// readFiles reads the files once. The service worker carries the page it shows while there is no network within itself,
// so that it need not put anything into the browser's cache.
func readFiles() (files, error) {
	all := files{}
	err := fs.WalkDir(assets, "assets", func(name string, d fs.DirEntry, err error) error {
		kind, known := fileTypes[path.Ext(name)]
		if err != nil || d.IsDir() || !known {
			return err
		}
		body, err := assets.ReadFile(name)
		all["/"+path.Base(name)] = file{kind: kind, body: body, tag: tagOf(body)}
		return err
	})
	if err != nil {
		return nil, err
	}
	offline, err := assets.ReadFile("assets/offline.html")
	if err != nil {
		return nil, err
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindSubmatch(offline)
	if style == nil {
		return nil, fmt.Errorf("assets/offline.html has no style")
	}
	sum := sha256.Sum256(style[1])
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	values, err := json.Marshal(map[string]string{"page": string(offline), "policy": policy})
	if err != nil {
		return nil, err
	}
	worker := all["/sw.js"]
	worker.body = bytes.Replace(worker.body, []byte("OFFLINE"), values, 1)
	worker.tag = tagOf(worker.body)
	all["/sw.js"] = worker
	return all, nil
}

func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// address is the path of a file with the state it is in, so that browsers need not ask whether it changed.
func (f files) address(name string) string { return name + "?" + f[name].tag }

// file serves a fixed file.
func (c *Channel) file(w http.ResponseWriter, r *http.Request) {
	one, ok := c.files[r.URL.Path]
	if !ok {
		c.notFound(w, r)
		return
	}
	age := "no-cache"
	if r.URL.RawQuery == one.tag {
		age = "max-age=604800, immutable"
	}
	c.answer(w, r, http.StatusOK, response{kind: one.kind, body: one.body, tag: one.tag, cache: age})
}
