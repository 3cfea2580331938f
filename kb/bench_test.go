package kb_test

import (
	"context"
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
