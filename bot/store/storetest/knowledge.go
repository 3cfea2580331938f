package storetest

import (
	"reflect"
	"testing"
	"time"

	"treem/kb"
)

// statutesKeepVersions: the newest version of each document is read back as it was stored, and every import raises the
// revision that other processes watch.
func statutesKeepVersions(t *testing.T, s Subject) {
	first := &kb.Statute{Law: "102/2016/QH13", Title: "Luật Trẻ em", Issuer: "Quốc hội", Issued: time.Date(2016, 4, 5, 0, 0, 0, 0, time.UTC),
		Whole: true, File: "a.txt", Hash: "00ff", Articles: []kb.FullArticle{
			{Number: "2", Title: "Hai", Chapter: "I", Section: "1", Partial: true, Paragraphs: []kb.Paragraph{{Clause: "1", Point: "đ", Quoted: true, Text: "“đ) lời”"}}},
			{Number: "2a"}}}
	second := &kb.Statute{Law: first.Law, Title: first.Title, File: "b.txt", Articles: []kb.FullArticle{
		{Number: "2", ImportedAt: start}, {Number: "3", Paragraphs: []kb.Paragraph{{Text: "lời"}}}}}
	other := &kb.Statute{Law: "056/2017/NĐ-CP", Title: "Nghị định", Articles: []kb.FullArticle{{Number: "1"}}}
	for i, st := range []*kb.Statute{first, other, second} {
		at := start.Add(time.Duration(i) * time.Hour)
		must(t, s.Store.SaveStatute(t.Context(), st, at))
		n, err := s.Store.Revision(t.Context())
		must(t, err)
		if n != int64(i+1) {
			t.Errorf("revision %d after %d imports", n, i+1)
		}
		got, err := s.Store.Statute(t.Context(), st.Law)
		must(t, err)
		for k := range st.Articles { // as the store fills it in
			if st.Articles[k].ImportedAt.IsZero() {
				st.Articles[k].ImportedAt = at
			}
		}
		if !reflect.DeepEqual(got, st) {
			t.Errorf("read back %+v, stored %+v", got, st)
		}
	}
	if first.Version != 1 || second.Version != 2 || other.Version != 1 {
		t.Errorf("versions %d %d %d", first.Version, second.Version, other.Version)
	}
	all, err := s.Store.Statutes(t.Context())
	must(t, err)
	if !reflect.DeepEqual(all, []*kb.Statute{other, second}) {
		t.Errorf("newest versions: %+v", all)
	}
	if st, err := s.Store.Statute(t.Context(), "1/1999/X"); st != nil || err != nil {
		t.Errorf("a document nobody imported: %v %v", st, err)
	}
	twice := &kb.Statute{Law: first.Law, Articles: []kb.FullArticle{{Number: "1"}, {Number: "1"}}}
	if err := s.Store.SaveStatute(t.Context(), twice, start); err == nil {
		t.Error("an article was stored twice")
	}
	if n, err := s.Store.Revision(t.Context()); err != nil || n != 3 {
		t.Errorf("revision %d after a refused import, %v", n, err)
	}
}

// contentSetsKeepOrder: the set stored last is the one in use.
func contentSetsKeepOrder(t *testing.T, s Subject) {
	if set, err := s.Store.Content(t.Context()); set != nil || err != nil {
		t.Errorf("content in an empty store: %v %v", set, err)
	}
	for _, archive := range []string{"one", "two"} {
		want := kb.ContentSet{StoredAt: start, Base: "base", Archive: []byte(archive)}
		must(t, s.Store.SaveContent(t.Context(), want, "hash"))
		got, err := s.Store.Content(t.Context())
		must(t, err)
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("read back %+v", got)
		}
	}
	if n, err := s.Store.Revision(t.Context()); err != nil || n != 2 {
		t.Errorf("revision %d, %v", n, err)
	}
}
