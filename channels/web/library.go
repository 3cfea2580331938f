package web

import (
	"context"
	"io/fs"
	"time"
)

// Library is what can be read without chatting. Every call answers from the content as it is at that moment, so that a
// change of content shows with the next page; what it returns belongs to the caller. Ids, slugs and names come from
// addresses that anybody can type: unknown ones are simply not found.
type Library interface {
	Topics() []Topic
	Topic(name string) (t Topic, entries []Link, ok bool)
	Entry(id string) (Entry, bool)
	Laws() []Link
	Law(slug string) (Law, bool)
	Article(slug, number string) (Article, bool) // number as written: "25", "10a"
	// Search returns what may answer the text, best first; nothing if nothing surely fits.
	Search(ctx context.Context, text string) ([]Link, error)
	// Media opens a picture or recording that some entry names; an error says that there is none.
	Media(file string) (fs.File, error)
}

// Topic is one of the fields the entries are sorted into.
type Topic struct {
	Name  string // as it stands in the address
	Label string
	Often []Link // entries that are often asked for
}

// Link leads to one page.
type Link struct {
	Path    string // "/e/drowning-first-aid", "/luat/102-2016-qh13/dieu-25"
	Title   string
	Note    string    // what sort of thing it is, if the title does not tell
	Checked time.Time // when it was last compared with its sources; zero: not known
}

// Entry is one question with its answers, as the chat gives them.
type Entry struct {
	ID        string
	Title     string
	Discreet  bool // its title must not stand in a list of visited pages
	Urgent    bool // the numbers to call stand above the answer
	Topic     Topic
	Answers   []Answer
	Warnings  []string // what is no longer sure, in the words of the chat
	SignOff   string   // who has still to confirm it, in Vietnamese; empty: nobody
	Citations []Link   // places in the law; Path may be empty
	Checked   time.Time
	Related   []Link
	Media     []Media
	Ask       string // payload that asks the chat for this entry
}

// Answer is one text of an entry.
type Answer struct {
	For  string // heading: for whom, or in which language
	ID   string // anchor on the page
	Lang string // BCP 47; empty: Vietnamese
	Text string // plain text: paragraphs, "- " and "1. " at the start of a line
	Next string // the next step, one sentence
}

// Media is a picture or recording of an entry.
type Media struct {
	File    string
	Voice   bool
	Lang    string
	Caption string
}

// Law is the sheet of one legal document.
type Law struct {
	Slug     string
	Name     string // title with number: "Luật Trẻ em 102/2016/QH13"
	Sheet    string // what there is to know about it, plain text
	Warnings []string
	Articles []Link
	Checked  time.Time
}

// Article is one article of a law.
type Article struct {
	Law      Link
	Number   string // as written: "25", "10a"
	Title    string
	Digest   string // plain text as in Answer; empty: nobody has written one
	Full     string // the official text, one paragraph a line; empty: not imported
	Imported time.Time
	Warnings []string
	Checked  time.Time
	Previous *Link
	Next     *Link
}
