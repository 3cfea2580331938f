package editorial_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/bot/editorial"
	"treem/kb"
	"treem/kb/content"
	"treem/kb/vitext"
)

var now = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

func contentFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files, _, err := kb.Files(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func load(t *testing.T, files map[string][]byte) *kb.Content {
	t.Helper()
	archive, err := kb.Pack(files)
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := (&kb.ContentSet{Archive: archive}).FS()
	if err != nil {
		t.Fatal(err)
	}
	c, err := kb.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every entry of the content goes through the form and back without a loss: written anew, the content is the same.
func TestFormLosesNothing(t *testing.T) {
	files := contentFiles(t)
	before := load(t, files)
	n := 0
	for name, data := range files {
		if !strings.HasPrefix(name, "entries/") {
			continue
		}
		f, err := editorial.Read(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if files[name], err = f.Write(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := editorial.Read(files[name])
		if err != nil || !reflect.DeepEqual(f, again) {
			t.Fatalf("%s: written and read again it differs: %v\n%+v\n%+v", name, err, f, again)
		}
		cites, err := editorial.ParseCitations(editorial.CitationLines(f.Citations))
		if err != nil || !slices.Equal(cites, f.Citations) {
			t.Errorf("%s: citations %v came back as %v, %v", name, f.Citations, cites, err)
		}
		n++
	}
	if n < 200 {
		t.Fatalf("only %d entries", n)
	}
	after := load(t, files)
	for i, e := range before.Entries {
		if !reflect.DeepEqual(e, after.Entries[i]) {
			t.Errorf("%s differs:\n%+v\n%+v", e.ID, e, after.Entries[i])
		}
	}
}

func TestFormTakesHostileText(t *testing.T) {
	f := editorial.Form{ID: "x", Title: "a: \"b\" # c\n---", Topic: "rights", Audience: "both", Confidence: "A", ValidFrom: "2026-01-01", CheckedOn: "2026-01-02",
		Questions: []string{"- không?", "yes", "123", "*a", "&b: {c}"}, Related: []string{}, Next: "'", SMS: "{{x}}", Parent: "--- \n- một\n- hai", Child: "ba"}
	data, err := f.Write()
	if err != nil {
		t.Fatal(err)
	}
	again, err := editorial.Read(data)
	if err != nil || !reflect.DeepEqual(f, again) {
		t.Errorf("%v\n%+v\n%+v\n%s", err, f, again, data)
	}
}

func TestAnswersCannotHoldSections(t *testing.T) {
	for _, f := range []editorial.Form{{Parent: "a\n## Trẻ em\nb"}, {Child: "## x"}, {Texts: map[kb.Language]string{kb.English: "a\n## x"}}} {
		if _, err := f.Write(); err == nil {
			t.Errorf("%+v is written", f)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("---\nid: x\n---\n## Phụ huynh\n\na\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := editorial.Read(data)
		if err != nil {
			return
		}
		written, err := form.Write()
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		if _, err := editorial.Read(written); err != nil {
			t.Errorf("written but not read: %v\n%s", err, written)
		}
	})
}

func TestCitations(t *testing.T) {
	got, err := editorial.ParseCitations("102/2016/QH13 | 25 | 1 | a\n\n 56/2017/NĐ-CP|31\n1/2 | 3 | | đ")
	want := []kb.Citation{{Law: "102/2016/QH13", Article: 25, Clause: 1, Point: "a"}, {Law: "56/2017/NĐ-CP", Article: 31}, {Law: "1/2", Article: 3, Point: "đ"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"Điều 25", "102/2016/QH13 | x", "| 3", "a | 1 | 2 | bc"} {
		if _, err := editorial.ParseCitations(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestGuard(t *testing.T) {
	before := editorial.Form{SignOff: "clinician", Confidence: "B", CheckedOn: "2026-01-01", Title: "cũ"}
	mine := editorial.Form{Confidence: "A", CheckedOn: "2026-11-26", Title: "mới"}
	got, kept := mine.Guard(before, false)
	if got.SignOff != "clinician" || got.Confidence != "B" || got.Title != "mới" || len(kept) != 3 {
		t.Errorf("an author's form became %+v, kept %v", got, kept)
	}
	if got, kept := mine.Guard(before, true); got.SignOff != "" || len(kept) != 0 {
		t.Errorf("a reviewer's form became %+v, kept %v", got, kept)
	}
}

// A draft reaches people only through another person, whatever order the steps are tried in.
func TestDraftWantsTwoPeople(t *testing.T) {
	files := map[string][]byte{"entries/rights/x.md": []byte("cũ")}
	d := editorial.Draft{ID: "1", Path: "entries/rights/x.md", Base: "cũ", State: editorial.Writing, Author: "lan", Version: 1}
	step := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Fatalf("%s: %v, want %v", what, err, want)
		}
	}
	d, err := d.Save("mới", "sửa", "lan", now)
	step("save", err, nil)
	_, err = d.Publish(files, now)
	step("publish while it is written", err, editorial.ErrState)
	_, err = d.Approve("minh", now)
	step("approve before it is submitted", err, editorial.ErrState)
	d, err = d.Submit(now)
	step("submit", err, nil)
	_, err = d.Approve("lan", now)
	step("approve one's own", err, editorial.ErrOwn)
	_, err = d.SendBack("", now)
	step("send back without a word", err, editorial.ErrReason)
	approved, err := d.Approve("minh", now)
	step("approve", err, nil)
	changed, err := approved.Save("mới hơn", "", "minh", now)
	step("change what is approved", err, nil)
	_, err = changed.Publish(files, now)
	step("publish what was changed since", err, editorial.ErrState)
	changed, err = changed.Submit(now)
	step("submit", err, nil)
	_, err = changed.Approve("minh", now)
	step("approve one's own change", err, editorial.ErrOwn)
	if string(files[d.Path]) != "cũ" {
		t.Fatal("the file changed before it was published")
	}
	_, err = approved.Publish(map[string][]byte{d.Path: []byte("ai đó đã sửa")}, now)
	step("publish over another's change", err, editorial.ErrMoved)
	done, err := approved.Publish(files, now)
	step("publish", err, nil)
	if string(files[d.Path]) != "mới" || done.State != editorial.Published || done.Version != approved.Version+1 || done.Open() {
		t.Errorf("published: %q, %+v", files[d.Path], done)
	}
	_, err = done.Save("x", "", "lan", now)
	step("change what is published", err, editorial.ErrState)
}

func TestCompare(t *testing.T) {
	var got []string
	for _, l := range editorial.Compare("một\nhai\nba\nbốn\nnăm\nsáu\n", "một\nhai\nba\nbốn\nNĂM\nsáu\n") {
		got = append(got, l.Mark+l.Text)
	}
	if want := "…,\u0020ba,\u0020bốn,-năm,+NĂM,\u0020sáu"; strings.Join(got, ",") != want {
		t.Errorf("%q, want %q", strings.Join(got, ","), want)
	}
	if len(editorial.Compare("a\n", "a\n")) != 0 {
		t.Error("equal texts differ")
	}
}

func TestAmbiguousWords(t *testing.T) {
	c := &kb.Content{Entries: []*kb.Entry{
		{Parent: "dừng lại ngay. dừng lại đi. gọi cho mẹ"}, {Parent: "dùng lại phao. dùng lại dây. gọi cho mẹ"},
	}}
	r := editorial.ReadingsOf(c)
	marked := r.Mark("Dung lai, goi cho me")
	if len(marked) != 2 || marked[0].Text != "Dung lai," || marked[0].Other != "dùng lại / dừng lại" || marked[1].Text != "goi cho me" {
		t.Errorf("%+v", marked)
	}
}

func TestGaps(t *testing.T) {
	asked := []editorial.Asked{
		{Text: "xin giấy xác nhận cho con học ở đâu, gọi em 0905 123 456", Best: "a", At: now},
		{Text: "xin giay xac nhan cho con hoc o dau", Best: "a", At: now.Add(-time.Hour)},
		{Text: "bao giờ có lịch tiêm cho bé", Best: "b", At: now.Add(-2 * time.Hour)},
	}
	gaps := editorial.Gaps(asked)
	if len(gaps) != 2 || gaps[0].N != 2 || gaps[0].Best != "a" || !gaps[0].Last.Equal(now) || gaps[1].N != 1 {
		t.Fatalf("%+v", gaps)
	}
	if text := strings.Join(gaps[0].Questions, " "); strings.Contains(text, "0905") || strings.Contains(text, "456") {
		t.Errorf("a number shows: %q", text)
	}
	if got := editorial.Mask("viết cho an.binh@example.vn hay @anbinh hay https://a.vn/b nhé, 16 tuổi, 540.000 đồng"); got != "viết cho … hay … hay … nhé, 16 tuổi, … đồng" {
		t.Errorf("%q", got)
	}
}

// TestImpact changes one entry so that it takes another's question, and takes one out.
func TestImpact(t *testing.T) {
	text, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	files := contentFiles(t)
	before := load(t, files)
	victim := before.Entries[0]
	d := editorial.Draft{Path: victim.Path, Base: string(files[victim.Path]), State: editorial.Approved}
	after := load(t, d.Over(files))
	if _, still := after.Entry(victim.ID); still {
		t.Fatal("the entry is still there")
	}
	then, err := kb.NewIndex(t.Context(), before, text)
	if err != nil {
		t.Fatal(err)
	}
	defer then.Close()
	later, err := kb.NewIndex(t.Context(), after, text)
	if err != nil {
		t.Fatal(err)
	}
	defer later.Close()
	asked := "cho hỏi " + victim.Questions[0]
	moved, err := editorial.Impact(t.Context(), before, after, then, later, text, "", []string{asked})
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for _, m := range moved {
		if m.Lost && slices.Contains(victim.Questions, m.Question) && m.Before == victim.Title {
			lost++
		}
	}
	if !slices.ContainsFunc(moved, func(m editorial.Moved) bool { return m.Question == asked && m.Asked && !m.Lost }) {
		t.Error("a question that people asked is not reported")
	}
	if lost < len(victim.Questions)/2 {
		t.Errorf("of %d questions of an entry that is gone %d are reported", len(victim.Questions), lost)
	}
	if own, err := editorial.Impact(t.Context(), before, before, then, then, text, "", nil); err != nil || len(own) != 0 {
		t.Errorf("nothing changed, and %v is reported, %v", own, err)
	}
	if bytes.Equal(files[victim.Path], nil) {
		t.Error("the files in use were changed")
	}
}
