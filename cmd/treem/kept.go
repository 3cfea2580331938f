package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"treem/bot/store"
	"treem/config"
)

// kept lists what is stored about people; nothing if there is no database yet.
func kept(ctx context.Context, cfg config.Config) ([]store.Kept, error) {
	there, err := isThere(cfg)
	if err != nil || !there {
		return nil, err
	}
	db, keys, err := openBeside(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return store.New(db, keys, nil).Kept(ctx, store.Retention(cfg.Retention), time.Now())
}

// printKept writes each kind of record with its retention, how many there are and since when.
func printKept(ctx context.Context, out io.Writer, cfg config.Config) error {
	all, err := kept(ctx, cfg)
	if err != nil { // the checks below say what is wrong with the database
		_, err = fmt.Fprintln(out, "unknown: the database cannot be read")
		return err
	}
	for _, k := range all {
		rule, since := "not removed by treem", "none"
		if k.Age > 0 {
			rule = fmt.Sprintf("%g days", k.Age.Hours()/24)
		}
		if k.N > 0 {
			since = "since " + k.Oldest.Local().Format(time.DateTime)
		}
		if _, err := fmt.Fprintf(out, "%-40s %-21s %7d  %s\n", k.Kind, rule, k.N, since); err != nil {
			return err
		}
	}
	return nil
}

// checkKept says whether anything should have been removed by now and was not.
func checkKept(ctx context.Context, cfg config.Config) (string, error) {
	all, err := kept(ctx, cfg)
	if err != nil {
		return "", err
	}
	var late []string
	for _, k := range all {
		if k.Late > 0 {
			late = append(late, fmt.Sprintf("%d %s are past their time", k.Late, k.Kind))
		}
	}
	if len(late) > 0 {
		return "", errors.New(strings.Join(late, "; ") + "; the running service removes them: is it running, is its clock right?")
	}
	return "nothing is kept longer than it may be", nil
}
