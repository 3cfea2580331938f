package kb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"treem/kb/vitext"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
)

// Index finds entries and articles. It is read-only after NewIndex and safe for concurrent use.
type Index struct {
	content   *Content
	bleve     bleve.Index
	lexicon   *lexicon
	refs      *references
	ranker    *ranker
	scope     *scope
	model     *model
	numbers   map[string]int32 // entry id → document
	exact     exact
	comparers sync.Pool // of *comparer
}

const (
	analyzerName = "tokens"
	fieldName    = "tokens"
	candidates   = 40 // documents that bleve brings for ranking
	tellingTerms = 20 // terms of a question that bleve looks for
)

// document is an entry, an article or a question to be left unanswered, taken apart.
type document struct {
	hit     Hit
	samples []string // title and questions
	body    string
	terms   [][]term // of samples
	text    []term   // of body
}

// NewIndex builds the index in memory from the content.
func NewIndex(ctx context.Context, c *Content, n *vitext.Normaliser) (*Index, error) {
	ix := &Index{content: c, numbers: map[string]int32{}, exact: exact{}}
	var err error
	if ix.lexicon, err = newLexicon(n); err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	if ix.model, err = readModel(); err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	docs := documents(c, ix.lexicon)
	takeApart(docs, ix.lexicon, n)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	var side sync.WaitGroup
	side.Go(func() {
		g := newRanker()
		for i := range docs {
			if e := docs[i].hit.Entry; e != nil {
				ix.numbers[e.ID] = int32(i)
			}
			if docs[i].hit.Law == nil {
				ix.exact.add(int32(i), docs[i].terms)
			}
			g.add(docs[i].hit, docs[i].terms, docs[i].text)
		}
		ix.ranker = g.finish()
		ix.refs = newReferences(c, n)
	})
	side.Go(func() { ix.scope = learnScope(inAndOut(docs, ix.lexicon)) })
	ix.bleve, err = bleveIndex(docs)
	side.Wait()
	if err != nil {
		if ix.bleve != nil {
			err = errors.Join(err, ix.bleve.Close())
		}
		return nil, fmt.Errorf("build index: %w", err)
	}
	ix.comparers.New = func() any { return newComparer(ix.ranker) }
	return ix, nil
}

// documents lists what can be found, and last what is to be left unanswered.
func documents(c *Content, l *lexicon) []document {
	var docs []document
	for _, e := range c.Entries {
		docs = append(docs, document{hit: Hit{Entry: e}, samples: append([]string{e.Title}, e.Questions...), body: e.Parent + "\n" + e.Child})
	}
	for _, law := range c.Laws {
		for i := range law.Articles {
			a := &law.Articles[i]
			docs = append(docs, document{hit: Hit{Law: law, Article: a}, samples: []string{a.Title}, body: a.Digest})
		}
	}
	for _, q := range l.outside {
		docs = append(docs, document{samples: []string{q}})
	}
	return docs
}

// takeApart normalises the documents, on every core.
func takeApart(docs []document, l *lexicon, n *vitext.Normaliser) {
	var workers sync.WaitGroup
	count := runtime.GOMAXPROCS(0)
	for w := range count {
		workers.Go(func() {
			for i := w; i < len(docs); i += count {
				d := &docs[i]
				for _, s := range d.samples {
					d.terms = append(d.terms, l.terms(n.Normalise(s)))
				}
				d.text = plainTerms(d.body)
			}
		})
	}
	workers.Wait()
}

// inAndOut lists the phrasings of the entries and the questions to be left unanswered.
func inAndOut(docs []document, l *lexicon) (in, out [][]int32) {
	for i := range docs {
		for _, list := range docs[i].terms {
			switch h := docs[i].hit; {
			case h.Entry != nil:
				in = append(in, slots(list))
			case h.Law == nil:
				out = append(out, slots(list))
			}
		}
	}
	out = append(out, l.foreignTexts()...)
	return in, out
}

// foreignTexts lists the words of other matters as texts of their own.
func (l *lexicon) foreignTexts() [][]int32 {
	var out [][]int32
	for _, first := range slices.Sorted(maps.Keys(l.foreign)) {
		for _, p := range l.foreign[first] {
			var list []term
			for i, w := range p.folded {
				list = append(list, single(w, p.toned[i]))
			}
			for i := range len(p.folded) - 1 {
				list = append(list, pairOf(list[i], list[i+1]))
			}
			out = append(out, slots(list))
		}
	}
	return out
}

// bleveIndex holds each term once a document, under the document's number. Of entries it holds the phrasings only: their
// texts doubled the time to build it and brought nothing.
func bleveIndex(docs []document) (bleve.Index, error) {
	m, err := indexMapping()
	if err != nil {
		return nil, err
	}
	b, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, err
	}
	batch := b.NewBatch()
	for i := range docs {
		if docs[i].hit == (Hit{}) {
			continue
		}
		seen := map[uint64]bool{}
		var text strings.Builder
		lists := docs[i].terms
		if docs[i].hit.Article != nil {
			lists = append(slices.Clone(lists), docs[i].text)
		}
		for k, list := range lists {
			for _, t := range list {
				if !seen[t.key] && (!t.pair() || k < len(docs[i].terms)) { // no pairs of the text
					seen[t.key] = true
					text.WriteString(t.token())
					text.WriteByte(' ')
				}
			}
		}
		if err := batch.Index(strconv.Itoa(i), map[string]string{fieldName: text.String()}); err != nil {
			return b, err
		}
	}
	return b, b.Batch(batch)
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
	text := bleve.NewTextFieldMapping()
	text.Analyzer, text.Store, text.IncludeTermVectors, text.IncludeInAll, text.DocValues = analyzerName, false, false, false, false
	doc := bleve.NewDocumentStaticMapping()
	doc.AddFieldMappingsAt(fieldName, text)
	m.DefaultMapping = doc
	return m, nil
}

// bring asks bleve for the documents that share the most telling terms.
func (ix *Index) bring(ctx context.Context, q question) ([]found, error) {
	telling := make([]asked, 0, len(q.terms))
	for _, t := range q.terms {
		if t.id >= 0 {
			telling = append(telling, t)
		}
	}
	slices.SortStableFunc(telling, func(a, b asked) int { return compare(b.weight, a.weight) })
	var all []query.Query
	for _, t := range telling[:min(tellingTerms, len(telling))] {
		one := bleve.NewTermQuery(t.token())
		one.SetField(fieldName)
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, nil
	}
	req := bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(all...), candidates, 0, false)
	res, err := ix.bleve.SearchInContext(ctx, req)
	if err != nil {
		return nil, err
	}
	out := make([]found, 0, len(res.Hits))
	for _, h := range res.Hits {
		doc, err := strconv.Atoi(h.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, found{doc: int32(doc)})
	}
	return out, nil
}

// found is a document that may be the answer.
type found struct {
	doc   int32
	score float64
	feat  features
}
