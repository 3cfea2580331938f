// Package queue runs the jobs that stored changes cause. It is the only package that names River, the durable queue:
// a job is a row in the same database as the change, so both commit together or not at all.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"treem/bot"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Priorities of jobs; River runs lower numbers first. Every message is looked at before any ordinary reply goes out,
// for it may be urgent.
const (
	priorityUrgent = 1
	priorityReply  = 2
	priorityBulk   = 3
	priorityUpkeep = 4
)

// Each sort of work has workers of its own: a slow provider holds up neither the other channels, nor the reading of
// messages, nor anything urgent.
const (
	queueHandle       = "handle"
	queueHandleUrgent = "handle_urgent"
	queueUrgent       = "urgent"
	queueEscalate     = "escalate"
)

func deliverQueue(channel string) string { return "deliver_" + channel }

func notifyQueue(target string) string { return "notify_" + target }

type handleArgs struct {
	Conversation int64 `json:"conversation"`
}

func (handleArgs) Kind() string { return string(bot.JobHandle) }

type deliverArgs struct {
	Conversation int64 `json:"conversation"`
}

func (deliverArgs) Kind() string { return string(bot.JobDeliver) }

type notifyArgs struct {
	Target string `json:"target"`
}

func (notifyArgs) Kind() string { return string(bot.JobNotify) }

type escalateArgs struct {
	Case string `json:"case"`
}

func (escalateArgs) Kind() string { return string(bot.JobEscalate) }

type upkeepArgs struct{}

func (upkeepArgs) Kind() string { return "upkeep" }

// Database is where the jobs are: an SQLite file, or PostgreSQL, whose news comes over a connection of Pool.
type Database struct {
	SQL  *sql.DB
	Pool *pgxpool.Pool // nil: SQLite
}

func (d Database) driver() riverdriver.Driver[*sql.Tx] {
	if d.Pool == nil {
		return riversqlite.New(d.SQL)
	}
	return riverdatabasesql.NewWithPgxListener(d.SQL, d.Pool)
}

// Migrate brings the queue's own tables up to date.
func Migrate(ctx context.Context, db Database, log *slog.Logger) error {
	m, err := rivermigrate.New(db.driver(), &rivermigrate.Config{Logger: quiet(log)})
	if err != nil {
		return fmt.Errorf("migrate queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate queue: %w", err)
	}
	return nil
}

// Inserter stores jobs inside the transactions of others. It runs none.
type Inserter struct{ client *river.Client[*sql.Tx] }

// NewInserter returns an Inserter for jobs in db.
func NewInserter(db Database, log *slog.Logger) (*Inserter, error) {
	c, err := river.NewClient(db.driver(), &river.Config{Logger: quiet(log)})
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	return &Inserter{client: c}, nil
}

// Enqueue stores jobs in the transaction.
func (i *Inserter) Enqueue(ctx context.Context, tx *sql.Tx, jobs ...bot.Job) error {
	var all []river.InsertManyParams
	for _, j := range jobs {
		opts := &river.InsertOpts{Priority: priorityReply, ScheduledAt: j.RunAt, Queue: queueHandle}
		var args river.JobArgs
		switch j.Kind {
		case bot.JobHandle:
			args, opts.Priority = handleArgs{j.Conversation}, priorityUrgent
			if j.Urgent {
				opts.Queue = queueHandleUrgent
			}
		case bot.JobDeliver:
			args, opts.Queue = deliverArgs{j.Conversation}, deliverQueue(j.Channel)
			if j.Bulk {
				opts.Priority = priorityBulk
			}
			if j.Urgent {
				opts.Priority, opts.Queue = priorityUrgent, queueUrgent
			}
		case bot.JobNotify:
			args, opts.Queue = notifyArgs{j.Target}, notifyQueue(j.Target)
			if j.Urgent {
				opts.Priority = priorityUrgent
			}
		case bot.JobEscalate:
			args, opts.Queue, opts.Priority = escalateArgs{j.Case}, queueEscalate, priorityUrgent
		default:
			return fmt.Errorf("enqueue: unknown kind of job %q", j.Kind)
		}
		all = append(all, river.InsertManyParams{Args: args, InsertOpts: opts})
	}
	if len(all) == 0 {
		return nil
	}
	if _, err := i.client.InsertManyFastTx(ctx, tx, all); err != nil {
		return fmt.Errorf("enqueue %d jobs: %w", len(all), err)
	}
	return nil
}

// Work is what the jobs do.
type Work struct {
	Handle   func(ctx context.Context, conversation int64) error
	Deliver  func(ctx context.Context, conversation int64) error
	Notify   func(ctx context.Context, target string) error
	Escalate func(ctx context.Context, caseID string) error
	Upkeep   func(ctx context.Context) error // runs every UpkeepEvery on one machine
}

// Settings of a queue; zero values mean the defaults.
type Settings struct {
	Channels    []string      // channels whose replies are delivered
	Targets     []string      // targets whose notices are sent
	Workers     int           // jobs at once of each sort; default 8
	UpkeepEvery time.Duration // default 30 s
}

// Queue works on jobs between Start and Stop.
type Queue struct{ client *river.Client[*sql.Tx] }

// New returns a queue that works on the jobs in db.
func New(db Database, w Work, s Settings, log *slog.Logger) (*Queue, error) {
	if s.Workers == 0 {
		s.Workers = 8
	}
	if s.UpkeepEvery == 0 {
		s.UpkeepEvery = 30 * time.Second
	}
	one := river.QueueConfig{MaxWorkers: s.Workers}
	queues := map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}, queueHandle: one, queueHandleUrgent: one, queueUrgent: one, queueEscalate: one}
	for _, c := range s.Channels {
		queues[deliverQueue(c)] = one
	}
	for _, t := range s.Targets {
		queues[notifyQueue(t)] = one
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[handleArgs]) error {
		return w.Handle(ctx, j.Args.Conversation)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[deliverArgs]) error {
		return w.Deliver(ctx, j.Args.Conversation)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[notifyArgs]) error {
		return w.Notify(ctx, j.Args.Target)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[escalateArgs]) error {
		return w.Escalate(ctx, j.Args.Case)
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[upkeepArgs]) error {
		return w.Upkeep(ctx)
	}))
	c, err := river.NewClient(db.driver(), &river.Config{
		Logger:                      quiet(log),
		Workers:                     workers,
		Queues:                      queues,
		ErrorHandler:                report{log},
		FetchCooldown:               10 * time.Millisecond,
		FetchPollInterval:           200 * time.Millisecond,
		JobTimeout:                  2 * time.Minute,
		RescueStuckJobsAfter:        5 * time.Minute,
		CompletedJobRetentionPeriod: time.Hour,
		CancelledJobRetentionPeriod: time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,
		RetryPolicy:                 retry{},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(s.UpkeepEvery),
			func() (river.JobArgs, *river.InsertOpts) {
				return upkeepArgs{}, &river.InsertOpts{Priority: priorityUpkeep, MaxAttempts: 1}
			}, nil)},
	})
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	return &Queue{client: c}, nil
}

// Start begins to work. ctx bounds only the starting.
func (q *Queue) Start(ctx context.Context) error { return q.client.Start(context.WithoutCancel(ctx)) }

// Stop takes no new jobs and waits for those in hand until ctx ends; then they are cut off and found again at the next
// start.
func (q *Queue) Stop(ctx context.Context) error {
	err := q.client.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		return q.client.StopAndCancel(hard)
	}
	return err
}

// retry waits one second, then ever longer up to five minutes.
type retry struct{}

func (retry) NextRetry(job *rivertype.JobRow) time.Time {
	wait := 5 * time.Minute
	if n := len(job.Errors); n < 8 {
		wait = time.Second << n
	}
	return time.Now().Add(wait)
}

// report logs failed jobs by kind and number only.
type report struct{ log *slog.Logger }

func (r report) HandleError(_ context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	r.log.Error("job failed; it will be tried again", "job", j.ID, "kind", j.Kind, "attempt", j.Attempt, "error", err)
	return nil
}

func (r report) HandlePanic(_ context.Context, j *rivertype.JobRow, v any, trace string) *river.ErrorHandlerResult {
	r.log.Error("job panicked; it will be tried again", "job", j.ID, "kind", j.Kind, "attempt", j.Attempt, "panic", fmt.Sprintf("%T", v), "stack", trace)
	return nil
}

// quiet lets only River's warnings and errors through.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(quietHandler{log.Handler()}) }

type quietHandler struct{ slog.Handler }

func (h quietHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}
func (h quietHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return quietHandler{h.Handler.WithAttrs(a)}
}
func (h quietHandler) WithGroup(n string) slog.Handler { return quietHandler{h.Handler.WithGroup(n)} }
