// Command treemload puts a load on real treem processes and measures what people would notice of it: how many messages
// are kept and answered, how long an answer takes from the web hook to the provider, and whether who is in danger is
// answered in time when everybody writes at once. The providers are local stand-ins that check every request.
//
//	go run ./cmd/treemload                                     one process on SQLite
//	go run ./cmd/treemload -sender 2                           a hundred times what may be answered
//	go run ./cmd/treemload -database postgres://… -processes 2 two on an empty PostgreSQL database
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	var s settings
	flag.StringVar(&s.database, "database", "", "address of an empty PostgreSQL database; empty: SQLite in a temporary folder")
	flag.IntVar(&s.processes, "processes", 1, "how many programs share the work; more than one needs -database")
	flag.DurationVar(&s.phase, "phase", 10*time.Second, "how long each phase lasts")
	flag.Float64Var(&s.urgent, "urgent", .05, "share of urgent messages")
	flag.IntVar(&s.writers, "writers", 32, "messages under way at once in the full phase")
	flag.IntVar(&s.crowd, "crowd", 500, "messages under way at once in the flood")
	flag.Float64Var(&s.byTelegram, "telegram", .02, "share that writes by Telegram, whose own limit then bounds what is answered there")
	flag.Float64Var(&s.sender, "sender", 0, "messages a second that our sender at the provider takes; then the load is a hundred times as much")
	flag.Uint64Var(&s.seed, "seed", 1, "of the random choices")
	flag.StringVar(&s.binary, "binary", "", "a treem program; empty: built from ./cmd/treem")
	asJSON := flag.Bool("json", false, "print one JSON object")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := run(ctx, s)
	if err == nil && *asJSON {
		err = json.NewEncoder(os.Stdout).Encode(r)
	} else if err == nil {
		_, err = fmt.Print(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "treemload:", err)
		os.Exit(1)
	}
}
