package console

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
)

// file is a fixed file of the console.
type file struct {
	kind string
	body []byte
	tag  string // tells one state of the file from another
}

var fileKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png"}

func readFiles(fsys fs.FS) (map[string]file, error) {
	names, err := fs.ReadDir(fsys, "static")
	if err != nil {
		return nil, err
	}
	all := map[string]file{}
	for _, n := range names {
		body, err := fs.ReadFile(fsys, "static/"+n.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		all[n.Name()] = file{fileKinds[path.Ext(n.Name())], body, base64.RawURLEncoding.EncodeToString(sum[:9])}
	}
	return all, nil
}

func (c *Console) file(w http.ResponseWriter, r *http.Request) {
	f, ok := c.files[r.PathValue("name")]
	if !ok {
		c.plain(w, http.StatusNotFound, c.words.in(vietnamese, "problem.not-found"))
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.RawQuery == f.tag {
		w.Header().Set("Cache-Control", "max-age=604800, immutable")
	}
	w.Write(f.body)
}
