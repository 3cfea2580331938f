package kb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"treem/bot/dialogue"
	"treem/kb"
	"treem/kb/vitext"
)

func TestTry(t *testing.T) {
	n, err := vitext.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := kb.Load(os.DirFS("/tmp/kc"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := dialogue.ReadBook(os.DirFS("/tmp/kc"), c)
	if err != nil {
		t.Fatal(err)
	}
	t0 := time.Now()
	ix, err := kb.NewIndex(context.Background(), c, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(c.Entries), time.Since(t0))
	f, _ := os.Open("/work/shared/questions/examples.jsonl")
	var cases []kb.EvalCase
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var e kb.EvalCase
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, e)
	}
	t0 = time.Now()
	s, err := kb.Evaluate(context.Background(), cases, ix, n, b.AnswerText)
	t.Log(time.Since(t0)/time.Duration(140), err)
	s.Print(os.Stdout, true)
}
