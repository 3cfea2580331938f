package kb_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"treem/kb"
	"treem/kb/vitext"
)

func TestTryLoad(t *testing.T) {
	if _, err := kb.Load(os.DirFS("/tmp/kc")); err != nil {
		t.Fatal(err)
	}
}

func TestTryCheck(t *testing.T) {
	n, _ := vitext.New()
	c, err := kb.Load(os.DirFS("/tmp/kc"))
	if err != nil {
		t.Fatal(err)
	}
	t0 := time.Now()
	ix, err := kb.NewIndex(context.Background(), c, n)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("index", len(c.Entries), time.Since(t0))
	t0 = time.Now()
	p, err := kb.Check(context.Background(), c, ix, n, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	fmt.Println(time.Since(t0), err)
	for _, x := range p {
		fmt.Println(x)
	}
}
