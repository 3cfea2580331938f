package kb

import (
	"context"
	"fmt"

	"treem/kb/vitext"
)

// Query is what the bot asks the knowledge base.
type Query struct {
	Text      vitext.Text // the message, normalised
	Topic     Topic       // the conversation's topic, if any: breaks ties and completes follow-ups
	LastEntry string      // id of the entry answered last, for follow-ups ("còn dưới 4 tuổi thì sao")
	Limit     int         // hits wanted; 0: ten
}

// Verdict is what a search found out.
type Verdict string

// The verdicts: one sure answer, two to four to choose from, or nothing that can be answered with confidence.
const (
	VerdictAnswer  Verdict = "answer"
	VerdictChoices Verdict = "choices"
	VerdictUnknown Verdict = "unknown"
)

// Result is a search's outcome. For VerdictAnswer Hits[0] is the answer; for VerdictChoices the first Choices hits are
// to be offered, and for VerdictAnswer, where it is not quite sure, those of the first Choices hits that are not the answer
// (0: none); for VerdictUnknown Hits are for staff only.
type Result struct {
	Verdict    Verdict
	Confidence float64 // calibrated probability that the top hit is right, 0..1
	Hits       []Hit
	Choices    int
}

// Beside lists what is to be offered beside an answer.
func (r Result) Beside() []Hit {
	if r.Verdict != VerdictAnswer || r.Choices < 2 {
		return nil
	}
	return r.Hits[1:r.Choices]
}

// Hit is one thing found: an entry or an article, never both.
type Hit struct {
	Entry   *Entry
	Law     *Law     // the article's law; alone (Article nil) when a whole document was asked for
	Article *Article //
	Score   float64  // calibrated, 0..1
}

// Search finds what answers the query. An error means that the index failed, not that nothing was found.
func (ix *Index) Search(ctx context.Context, q Query) (Result, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	list := ix.lexicon.terms(q.Text)
	foreign := ix.lexicon.foreigners(q.Text.Syllables)
	if r, found := ix.exactly(list, limit); found {
		return r, nil
	}
	if r, found := ix.refs.look(q.Text); found {
		return r, nil
	}
	result, err := ix.find(ctx, list, foreign, q.Topic, limit)
	last, ok := ix.numbers[q.LastEntry]
	if err != nil || !ok || result.Verdict == VerdictAnswer && result.Confidence > sureOfItself || !followsUp(q.Text) {
		return result, err
	}
	more, err := ix.find(ctx, append(list, ix.ranker.docs[last].title...), foreign, q.Topic, limit)
	if err != nil || more.Confidence <= result.Confidence {
		return result, err
	}
	return more, nil
}

// sureOfItself is the confidence from which a follow-up needs no help from the answer before.
const sureOfItself = .8

func (ix *Index) find(ctx context.Context, list []term, foreign []foreigner, topic Topic, limit int) (Result, error) {
	r, err := ix.rank(ctx, ix.question(list, foreign), topic, -1)
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	return ix.decide(r, limit), nil
}

// Citations are the places in the law the hit rests on.
func (h Hit) Citations() []Citation {
	switch {
	case h.Entry != nil:
		return h.Entry.Citations
	case h.Article != nil:
		return []Citation{{Law: h.Article.Law, Article: h.Article.Number}}
	default:
		return nil
	}
}

// ID names the hit: the entry's id, or "102/2016/QH13#25" for an article.
func (h Hit) ID() string {
	switch {
	case h.Entry != nil:
		return h.Entry.ID
	case h.Article != nil:
		return articleID(h.Article)
	default:
		return h.Law.Number
	}
}

// Title is what a menu shows for the hit.
func (h Hit) Title() string {
	switch {
	case h.Entry != nil:
		return h.Entry.Title
	case h.Article != nil:
		return articleTitle(h.Law, h.Article)
	default:
		return h.Law.Title
	}
}
