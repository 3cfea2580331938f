package kb

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Limits of a content set.
const (
	maxContentFile = 16 << 20
	maxContentSet  = 256 << 20
	maxContentNum  = 20_000
)

// contentFile reports whether a file belongs to the content: the phrase files at the top, and everything below a folder
// but hidden files and source code.
func contentFile(name string) bool {
	if strings.HasPrefix(path.Base(name), ".") || strings.Contains(name, "/.") || path.Ext(name) == ".go" {
		return false
	}
	return strings.Contains(name, "/") || path.Ext(name) == ".yaml"
}

// Files reads the content files below fsys, by path. left are the files that are no content. It follows no links and
// bounds what it reads.
func Files(fsys fs.FS) (files map[string][]byte, left []string, err error) {
	files = map[string][]byte{}
	size := int64(0)
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		case !d.Type().IsRegular() || !contentFile(name):
			left = append(left, name)
			return nil
		}
		f, err := fsys.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, maxContentFile+1))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if size += int64(len(data)); len(data) > maxContentFile || size > maxContentSet || len(files) >= maxContentNum {
			return fmt.Errorf("%s: too much for a content set: at most %d MB a file, %d MB and %d files in all", name, maxContentFile>>20, maxContentSet>>20, maxContentNum)
		}
		files[name] = data
		return nil
	})
	return files, left, err
}

// Pack puts content files into one archive, which is the same for the same files. Hash is their fingerprint.
func Pack(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range sortedKeys(files) {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		if _, err := f.Write(files[name]); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

// Hash is the fingerprint of content files, hexadecimal.
func Hash(files map[string][]byte) string {
	h := sha256.New()
	for _, name := range sortedKeys(files) {
		fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(files[name]))
		h.Write(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ContentSet is content that staff stored in place of what the program carries.
type ContentSet struct {
	StoredAt time.Time
	Base     string // Hash of the content that the program carried then
	Archive  []byte // as Pack made it
}

// FS opens the set.
func (s *ContentSet) FS() (fs.FS, error) {
	z, err := zip.NewReader(bytes.NewReader(s.Archive), int64(len(s.Archive)))
	if err != nil {
		return nil, fmt.Errorf("stored content: %w", err)
	}
	return z, nil
}

// Newer reports whether the set takes the place of what the program carries. It does until a later program brings content
// that was checked after the set was stored: then staff export, merge and import again.
func (s *ContentSet) Newer(carriedHash string, carried *Content) bool {
	return s != nil && (s.Base == carriedHash || !carried.NewestCheck().After(s.StoredAt))
}

// NewestCheck is the last day on which anything in the content was compared with its sources.
func (c *Content) NewestCheck() time.Time {
	var newest time.Time
	note := func(on time.Time) {
		if on.After(newest) {
			newest = on
		}
	}
	for _, e := range c.Entries {
		note(e.CheckedOn)
	}
	for _, l := range c.Laws {
		note(l.CheckedOn)
	}
	for _, f := range c.Facts {
		note(f.CheckedOn)
	}
	return newest
}

// CheckFiles says whether the files can be a content set at all.
func CheckFiles(files map[string][]byte) error {
	for name := range files {
		if strings.HasPrefix(name, "entries/") {
			return nil
		}
	}
	return errors.New("no entries found: a content folder has entries/, laws/, facts/ and the phrase files")
}
