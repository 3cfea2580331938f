package kb_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"treem/kb"
	"treem/kb/vitext"
)

// BenchmarkNewIndex is most of what start to first answer takes: at most 0.5 s on an idle core.
func BenchmarkNewIndex(b *testing.B) {
	n, c := load(b)
	b.ReportAllocs()
	for b.Loop() {
		ix, err := kb.NewIndex(context.Background(), c, n)
		if err != nil {
			b.Fatal(err)
		}
		ix.Close()
	}
}

// BenchmarkSearch asks the questions of the test half, half of them without marks, and reports p50 and p99.
func BenchmarkSearch(b *testing.B) {
	n, c := load(b)
	ix := index(b, n, c)
	var texts []string
	for _, one := range questions(b, "testdata/questions/test.jsonl") {
		texts = append(texts, one.Text, vitext.Fold(one.Text))
	}
	var took []time.Duration
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		start := time.Now()
		if _, err := ix.Search(context.Background(), kb.Query{Text: n.Normalise(texts[i%len(texts)])}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		i++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkGrowth searches content 1, 10 and 100 times as large: each further entry is one of ours with words of its own in
// title and questions. -bench Growth/100 takes some minutes and some GB.
func BenchmarkGrowth(b *testing.B) {
	n, c := load(b)
	var texts []vitext.Text
	for _, one := range questions(b, "testdata/questions/test.jsonl") {
		texts = append(texts, n.Normalise(one.Text))
	}
	for _, times := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(times), func(b *testing.B) {
			many := *c
			many.Entries = slices.Clone(c.Entries)
			for i := 1; i < times; i++ {
				for _, e := range c.Entries {
					other := *e
					other.ID = fmt.Sprintf("%s-%d", e.ID, i)
					other.Title = fmt.Sprintf("%s mẫu %d", e.Title, i)
					other.Questions = make([]string, len(e.Questions))
					for j, q := range e.Questions {
						other.Questions[j] = fmt.Sprintf("%s mẫu %d", q, i)
					}
					many.Entries = append(many.Entries, &other)
				}
			}
			began := time.Now()
			ix := index(b, n, &many)
			built := time.Since(began)
			b.ResetTimer()
			for i := range b.N {
				if _, err := ix.Search(context.Background(), kb.Query{Text: texts[i%len(texts)]}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(built.Seconds(), "build-s")
			b.ReportMetric(float64(len(many.Entries)), "entries")
		})
	}
}
