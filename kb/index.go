package kb

import (
	"context"
	"fmt"
	"strings"

	"treem/kb/vitext"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
)

// Index finds entries and articles. It is read-only after NewIndex and safe for concurrent use.
type Index struct {
	content *Content
	bleve   bleve.Index
	refs    *references
	ranker  *ranker
	hits    map[string]Hit // by document id
}

// The fields of a document, each indexed with and without marks. Boosts say how much a match there is worth.
var fields = []struct {
	name  string
	boost float64
}{{"title", 2}, {"questions", 2}, {"body", 1}}

const analyzerName = "tokens"

// NewIndex builds the index in memory from the content.
func NewIndex(ctx context.Context, c *Content, n *vitext.Normaliser) (*Index, error) {
	m, err := indexMapping()
	if err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	b, err := bleve.NewMemOnly(m)
	if err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	ix := &Index{content: c, bleve: b, refs: newReferences(c, n), ranker: newRanker(), hits: map[string]Hit{}}
	batch := b.NewBatch()
	add := func(h Hit, title string, questions []string, body string) error {
		doc := map[string]string{}
		put := func(field, text string) []term {
			list := terms(n.Normalise(text))
			doc[field+"_toned"], doc[field+"_folded"] = tokens(list)
			return list
		}
		ix.hits[h.ID()] = h
		samples := [][]term{put("title", title)}
		for _, q := range questions {
			samples = append(samples, terms(n.Normalise(q)))
		}
		put("questions", strings.Join(questions, "\n"))
		ix.ranker.add(h.ID(), samples, put("body", body))
		return batch.Index(h.ID(), doc)
	}
	for _, e := range c.Entries {
		if err := add(Hit{Entry: e}, e.Title, e.Questions, e.Parent+"\n"+e.Child); err != nil {
			return nil, fmt.Errorf("index entry %s: %w", e.ID, err)
		}
	}
	for _, l := range c.Laws {
		for i := range l.Articles {
			a := &l.Articles[i]
			if err := add(Hit{Law: l, Article: a}, a.Title, nil, a.Digest); err != nil {
				return nil, fmt.Errorf("index %s: %w", articleID(a), err)
			}
		}
	}
	ix.ranker.finish()
	if err := b.Batch(batch); err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	return ix, nil
}

// Close frees the index.
func (ix *Index) Close() error { return ix.bleve.Close() }

func indexMapping() (mapping.IndexMapping, error) {
	m := bleve.NewIndexMapping()
	err := m.AddCustomAnalyzer(analyzerName, map[string]any{"type": custom.Name, "tokenizer": whitespace.Name})
	if err != nil {
		return nil, err
	}
	m.DefaultAnalyzer = analyzerName
	doc := bleve.NewDocumentStaticMapping()
	for _, f := range fields {
		for _, form := range []string{"_toned", "_folded"} {
			text := bleve.NewTextFieldMapping()
			text.Analyzer, text.Store, text.IncludeTermVectors, text.IncludeInAll, text.DocValues = analyzerName, false, false, false, false
			doc.AddFieldMappingsAt(f.name+form, text)
		}
	}
	m.DefaultMapping = doc
	return m, nil
}

// candidates is how many documents bleve brings for ranking.
const candidates = 60

// Search finds what answers the query. An error means that the index failed, not that nothing was found.
func (ix *Index) Search(ctx context.Context, q Query) (Result, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	if r, found := ix.refs.look(q.Text); found {
		return r, nil
	}
	list := terms(q.Text)
	if last, ok := ix.content.Entry(q.LastEntry); ok {
		list = append(list, ix.ranker.title(last.ID)...)
	}
	if len(list) == 0 {
		return Result{Verdict: VerdictUnknown}, nil
	}
	req := bleve.NewSearchRequestOptions(termQuery(list), candidates, 0, false)
	found, err := ix.bleve.SearchInContext(ctx, req)
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	scored := make([]candidate, 0, len(found.Hits))
	for _, h := range found.Hits {
		scored = append(scored, candidate{id: h.ID, hit: ix.hits[h.ID], bleve: h.Score})
	}
	return ix.ranker.rank(list, q, scored, limit), nil
}

// termQuery matches each syllable and pair once a field: with marks where the writer gave them, else without.
func termQuery(list []term) query.Query {
	seen := map[term]bool{}
	var all []query.Query
	for _, t := range list {
		if seen[t] {
			continue
		}
		seen[t] = true
		for _, f := range fields {
			word, form := t.folded, "_folded"
			if t.toned != "" {
				word, form = t.toned, "_toned"
			}
			one := bleve.NewTermQuery(word)
			one.SetField(f.name + form)
			one.SetBoost(f.boost)
			all = append(all, one)
		}
	}
	return bleve.NewDisjunctionQuery(all...)
}
