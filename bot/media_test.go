package bot_test

import (
	"bytes"
	"image"
	"image/png"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/channels"
	"treem/kb"
	"treem/kb/content"
)

// illustrated is the real content with a picture in two languages at one entry.
func illustrated(t *testing.T, entry string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(content.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(content.FS, name)
		if strings.HasSuffix(name, "/"+entry+".md") {
			data = bytes.Replace(data, []byte("\nrelated:"), []byte("\nmedia:\n  - {file: cho.png, kind: image, lang: vi, caption: Chở bé an toàn}\n"+
				"  - {file: cho.png, kind: image, lang: en, caption: Ride safely}\nrelated:"), 1)
		}
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	files["media/cho.png"] = &fstest.MapFile{Data: b.Bytes()}
	return files
}

// TestPicturesOfAnEntry: an answer's picture follows it, in the reader's language, and is uploaded once for all.
func TestPicturesOfAnEntry(t *testing.T) {
	const entry = "abuse-after-assault"
	files := illustrated(t, entry)
	c, err := kb.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	book, err := dialogue.ReadBook(files, c)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	d.Responder.Latest = func() (*dialogue.Book, bot.Searcher) { return book, d.Responder.Search }
	for _, who := range []string{"77", "78"} {
		d.press(who, "", "entry:"+entry)
		sent := d.api.Sent()
		last, before := sent[len(sent)-1], sent[len(sent)-2]
		if last.File == "" || last.Text != "Chở bé an toàn" || last.Chat != who || !strings.Contains(before.Text, "113") {
			t.Errorf("last %+v, after %q", last, before.Text)
		}
	}
	if d.api.Uploads() != 1 {
		t.Errorf("%d uploads", d.api.Uploads())
	}

	// A picture taken out of the content while it waits keeps nobody waiting.
	d.in(channels.Inbound{From: channels.Address{ID: "79"}, Kind: channels.KindChoice, Payload: "entry:" + entry})
	d.check(d.Handle(t.Context(), 3))
	delete(files.(fstest.MapFS), "media/cho.png")
	d.settle()
	if sent := d.api.Sent(); sent[len(sent)-1].File != "" {
		t.Errorf("sent %+v", sent[len(sent)-1])
	}
}
