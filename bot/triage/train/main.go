package main

import (
	"flag"
	"fmt"
	"os"

	"treem/bot/triage"
)

func main() {
	off := flag.Uint("off", 0, "")
	ep := flag.Int("ep", 10, "")
	rate := flag.Float64("rate", 0.1, "")
	l2 := flag.Float64("l2", 0, "")
	drop := flag.Float64("drop", 0, "")
	aug := flag.Bool("aug", false, "")
	flag.Parse()
	var held []triage.Example
	for _, f := range []string{"/work/shared/triage/examples.jsonl", "/work/shared/triage/examples-2.jsonl"} {
		r, _ := os.Open(f)
		x, err := triage.ReadExamples(r)
		if err != nil {
			fmt.Println(err)
		}
		held = append(held, x...)
	}
	lex, _ := os.ReadFile("bot/triage/concepts.yaml")
	fmt.Println(triage.Experiment(os.DirFS("bot/triage/training"), held, lex, uint32(*off), triage.Options(*ep, *rate, *l2, *drop), *aug))
}
