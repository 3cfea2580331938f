// Command train makes bot/triage/weights.bin from the training data of the repository:
//
//	go run ./bot/triage/train
//
// With -cv it changes nothing and prints a cross-validation instead; files named after it are judged too, by a model
// that has never seen them. `treem triage eval` judges files with the program as built.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"treem/bot/triage"
)

func main() {
	cv := flag.Bool("cv", false, "cross-validate instead of training")
	parts := flag.Int("parts", 5, "with -cv, judge so many of the five parts")
	list := flag.Bool("list", false, "with -cv, print single messages too")
	flag.Parse()
	if err := run("bot/triage", *cv, *parts, *list, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(dir string, cv bool, parts int, list bool, files []string) error {
	held, err := read(files)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if cv {
		return triage.CrossValidate(out, os.DirFS(dir), held, parts, list)
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
