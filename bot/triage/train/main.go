// Command train makes bot/triage/weights.bin from the training data of the repository:
//
//	go run ./bot/triage/train
//
// With -cv it changes nothing and prints a cross-validation instead; files named after it are judged too, by a model
// that has never seen them. With -eval it prints how the program as built judges the files.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"treem/bot/triage"
	"treem/kb/vitext"
)

func main() {
	cv := flag.Bool("cv", false, "cross-validate instead of training")
	eval := flag.Bool("eval", false, "evaluate the program as built on FILE...")
	list := flag.Bool("list", false, "print single messages too")
	flag.Parse()
	if err := run("bot/triage", *cv, *eval, *list, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(dir string, cv, eval, list bool, files []string) error {
	held, err := read(files)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if eval {
		return evaluate(out, held, list)
	}
	if cv {
		return triage.CrossValidate(out, os.DirFS(dir), held, list)
	}
	weights, err := triage.Train(os.DirFS(dir))
	if err != nil {
		return err
	}
	return os.WriteFile(dir+"/weights.bin", weights, 0o644)
}

// read reads all example files.
func read(files []string) ([]triage.Example, error) {
	var all []triage.Example
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		examples, err := triage.ReadExamples(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, examples...)
	}
	return all, nil
}

// evaluate prints the report of the embedded model.
func evaluate(out *bufio.Writer, examples []triage.Example, list bool) error {
	a, err := triage.New()
	if err != nil {
		return err
	}
	n, err := vitext.New()
	if err != nil {
		return err
	}
	triage.WriteReport(out, a.Evaluate(n, examples), list)
	return nil
}
