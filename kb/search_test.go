package kb_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"testing"

	"treem/kb"
)

// searchCase is one search of testdata/searches.json. An object that has only a comment is a heading.
type searchCase struct {
	Comment string   `json:"comment"`
	Query   string   `json:"query"`
	Last    string   `json:"last"`
	Topic   kb.Topic `json:"topic"`
	Verdict string   `json:"verdict"` // empty: any but unknown
	First   []string `json:"first"`   // the first hit is one of these; empty: any
	Offers  []string `json:"offers"`  // the answer or a choice is one of these; empty: any
}

func TestSearches(t *testing.T) {
	n, c := load(t)
	ix := index(t, n, c)
	data, err := os.ReadFile("testdata/searches.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []searchCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, one := range cases {
		if one.Comment != "" {
			continue
		}
		r, err := ix.Search(context.Background(), kb.Query{Text: n.Normalise(one.Query), LastEntry: one.Last, Topic: one.Topic})
		if err != nil {
			t.Fatal(err)
		}
		ids := shown(r)
		switch {
		case one.Verdict == "" && r.Verdict == kb.VerdictUnknown, one.Verdict != "" && string(r.Verdict) != one.Verdict:
			t.Errorf("%q: %s, want %s; hits %v", one.Query, r.Verdict, one.Verdict, hits(r))
		case len(one.First) > 0 && !slices.Contains(one.First, hits(r)[0]):
			t.Errorf("%q: %v, want %v first", one.Query, hits(r), one.First)
		case len(one.Offers) > 0 && !slices.ContainsFunc(one.Offers, func(id string) bool { return slices.Contains(ids, id) }):
			t.Errorf("%q: %s %v, want %v", one.Query, r.Verdict, ids, one.Offers)
		}
	}
}

func hits(r kb.Result) []string {
	var ids []string
	for _, h := range r.Hits {
		ids = append(ids, h.ID())
	}
	return ids
}

// shown are the hits a person gets to see.
func shown(r kb.Result) []string {
	switch r.Verdict {
	case kb.VerdictAnswer:
		return hits(r)[:1+len(r.Beside())]
	case kb.VerdictChoices:
		return hits(r)[:r.Choices]
	default:
		return nil
	}
}

// wellFormed tests what callers rely on whatever was asked.
func wellFormed(t *testing.T, r kb.Result) {
	t.Helper()
	if r.Confidence < 0 || r.Confidence > 1 || r.Choices < 0 || r.Choices > min(4, len(r.Hits)) {
		t.Errorf("confidence %v, %d choices of %d hits", r.Confidence, r.Choices, len(r.Hits))
	}
	if r.Verdict == kb.VerdictAnswer && len(r.Hits) == 0 || r.Verdict == kb.VerdictAnswer && r.Choices == 1 ||
		r.Verdict == kb.VerdictChoices && r.Choices == 0 || r.Verdict == kb.VerdictUnknown && r.Choices > 0 {
		t.Errorf("%s with %d hits and %d choices", r.Verdict, len(r.Hits), r.Choices)
	}
	for _, h := range r.Hits {
		if (h.Entry == nil) == (h.Law == nil) || h.Article != nil && h.Law == nil || h.Score < 0 || h.Score > 1 || h.Title() == "" {
			t.Errorf("hit %s: %+v", h.ID(), h)
		}
	}
}

func TestSearchConcurrently(t *testing.T) {
	n, c := load(t)
	ix := index(t, n, c)
	ask := func(text string) string {
		r, err := ix.Search(context.Background(), kb.Query{Text: n.Normalise(text)})
		if err != nil {
			t.Error(err)
		}
		wellFormed(t, r)
		return hits(r)[0]
	}
	texts := []string{"con bị bắt nạt ở trường", "tre em co quyen gi", "bé bị bỏng nước sôi", "xin tro cap cho chau mo coi"}
	var want []string
	for _, text := range texts {
		want = append(want, ask(text))
	}
	var workers sync.WaitGroup
	for w := range 8 {
		workers.Go(func() {
			for i := range 40 {
				if got := ask(texts[(w+i)%4]); got != want[(w+i)%4] {
					t.Errorf("%q: %s, alone %s", texts[(w+i)%4], got, want[(w+i)%4])
				}
			}
		})
	}
	workers.Wait()
}

func TestSearchLimit(t *testing.T) {
	n, c := load(t)
	ix := index(t, n, c)
	for limit, want := range map[int]int{0: 10, 1: 1, 3: 3} {
		r, err := ix.Search(context.Background(), kb.Query{Text: n.Normalise("quyền của trẻ em"), Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, r)
		if len(r.Hits) != want {
			t.Errorf("limit %d: %d hits", limit, len(r.Hits))
		}
	}
}

func TestSearchEmptyContent(t *testing.T) {
	n, _ := load(t)
	c, err := kb.Load(files(nil))
	if err != nil {
		t.Fatal(err)
	}
	ix := index(t, n, &kb.Content{})
	r, err := ix.Search(context.Background(), kb.Query{Text: n.Normalise("trẻ em có quyền gì")})
	if err != nil || r.Verdict != kb.VerdictUnknown {
		t.Errorf("%v %v", r, err)
	}
	wellFormed(t, r)
	small := index(t, n, c)
	if r, err = small.Search(context.Background(), kb.Query{Text: n.Normalise("một là gì")}); err != nil {
		t.Error(err)
	}
	wellFormed(t, r)
}

func FuzzSearch(f *testing.F) {
	n, c := load(f)
	ix := index(f, n, c)
	for _, text := range []string{"Điều 25 Luật Trẻ em", "còn dưới 4 tuổi thì sao", "\xff\xfe", "điều điều 9999999999999999999 luật", "👶🏻 k bt j", "a b c d e f"} {
		f.Add(text, "benefit-orphan-both")
	}
	f.Fuzz(func(t *testing.T, text, last string) {
		r, err := ix.Search(context.Background(), kb.Query{Text: n.Normalise(text), LastEntry: last, Topic: kb.TopicSupport})
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, r)
	})
}
