package bot_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"treem/bot"
	"treem/bot/dialogue"
	"treem/channels"
	"treem/channels/channelstest/telegramserver"
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

// TestPhotoReachesTheOfficer: a photo sent while an officer holds the case is passed on to the officer's own chat, before
// the notice, and nowhere else; one that is gone by then holds up nothing.
func TestPhotoReachesTheOfficer(t *testing.T) {
	d := newDesk(t)
	d.says(person, emergency)
	d.press(group, officA, "case:claim:"+d.onlyCase().Ref)
	for _, chat := range []string{person, group, officA} {
		d.got(chat)
	}
	photo := func(id int64) {
		t.Helper()
		d.in(channels.Inbound{From: channels.Address{ID: person}, Kind: channels.KindMedia, Text: "ao sau nhà", MediaID: fmt.Sprint(id)})
		d.settle()
	}
	d.api.Hold(77, 9)
	d.api.Fail("copyMessage", telegramserver.Failure{Kind: telegramserver.TooMany, After: time.Second})
	d.in(channels.Inbound{From: channels.Address{ID: person}, Kind: channels.KindMedia, Text: "ao sau nhà", MediaID: "9"})
	d.check(d.Handle(t.Context(), 1))
	d.check(d.Notify(t.Context(), "telegram"))
	d.wait(time.Minute)
	d.settle()
	var copies []telegramserver.Sent
	for i, m := range d.api.Sent() {
		if m.Copied != "" {
			copies = append(copies, m)
			if next := d.api.Sent()[i+1]; next.Chat != officA || !strings.Contains(next.Text, "ao sau nhà") {
				t.Errorf("behind the photo comes %+v", next)
			}
		}
	}
	if len(copies) != 1 || copies[0].Chat != officA || copies[0].Copied != person+"/9" {
		t.Errorf("copies %+v", copies)
	}
	d.got(officA)
	photo(10) // deleted by the person meanwhile
	d.expect(officA, "ao sau nhà")
	d.expect(person)
	d.expect(group)
	if bad := d.api.Rejected(); len(bad) != 0 {
		t.Errorf("malformed calls: %q", bad)
	}
}
