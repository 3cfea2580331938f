package kb_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"treem/kb"
	"treem/kb/vitext"

	"github.com/blevesearch/bleve/v2"
	_ "modernc.org/sqlite"
)

var compare = flag.Bool("compare", false, "compare the search with others: quality and speed in one run")

// plainDoc is what every engine gets of an entry or article.
type plainDoc struct {
	ID        int    `json:"id"`
	Title     string `json:"title"`
	Questions string `json:"questions"`
	Text      string `json:"text"`
}

// engine is a search with its defaults: documents in, per query the numbers of at most ten documents out, best first.
type engine struct {
	name         string
	hits         [][]int
	built, asked time.Duration
}

// TestCompare asks the questions of test.jsonl, blind2-final.jsonl and blind3-final.jsonl, as typed and without marks, of this search and of
// three others as they come, and prints a table: hit@1, right one among four, mean reciprocal rank of ten, and how many
// times as long a question takes. The others decide nothing, so neither does ours here.
func TestCompare(t *testing.T) {
	if !*compare {
		t.Skip("only with -compare")
	}
	n, c := load(t)
	var hits []kb.Hit
	for _, e := range c.Entries {
		hits = append(hits, kb.Hit{Entry: e})
	}
	for _, l := range c.Laws {
		for i := range l.Articles {
			hits = append(hits, kb.Hit{Law: l, Article: &l.Articles[i]})
		}
	}
	docs := make([]plainDoc, len(hits))
	for i, h := range hits {
		docs[i] = plainDoc{ID: i, Title: h.Title()}
		if h.Entry != nil {
			docs[i].Questions, docs[i].Text = strings.Join(h.Entry.Questions, "\n"), h.Entry.Parent
		} else {
			docs[i].Text = h.Article.Digest
		}
	}
	var cases []kb.EvalCase
	for _, file := range []string{"test", "blind2-final", "blind3-final"} {
		for _, one := range questions(t, "testdata/questions/"+file+".jsonl") {
			if one.Scope == "in" {
				cases = append(cases, one)
			}
		}
	}
	var texts []string
	for _, one := range cases {
		texts = append(texts, one.Text)
	}
	for _, one := range cases {
		texts = append(texts, vitext.Fold(one.Text))
	}
	engines := []engine{ours(t, n, c, hits, texts), bleveDefault(t, docs, texts), fts5(t, docs, texts)}
	if e, ok := miniSearch(t, docs, texts); ok {
		engines = append(engines, e)
	}
	t.Logf("%d documents, %d questions; each first as typed, then without marks", len(docs), len(cases))
	t.Logf("%-42s %-22s %-22s %-22s %10s %8s %10s", "", "hit@1", "R@4", "MRR", "a question", "ratio", "build")
	for _, e := range engines {
		typed, bare := quality(cases, hits, e.hits[:len(cases)]), quality(cases, hits, e.hits[len(cases):])
		t.Logf("%-42s %.3f / %-14.3f %.3f / %-14.3f %.3f / %-14.3f %10v %8.2f %10v", e.name, typed[0], bare[0], typed[1], bare[1], typed[2], bare[2],
			(e.asked / time.Duration(len(texts))).Round(time.Microsecond), float64(e.asked)/float64(engines[0].asked), e.built.Round(time.Millisecond))
	}
}

// quality is hit@1, the right one among four, mean reciprocal rank.
func quality(cases []kb.EvalCase, docs []kb.Hit, found [][]int) (q [3]float64) {
	for i, c := range cases {
		a := kb.AudienceParent
		if c.Asker == "child" {
			a = kb.AudienceChild
		}
		for rank, doc := range found[i] {
			if h := docs[doc]; !c.Right(h.ID(), answerText(h, a, "em"), h.Citations()) {
				continue
			}
			if rank == 0 {
				q[0]++
			}
			if rank < 4 {
				q[1]++
			}
			q[2] += 1 / float64(rank+1)
			break
		}
	}
	for i := range q {
		q[i] /= float64(len(cases))
	}
	return q
}

// timed runs ask for every text in five rounds; the time of each text is that of its fastest round, so that what else the
// machine does counts little.
func timed(texts []string, ask func(text string) []int) (hits [][]int, took time.Duration) {
	best := make([]time.Duration, len(texts))
	for round := range 5 {
		hits = hits[:0]
		for i, text := range texts {
			start := time.Now()
			hits = append(hits, ask(text))
			if one := time.Since(start); round == 0 || one < best[i] {
				best[i] = one
			}
		}
	}
	for _, one := range best {
		took += one
	}
	return hits, took
}

func ours(t *testing.T, n *vitext.Normaliser, c *kb.Content, docs []kb.Hit, texts []string) engine {
	numbers := map[string]int{}
	for i, h := range docs {
		numbers[h.ID()] = i
	}
	start := time.Now()
	ix := index(t, n, c)
	e := engine{name: "treem, with normalisation and decision", built: time.Since(start)}
	e.hits, e.asked = timed(texts, func(text string) (out []int) {
		r, err := ix.Search(context.Background(), kb.Query{Text: n.Normalise(text)})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range r.Hits {
			if doc, ok := numbers[h.ID()]; ok {
				out = append(out, doc)
			}
		}
		return out
	})
	return e
}

func bleveDefault(t *testing.T, docs []plainDoc, texts []string) engine {
	start := time.Now()
	b, err := bleve.NewMemOnly(bleve.NewIndexMapping())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	batch := b.NewBatch()
	for _, d := range docs {
		if err := batch.Index(strconv.Itoa(d.ID), map[string]string{"title": d.Title, "questions": d.Questions, "text": d.Text}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Batch(batch); err != nil {
		t.Fatal(err)
	}
	e := engine{name: "bleve, its default mapping and analyzer", built: time.Since(start)}
	e.hits, e.asked = timed(texts, func(text string) (out []int) {
		res, err := b.Search(bleve.NewSearchRequestOptions(bleve.NewMatchQuery(text), 10, 0, false))
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range res.Hits {
			doc, err := strconv.Atoi(h.ID)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, doc)
		}
		return out
	})
	return e
}

func fts5(t *testing.T, docs []plainDoc, texts []string) engine {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	start := time.Now()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(`CREATE VIRTUAL TABLE docs USING fts5(title, questions, body, tokenize = 'unicode61 remove_diacritics 2')`); err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		if _, err := tx.Exec(`INSERT INTO docs (rowid, title, questions, body) VALUES (?, ?, ?, ?)`, d.ID+1, d.Title, d.Questions, d.Text); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	e := engine{name: "SQLite FTS5, remove_diacritics 2, bm25", built: time.Since(start)}
	ask, err := db.Prepare(`SELECT rowid FROM docs WHERE docs MATCH ? ORDER BY rank LIMIT 10`)
	if err != nil {
		t.Fatal(err)
	}
	defer ask.Close()
	e.hits, e.asked = timed(texts, func(text string) (out []int) {
		words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
		rows, err := ask.Query(`"` + strings.Join(words, `" OR "`) + `"`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id int
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			out = append(out, id-1)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return out
	})
	return e
}

// miniSearch needs Node and `npm ci --prefix .ci`; without them it is left out.
func miniSearch(t *testing.T, docs []plainDoc, texts []string) (engine, bool) {
	script := filepath.Join("..", ".ci", "minisearch.mjs")
	if _, err := os.Stat(filepath.Join("..", ".ci", "node_modules", "minisearch")); err != nil {
		t.Log("MiniSearch left out: npm ci --prefix .ci installs it")
		return engine{}, false
	}
	in, err := json.Marshal(map[string]any{"docs": docs, "queries": texts})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", script)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	data, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Built, Asked float64 // milliseconds
		Hits         [][]int
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	ms := func(x float64) time.Duration { return time.Duration(x * float64(time.Millisecond)) }
	return engine{name: "MiniSearch as it comes, Node", hits: got.Hits, built: ms(got.Built), asked: ms(got.Asked)}, true
}
