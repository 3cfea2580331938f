package kb

import "time"

// LawStatus says whether a document still holds.
type LawStatus string

// The states of a document.
const (
	InForce  LawStatus = "in-force"
	Partly   LawStatus = "partly"
	Repealed LawStatus = "repealed"
)

// Law is the data sheet of one legal document, with digests of its articles in our own words.
type Law struct {
	Number     string // official number in full, diacritics included: "56/2017/NĐ-CP"
	Title      string
	Aliases    []string // how people name it
	Issuer     string
	Issued     time.Time
	Effective  time.Time
	Status     LawStatus
	Ended      time.Time // zero unless repealed
	ReplacedBy string
	AmendedBy  []string
	Total      int // articles the document has
	CheckedOn  time.Time
	Note       string
	Articles   []Article // those with a digest, by number
	Path       string
}

// Article is one article of a law: its official title and our digest.
type Article struct {
	Law    string
	Number int
	Suffix string // letter of an inserted article, "a" of Điều 10a; only articles without a digest have one
	Title  string
	Digest string // empty: only the official text was imported
}

// Article finds an article by its number.
func (l *Law) Article(n int) (*Article, bool) {
	for i := range l.Articles {
		if l.Articles[i].Number == n {
			return &l.Articles[i], true
		}
	}
	return nil, false
}

func articleID(a *Article) string { return a.Law + "#" + a.Name() }

func articleTitle(l *Law, a *Article) string {
	title := "Điều " + a.Name() + " " + l.Title
	if a.Title != "" {
		title += ": " + a.Title
	}
	return title
}
