package main

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/bot/dialogue"
	"treem/channels/web"
	"treem/kb"
	"treem/kb/vitext"
)

// library shows the knowledge base on web pages. It keeps nothing: each page is made from the content in use when it is
// asked for.
type library struct {
	current func() *knowledge
	search  func(context.Context, kb.Query) (kb.Result, error)
	now     func() time.Time
}

// newLibrary follows the knowledge in use.
func newLibrary(l *live) *library {
	return &library{current: func() *knowledge { return l.current().knowledge }, search: l.Search, now: time.Now}
}

// searchLinks is how many pages a search offers.
const searchLinks = 8

func (l *library) content() *kb.Content { return l.current().content }

// Topics implements web.Library.
func (l *library) Topics() []web.Topic {
	var all []web.Topic
	for _, m := range l.current().book.Menu() {
		all = append(all, l.topic(m))
	}
	return all
}

func (l *library) topic(m dialogue.Menu) web.Topic {
	t := web.Topic{Name: string(m.Topic), Label: m.Label}
	for _, id := range m.Examples {
		if e, ok := l.content().Entry(id); ok {
			t.Often = append(t.Often, entryLink(e))
		}
	}
	return t
}

// Topic implements web.Library.
func (l *library) Topic(name string) (web.Topic, []web.Link, bool) {
	for _, m := range l.current().book.Menu() {
		if string(m.Topic) != name {
			continue
		}
		var entries []web.Link
		for _, e := range l.content().Entries {
			if e.Topic == m.Topic {
				entries = append(entries, entryLink(e))
			}
		}
		return l.topic(m), entries, true
	}
	return web.Topic{}, nil, false
}

func entryLink(e *kb.Entry) web.Link {
	return web.Link{Path: "/e/" + e.ID, Title: e.Title, Checked: e.CheckedOn}
}

// confirmers are who must still confirm an entry, as a sentence begins.
var confirmers = map[string]string{"clinician": "Bác sĩ", "lawyer": "Luật sư"}

// Entry implements web.Library.
func (l *library) Entry(id string) (web.Entry, bool) {
	e, ok := l.content().Entry(id)
	if !ok {
		return web.Entry{}, false
	}
	hit := kb.Hit{Entry: e}
	out := web.Entry{ID: e.ID, Title: e.Title, Discreet: e.Topic == kb.TopicAbuse, Urgent: e.High, Checked: e.CheckedOn,
		Warnings: l.current().book.Warnings(hit, kb.Vietnamese, l.now()), SignOff: confirmers[e.SignOff],
		Answers: l.answers(e), Ask: dialogue.AskFor(hit)}
	for _, m := range l.current().book.Menu() {
		if m.Topic == e.Topic {
			out.Topic = l.topic(m)
		}
	}
	for _, c := range e.Citations {
		out.Citations = append(out.Citations, l.citation(c))
	}
	for _, id := range e.Related {
		if other, ok := l.content().Entry(id); ok {
			out.Related = append(out.Related, entryLink(other))
		}
	}
	for _, m := range e.Media {
		out.Media = append(out.Media, web.Media{File: m.File, Voice: m.Kind == kb.Voice, Lang: foreign(m.Lang), Caption: m.Caption})
	}
	return out, true
}

// answers are the texts of an entry, for adults, for children and in the languages somebody wrote it in.
func (l *library) answers(e *kb.Entry) []web.Answer {
	all := []web.Answer{{For: "Cho cha mẹ, người lớn", ID: "nguoi-lon", Text: e.Answer(kb.AudienceParent, ""), Next: e.Next}}
	if e.Child != "" {
		child := web.Answer{For: "Cho trẻ em", ID: "tre-em", Text: e.Answer(kb.AudienceChild, "")}
		if e.Audience == kb.AudienceChild {
			all = []web.Answer{child, all[0]}
		} else {
			all = append(all, child)
		}
	}
	for _, language := range kb.Languages() {
		text, written := e.In(language)
		if !written || language == kb.Vietnamese {
			continue
		}
		text = strings.Join(append([]string{text}, l.current().book.Warnings(kb.Hit{Entry: e}, language, l.now())...), "\n\n")
		all = append(all, web.Answer{For: language.Name(), ID: string(language), Lang: foreign(language), Text: text,
			Next: l.current().book.NextStep(e, language)})
	}
	return all
}

// foreign is the language for a page that is in Vietnamese.
func foreign(l kb.Language) string {
	if l == kb.Vietnamese {
		return ""
	}
	return string(l)
}

// citation leads to the article cited if there is anything of it to read, else to the law's sheet.
func (l *library) citation(c kb.Citation) web.Link {
	law, known := l.content().Law(c.Law)
	if !known {
		return web.Link{Title: c.String()}
	}
	link := web.Link{Path: lawPath(law), Title: strings.TrimSuffix(c.String(), c.Law) + dialogue.LawName(law)}
	if a, ok := l.content().Lookup(law, strconv.Itoa(c.Article)); ok {
		link.Path = articlePath(law, a)
	}
	return link
}

// Laws implements web.Library.
func (l *library) Laws() []web.Link {
	var all []web.Link
	for _, law := range l.content().Laws {
		link := web.Link{Path: lawPath(law), Title: dialogue.LawName(law), Checked: law.CheckedOn}
		if law.Status == kb.Repealed {
			link.Note = "(đã hết hiệu lực)"
		}
		all = append(all, link)
	}
	return all
}

func lawPath(law *kb.Law) string { return "/luat/" + lawSlug(law) }

func articlePath(law *kb.Law, a *kb.Article) string { return lawPath(law) + "/dieu-" + a.Name() }

// lawSlug is the official number as it stands in an address: "56/2017/NĐ-CP" is "56-2017-nd-cp".
func lawSlug(law *kb.Law) string {
	words := strings.FieldsFunc(vitext.Fold(law.Number), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}

func (l *library) law(slug string) (*kb.Law, bool) {
	for _, law := range l.content().Laws {
		if lawSlug(law) == slug {
			return law, true
		}
	}
	return nil, false
}

// Law implements web.Library.
func (l *library) Law(slug string) (web.Law, bool) {
	law, ok := l.law(slug)
	if !ok {
		return web.Law{}, false
	}
	_, sheet, _ := strings.Cut(dialogue.LawSheet(law), "\n")
	out := web.Law{Slug: slug, Name: dialogue.LawName(law), Sheet: sheet, Checked: law.CheckedOn,
		Warnings: l.current().book.Warnings(kb.Hit{Law: law}, kb.Vietnamese, l.now())}
	for _, a := range l.content().Articles(law) {
		out.Articles = append(out.Articles, articleLink(law, &a))
	}
	return out, true
}

func articleLink(law *kb.Law, a *kb.Article) web.Link {
	return web.Link{Path: articlePath(law, a), Title: strings.TrimSuffix(a.Heading(), "."), Checked: law.CheckedOn}
}

// Article implements web.Library.
func (l *library) Article(slug, number string) (web.Article, bool) {
	law, ok := l.law(slug)
	if !ok {
		return web.Article{}, false
	}
	all := l.content().Articles(law)
	i := slices.IndexFunc(all, func(a kb.Article) bool { return a.Name() == number })
	if i < 0 {
		return web.Article{}, false
	}
	a := &all[i]
	out := web.Article{Law: web.Link{Path: lawPath(law), Title: dialogue.LawName(law)}, Number: number, Title: a.Title, Digest: a.Digest,
		Warnings: l.current().book.Warnings(kb.Hit{Law: law, Article: a}, kb.Vietnamese, l.now()), Checked: law.CheckedOn}
	if full, ok := l.content().FullText(law.Number, number); ok {
		out.Full, out.Imported = full.Text(), full.ImportedAt
	}
	if i > 0 {
		previous := articleLink(law, &all[i-1])
		out.Previous = &previous
	}
	if i+1 < len(all) {
		next := articleLink(law, &all[i+1])
		out.Next = &next
	}
	return out, true
}

// Search implements web.Library. Where the knowledge base is not sure it offers nothing.
func (l *library) Search(ctx context.Context, text string) ([]web.Link, error) {
	result, err := l.search(ctx, kb.Query{Text: l.current().text.Normalise(text), Limit: searchLinks})
	if err != nil || result.Verdict == kb.VerdictUnknown {
		return nil, err
	}
	var all []web.Link
	for _, h := range result.Hits {
		switch {
		case h.Entry != nil:
			all = append(all, entryLink(h.Entry))
		case h.Article != nil:
			link := articleLink(h.Law, h.Article)
			link.Note = dialogue.LawName(h.Law)
			all = append(all, link)
		case h.Law != nil:
			all = append(all, web.Link{Path: lawPath(h.Law), Title: dialogue.LawName(h.Law)})
		}
	}
	return all, nil
}

// Media implements web.Library.
func (l *library) Media(file string) (fs.File, error) {
	for _, e := range l.content().Entries {
		for _, m := range e.Media {
			if m.File == file {
				return l.current().files.Open(path.Join(kb.MediaDir, file))
			}
		}
	}
	return nil, fs.ErrNotExist
}
