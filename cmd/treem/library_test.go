package main

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treem/kb"
	"treem/kb/content"
)

var hrefs = regexp.MustCompile(`href="(/[^"#]*)`)

// TestEveryPageIsThereAndLinked follows every link from the start page and compares what it finds with the site map and
// with the content.
func TestEveryPageIsThereAndLinked(t *testing.T) {
	cfg := testConfig(t)
	cfg.PublicURL = "https://treem.example"
	a := openTestApp(t, cfg)
	address := strings.TrimSuffix(a.Address(), "/")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	pages := map[string]string{}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if _, known := pages[path]; known || path == "/exit" {
			continue
		}
		resp, err := client.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		page := body(t, resp, nil)
		if pages[path] = page; resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
			queue = append(queue, m[1])
		}
		if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, once := range []string{"<title>", "<h1>", `<main id="main"`, `href="tel:111">Gọi 111</a>` + "\n<a class=\"number\"", `lang="vi"`} {
			if strings.Count(page, once) != 1 {
				t.Errorf("%s has %d of %s", path, strings.Count(page, once), once)
			}
		}
		canonical := `<link rel="canonical" href="https://treem.example` + path + `">`
		if listed := !strings.Contains(page, `content="noindex"`); listed != strings.Contains(page, canonical) {
			t.Errorf("%s: may be listed %v, but its canonical address is there %v", path, listed, !listed)
		}
	}
	resp, err := client.Get(address + "/sitemap.xml")
	var siteMap struct {
		Pages []struct {
			Address string `xml:"loc"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(body(t, resp, err)), &siteMap); err != nil {
		t.Fatal(err)
	}
	for _, p := range siteMap.Pages {
		path, ours := strings.CutPrefix(p.Address, cfg.PublicURL)
		if _, reached := pages[path]; !ours || !reached {
			t.Errorf("the site map has %s, which no link leads to", p.Address)
		}
	}
	k, err := openKnowledge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	c := k.content
	want := 0
	for _, e := range c.Entries {
		want++
		page, ok := pages["/e/"+e.ID]
		if !ok || !strings.Contains(page, ">Cho cha mẹ, người lớn</h2>") {
			t.Errorf("entry %s has no page with an answer for adults", e.ID)
		}
		if strings.Contains(page, "{em}") || strings.Contains(page, "{Em}") {
			t.Errorf("entry %s: a mark for the child's word was left", e.ID)
		}
		if e.High != strings.Contains(page, "Cần giúp ngay:") {
			t.Errorf("entry %s: urgent %v, but the numbers above the answer are there %v", e.ID, e.High, !e.High)
		}
	}
	for _, law := range c.Laws {
		want += 1 + len(law.Articles)
	}
	if n := len(siteMap.Pages); n < want || want == 0 {
		t.Errorf("the site map has %d pages; there are %d entries, laws and articles", n, want)
	}
	t.Logf("%d pages, %d in the site map, %d of content", len(pages), len(siteMap.Pages), want)
}

// fixedLibrary shows knowledge that nobody replaces.
func fixedLibrary(k *knowledge, now func() time.Time) *library {
	return &library{current: func() *knowledge { return k }, now: now}
}

// The pages follow the content in use, and warn as the chat does.
func TestPagesFollowTheContent(t *testing.T) {
	k, err := openKnowledge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	l := fixedLibrary(k, func() time.Time { return now })
	i := slices.IndexFunc(k.content.Entries, func(e *kb.Entry) bool { return len(e.Facts) > 0 })
	id := k.content.Entries[i].ID
	e, ok := l.Entry(id)
	if !ok || len(e.Warnings) != 0 {
		t.Fatalf("today: %v, warnings %q", ok, e.Warnings)
	}
	now = now.AddDate(2, 0, 0)
	if e, _ = l.Entry(id); len(e.Warnings) != 1 || !strings.Contains(e.Warnings[0], "cần kiểm tra lại") {
		t.Errorf("in two years: warnings %q", e.Warnings)
	}
	k.content.Entries[i].Title = "Tiêu đề vừa sửa"
	if e, _ = l.Entry(id); e.Title != "Tiêu đề vừa sửa" {
		t.Errorf("after a change: %q", e.Title)
	}
	if law, ok := l.Law("20-2021-nd-cp"); !ok || len(law.Warnings) != 1 || !strings.Contains(law.Warnings[0], "335/2026") {
		t.Errorf("a repealed decree: %v, warnings %q", ok, law.Warnings)
	}
}

// What staff import shows on the pages of a running service, word for word, without a restart.
func TestPagesFollowImports(t *testing.T) {
	cfg := testConfig(t)
	a := openTestApp(t, cfg)
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	if out, err := run(t, "", "kb", "import", "--yes", bookshelf+".docx"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), browserPatience)
	defer cancel()
	turns := time.NewTicker(100 * time.Millisecond)
	defer turns.Stop()
	for {
		resp, err := http.Get(a.Address() + "luat/01-2026-nd-tn/dieu-3a")
		page := body(t, resp, err)
		if resp.StatusCode == http.StatusOK {
			if !strings.Contains(page, "Nguyên văn") || !strings.Contains(page, "/luat/01-2026-nd-tn/dieu-4") {
				t.Errorf("the page lacks the official text or the next article:\n%s", page)
			}
			return
		}
		select {
		case <-turns.C:
		case <-ctx.Done():
			t.Fatal("the imported article has no page")
		}
	}
}

func TestEnglishStandsOnThePage(t *testing.T) {
	k, err := openKnowledge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	e := *k.content.Entries[0]
	l := fixedLibrary(k, time.Now)
	e.Texts = map[kb.Language]string{kb.English: "Call 111.", kb.Bana: "…"}
	answers := l.answers(&e)
	english := answers[len(answers)-2]
	if english.Lang != "en" || english.For != "English" || english.Text != "Call 111." || !strings.Contains(english.Next, "free, day and night") {
		t.Errorf("%+v", english)
	}
	if bana := answers[len(answers)-1]; bana.Lang != "bdq" || bana.For != "Bana" {
		t.Errorf("%+v", bana)
	}
}

func TestSearchWithoutScript(t *testing.T) {
	a := openTestApp(t, testConfig(t))
	for text, want := range map[string]string{
		"sơ cứu đuối nước":     `href="/e/drowning-first-aid"`,
		"so cuu duoi nuoc":     `href="/e/drowning-first-aid"`,
		"điều 25 luật trẻ em":  `href="/luat/102-2016-qh13/dieu-25"`,
		"giá vàng hôm nay":     "Chưa có bài nào chắc chắn",
		"ba đánh con chảy máu": "Nếu có người đang gặp nguy hiểm",
		"<b>x</b>":             "&lt;b&gt;x&lt;/b&gt;",
		" ":                    "Ô tìm còn trống",
	} {
		resp, err := http.PostForm(a.Address()+"tim", url.Values{"text": {text}})
		page := body(t, resp, err)
		if !strings.Contains(page, want) {
			t.Errorf("%q: the page lacks %s\n%s", text, want, page)
		}
		if resp.Request.URL.RawQuery != "" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %s, kept: %s", text, resp.Request.URL, resp.Header.Get("Cache-Control"))
		}
	}
	resp, err := http.Get(a.Address() + "tim?text=bi+mat")
	if page := body(t, resp, err); strings.Contains(page, "bi mat") {
		t.Error("words in the address are searched for; links with words would be made")
	}
}

func TestSearchIsHeldBackButNotForUrgentWords(t *testing.T) {
	cfg := testConfig(t)
	cfg.Web.PerMinute = 1
	a := openTestApp(t, cfg)
	for i, step := range []struct {
		text string
		want int
	}{{"tuổi kết hôn", http.StatusOK}, {"tuổi kết hôn", http.StatusTooManyRequests}, {sayAlarm, http.StatusOK}} {
		resp, err := http.PostForm(a.Address()+"tim", url.Values{"text": {step.text}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != step.want {
			t.Errorf("search %d: %d, want %d", i, resp.StatusCode, step.want)
		}
	}
}

func TestMediaIsOnlyWhatEntriesName(t *testing.T) {
	e := &kb.Entry{Media: []kb.Media{{File: "README.md"}, {File: "khong-co.png"}}}
	l := fixedLibrary(&knowledge{content: &kb.Content{Entries: []*kb.Entry{e}}, files: content.FS}, time.Now)
	for _, name := range []string{"../phrases.yaml", "..", "", "khong-co.png", "a/b.png"} {
		if _, err := l.Media(name); err == nil {
			t.Errorf("%q opens", name)
		}
	}
	f, err := l.Media("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestLawSlugsAreUnique(t *testing.T) {
	k, err := openKnowledge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	seen := map[string]string{}
	for _, law := range k.content.Laws {
		slug := lawSlug(law)
		if other, twice := seen[slug]; twice || slug == "" {
			t.Errorf("%s and %s have the address %q", law.Number, other, slug)
		}
		seen[slug] = law.Number
	}
	if got := seen["56-2017-nd-cp"]; got != "56/2017/NĐ-CP" {
		t.Errorf("56-2017-nd-cp is %q", got)
	}
}
