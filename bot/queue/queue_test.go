package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/queue"
	"treem/bot/store"
	"treem/bot/store/pgtest"
)

// opener makes an empty database.
type opener func(t *testing.T) queue.Database

// TestQueue runs every case on both engines.
func TestQueue(t *testing.T) {
	on := func(engine string, open func(t *testing.T) opener) {
		t.Run(engine, func(t *testing.T) {
			open := open(t)
			for name, run := range map[string]func(*testing.T, opener){
				"JobsRunOnlyIfCommitted":               jobsRunOnlyIfCommitted,
				"FailedJobRunsAgain":                   failedJobRunsAgain,
				"PanicDoesNotEndTheQueue":              panicDoesNotEndTheQueue,
				"SlowChannelHoldsUpNobody":             slowChannelHoldsUpNobody,
				"TargetThatIsDownHoldsUpNobody":        targetThatIsDownHoldsUpNobody,
				"StopWaitsForJobsInHandWithinItsLimit": stopWaitsForJobsInHandWithinItsLimit,
				"StopCutsOffWhatTakesTooLong":          stopCutsOffWhatTakesTooLong,
				"UnknownJobIsRefused":                  unknownJobIsRefused,
			} {
				t.Run(name, func(t *testing.T) { run(t, open) })
			}
		})
	}
	on("SQLite", func(*testing.T) opener {
		return func(t *testing.T) queue.Database {
			return opened(t)(store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db")))
		}
	})
	on("Postgres", func(t *testing.T) opener {
		server := pgtest.Start(t)
		database := server.Database()
		return func(t *testing.T) queue.Database {
			return opened(t)(store.OpenPostgres(t.Context(), server.Schema(database)))
		}
	})
}

// opened returns what was opened, closed when the test ends.
func opened(t *testing.T) func(*store.DB, error) queue.Database {
	return func(db *store.DB, err error) queue.Database {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return queue.Database{SQL: db.DB, Pool: db.Pool()}
	}
}

// bench is a queue on a real database whose jobs end in a channel.
type bench struct {
	t    *testing.T
	db   queue.Database
	jobs *queue.Inserter
	ran  chan string
}

func newBench(t *testing.T, open opener) *bench {
	t.Helper()
	db := open(t)
	log := slog.New(slog.DiscardHandler)
	for range 2 { // a second migration finds nothing to do
		if err := queue.Migrate(t.Context(), db, log); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := queue.NewInserter(db, log)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, db: db, jobs: jobs, ran: make(chan string, 100)}
}

// enqueue stores jobs in a transaction that is committed or not.
func (b *bench) enqueue(commit bool, jobs ...bot.Job) {
	b.t.Helper()
	tx, err := b.db.SQL.BeginTx(b.t.Context(), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	defer tx.Rollback()
	if err := b.jobs.Enqueue(b.t.Context(), tx, jobs...); err != nil {
		b.t.Fatal(err)
	}
	if commit {
		if err := tx.Commit(); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bench) start(w queue.Work, channels ...string) *queue.Queue {
	b.t.Helper()
	if w.Upkeep == nil {
		w.Upkeep = func(context.Context) error { return nil }
	}
	q, err := queue.New(b.db, w, queue.Settings{Channels: channels, Targets: []string{"down", "mail"}}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := q.Start(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := q.Stop(context.WithoutCancel(b.t.Context())); err != nil {
			b.t.Error(err)
		}
	})
	return q
}

func (b *bench) wait(want string) {
	b.t.Helper()
	select {
	case got := <-b.ran:
		if got != want {
			b.t.Fatalf("ran %s, want %s", got, want)
		}
	case <-time.After(20 * time.Second):
		b.t.Fatalf("%s did not run", want)
	}
}

func jobsRunOnlyIfCommitted(t *testing.T, open opener) {
	b := newBench(t, open)
	b.enqueue(false, bot.Job{Kind: bot.JobHandle, Conversation: 1})
	b.enqueue(true, bot.Job{Kind: bot.JobHandle, Conversation: 2})
	b.start(queue.Work{Handle: func(_ context.Context, c int64) error {
		b.ran <- map[int64]string{1: "dropped", 2: "stored"}[c]
		return nil
	}})
	b.wait("stored")
}

func failedJobRunsAgain(t *testing.T, open opener) {
	b := newBench(t, open)
	b.enqueue(true, bot.Job{Kind: bot.JobHandle, Conversation: 1})
	var once sync.Once
	b.start(queue.Work{Handle: func(context.Context, int64) (err error) {
		b.ran <- "handled"
		once.Do(func() { err = errors.New("not yet") })
		return err
	}})
	b.wait("handled")
	b.wait("handled")
}

func panicDoesNotEndTheQueue(t *testing.T, open opener) {
	b := newBench(t, open)
	b.start(queue.Work{Handle: func(_ context.Context, c int64) error {
		if c == 1 {
			panic("broken")
		}
		b.ran <- "next"
		return nil
	}})
	b.enqueue(true, bot.Job{Kind: bot.JobHandle, Conversation: 1}, bot.Job{Kind: bot.JobHandle, Conversation: 2})
	b.wait("next")
}

// slowChannelHoldsUpNobody fills every worker of one channel; other channels, handling and urgent replies go on.
func slowChannelHoldsUpNobody(t *testing.T, open opener) {
	b := newBench(t, open)
	release := make(chan struct{})
	var slow sync.WaitGroup
	slow.Add(8)
	b.start(queue.Work{
		Handle: func(context.Context, int64) error { b.ran <- "handled"; return nil },
		Deliver: func(_ context.Context, c int64) error {
			if c < 100 {
				slow.Done()
				<-release
				return nil
			}
			b.ran <- map[int64]string{100: "other channel", 101: "urgent"}[c]
			return nil
		},
	}, "slow", "fast")
	defer close(release)
	for i := range int64(8) {
		b.enqueue(true, bot.Job{Kind: bot.JobDeliver, Conversation: i, Channel: "slow"})
	}
	slow.Wait()
	b.enqueue(true, bot.Job{Kind: bot.JobDeliver, Conversation: 100, Channel: "fast"})
	b.wait("other channel")
	b.enqueue(true, bot.Job{Kind: bot.JobDeliver, Conversation: 101, Channel: "slow", Urgent: true})
	b.wait("urgent")
	b.enqueue(true, bot.Job{Kind: bot.JobHandle, Conversation: 1})
	b.wait("handled")
}

// targetThatIsDownHoldsUpNobody fills every worker of one target; other targets, deadlines and replies go on.
func targetThatIsDownHoldsUpNobody(t *testing.T, open opener) {
	b := newBench(t, open)
	release := make(chan struct{})
	var slow sync.WaitGroup
	slow.Add(8)
	b.start(queue.Work{
		Notify: func(_ context.Context, target string) error {
			if target == "down" {
				slow.Done()
				<-release
				return nil
			}
			b.ran <- target
			return nil
		},
		Escalate: func(_ context.Context, id string) error { b.ran <- "escalated " + id; return nil },
		Deliver:  func(context.Context, int64) error { b.ran <- "delivered"; return nil },
	}, "web")
	defer close(release)
	for range 8 {
		b.enqueue(true, bot.Job{Kind: bot.JobNotify, Target: "down"})
	}
	slow.Wait()
	b.enqueue(true, bot.Job{Kind: bot.JobNotify, Target: "mail"})
	b.wait("mail")
	b.enqueue(true, bot.Job{Kind: bot.JobEscalate, Case: "c1"})
	b.wait("escalated c1")
	b.enqueue(true, bot.Job{Kind: bot.JobDeliver, Conversation: 1, Channel: "web"})
	b.wait("delivered")
}

func stopWaitsForJobsInHandWithinItsLimit(t *testing.T, open opener) {
	b := newBench(t, open)
	started, release := make(chan struct{}), make(chan struct{})
	q := b.start(queue.Work{Handle: func(ctx context.Context, _ int64) error {
		close(started)
		select {
		case <-release:
			b.ran <- "finished"
			return nil
		case <-ctx.Done():
			b.ran <- "cut off"
			return ctx.Err()
		}
	}})
	b.enqueue(true, bot.Job{Kind: bot.JobHandle, Conversation: 1})
	<-started
	stopped := make(chan error, 1)
	go func() { stopped <- q.Stop(t.Context()) }()
	close(release)
	b.wait("finished")
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func stopCutsOffWhatTakesTooLong(t *testing.T, open opener) {
	b := newBench(t, open)
	started := make(chan struct{})
	q := b.start(queue.Work{Handle: func(ctx context.Context, _ int64) error {
		close(started)
		<-ctx.Done()
		b.ran <- "cut off"
		return ctx.Err()
	}})
	b.enqueue(true, bot.Job{Kind: bot.JobHandle, Conversation: 1})
	<-started
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Stop(over); err != nil {
		t.Error(err)
	}
	b.wait("cut off")
}

func unknownJobIsRefused(t *testing.T, open opener) {
	b := newBench(t, open)
	tx, err := b.db.SQL.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := b.jobs.Enqueue(t.Context(), tx, bot.Job{Kind: "dance"}); err == nil {
		t.Error("a job nobody can do was stored")
	}
}
