package kb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"treem/bot/dialogue"
	"treem/kb"
	"treem/kb/vitext"
)

func TestTryEval(t *testing.T) {
	n, _ := vitext.New()
	c, err := kb.Load(os.DirFS("/tmp/kc"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := dialogue.ReadBook(os.DirFS("/tmp/kc"), c)
	if err != nil {
		t.Fatal(err)
	}
	ix, err := kb.NewIndex(context.Background(), c, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"testdata/questions/dev.jsonl", "testdata/questions/test.jsonl", "/work/shared/questions/examples.jsonl"} {
		f, _ := os.Open(file)
		var cases []kb.EvalCase
		sc := bufio.NewScanner(f)
		for sc.Scan() {
			var e kb.EvalCase
			if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
				t.Fatal(err)
			}
			cases = append(cases, e)
		}
		s, err := kb.Evaluate(context.Background(), cases, ix, n, b.AnswerText)
		fmt.Println("==", file, err)
		s.Print(os.Stdout, os.Getenv("MISS") != "")
	}
}
