package kb

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// law tests one document and the digests of its articles.
func (k *checker) law(l *Law) {
	k.path = l.Path
	k.checked(l.CheckedOn)
	if l.Issuer == "" {
		k.wrong("issuer is missing")
	}
	if l.Issued.IsZero() && l.Note == "" {
		k.wrong("issued is missing and note does not say why")
	}
	if l.Effective.IsZero() && l.Note == "" {
		k.wrong("effective is missing and note does not say why")
	}
	if !slices.Contains([]LawStatus{InForce, Partly, Repealed}, l.Status) {
		k.wrong("status %q is not in-force, partly or repealed", l.Status)
	}
	if l.Status == Repealed {
		if l.Ended.IsZero() {
			k.wrong("a repealed document needs ended")
		}
		if l.ReplacedBy == "" && l.Note == "" {
			k.wrong("a repealed document needs replaced_by, or a note why nothing stands in its place")
		}
	} else if !l.Ended.IsZero() && l.Ended.Before(k.now) {
		k.wrong("ended on %s, but status is %s", l.Ended.Format("2006-01-02"), l.Status)
	}
	for i := range l.Articles {
		k.article(l, &l.Articles[i])
	}
}

func (k *checker) article(l *Law, a *Article) {
	if a.Number > l.Total {
		k.wrong("Điều %d lies beyond the %d articles of the document", a.Number, l.Total)
	}
	if a.Digest == "" {
		k.wrong("Điều %d has no digest", a.Number)
	}
	if l.Status == Repealed && !saysEnded(a.Digest) {
		k.wrong("Điều %d belongs to a repealed document; its digest must first say that it ended", a.Number)
	}
	for _, office := range abolished(a.Digest) {
		k.wrong("Điều %d names %q, which was abolished in 2025", a.Number, office)
	}
	for _, number := range k.strangeNumbers(a.Digest) {
		k.wrong("Điều %d gives the number %s, which is neither 111–115 nor a fact", a.Number, number)
	}
}

// fact tests one fact. Facts carry no path: their file is named by the folder.
func (k *checker) fact(f Fact) {
	k.path = "facts"
	if f.Path != "" {
		k.path = f.Path
	}
	if f.Meaning == "" {
		k.wrong("fact %s has no meaning", f.ID)
	}
	if f.Law == "" && f.Source == "" && f.Confidence == "A" {
		k.wrong("fact %s has confidence A but neither law nor source", f.ID)
	}
	if why := f.Stale(k.now); why != "" {
		k.wrong("fact %s %s", f.ID, why)
	}
	if !strings.Contains("ABC", string(f.Confidence)) || f.Confidence == "" {
		k.wrong("fact %s: confidence %q is not A, B or C", f.ID, f.Confidence)
	}
	before := len(k.problems)
	if f.CheckedOn.After(k.now.AddDate(0, 0, 1)) {
		k.wrong("checked_on %s lies in the future", f.CheckedOn.Format(time.DateOnly))
	}
	if f.Law != "" {
		k.citation(Citation{Law: f.Law, Article: f.Article, Clause: f.Clause}, false)
	}
	for i := before; i < len(k.problems); i++ {
		k.problems[i].What = "fact " + f.ID + ": " + k.problems[i].What
	}
}

// citation tests that a place in the law exists and holds. endedToo allows a repealed document.
func (k *checker) citation(c Citation, endedToo bool) {
	l, ok := k.content.Law(c.Law)
	if ok && l.Status == Repealed && endedToo && c.Article >= 0 && c.Article <= l.Total {
		return
	}
	if what := k.content.Broken(c); what != "" {
		k.wrong("%s", what)
	}
}

// Broken says what is wrong with a citation: its document is unknown, too short or no longer in force. Empty: nothing.
func (c *Content) Broken(cite Citation) string {
	l, ok := c.Law(cite.Law)
	switch {
	case !ok:
		return fmt.Sprintf("cites %s, which is not in laws/", cite.Law)
	case cite.Article < 0 || cite.Article > l.Total:
		return fmt.Sprintf("cites Điều %d of %s, which has %d articles", cite.Article, cite.Law, l.Total)
	case l.Status == Repealed:
		return fmt.Sprintf("cites %s, which ended on %s; replaced by %s", cite.Law, l.Ended.Format("2006-01-02"), l.ReplacedBy)
	}
	return ""
}
