package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/store"
	"treem/bot/store/storetest"
)

// jobTable stands in for the queue: jobs are rows of the same transaction.
type jobTable struct {
	mu   sync.Mutex
	fail error
	db   *sql.DB
}

func (j *jobTable) Enqueue(ctx context.Context, tx *sql.Tx, jobs ...bot.Job) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail != nil {
		return j.fail
	}
	for _, one := range jobs {
		at := int64(0)
		if !one.RunAt.IsZero() {
			at = one.RunAt.UnixMilli()
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO test_jobs (kind, conversation, urgent, run_at) VALUES ($1, $2, $3, $4)`,
			string(one.Kind), one.Conversation, one.Urgent, at); err != nil {
			return err
		}
	}
	return nil
}

func TestSQLite(t *testing.T) {
	storetest.Suite(t, func(t *testing.T) storetest.Subject {
		file := filepath.Join(t.TempDir(), "test.db")
		db, err := store.OpenSQLite(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		for range 2 { // a second migration finds nothing to do
			if err := store.Migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.ExecContext(t.Context(), `CREATE TABLE test_jobs (id INTEGER PRIMARY KEY, kind TEXT, conversation INTEGER, urgent INTEGER, run_at INTEGER)`); err != nil {
			t.Fatal(err)
		}
		keys, err := store.ParseKeys(store.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		jobs := &jobTable{db: db}
		return storetest.Subject{
			Store: store.New(db, keys, jobs),
			Jobs:  func() []bot.Job { return readJobs(t, db) },
			Fail: func(err error) {
				jobs.mu.Lock()
				defer jobs.mu.Unlock()
				jobs.fail = err
			},
			Raw: func() []byte {
				var all []byte
				for _, name := range []string{file, file + "-wal"} {
					data, err := os.ReadFile(name)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, data...)
				}
				return all
			},
		}
	})
}

func readJobs(t *testing.T, db *sql.DB) []bot.Job {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT kind, conversation, urgent, run_at FROM test_jobs ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var jobs []bot.Job
	for rows.Next() {
		var j bot.Job
		var at int64
		if err := rows.Scan(&j.Kind, &j.Conversation, &j.Urgent, &at); err != nil {
			t.Fatal(err)
		}
		if at > 0 {
			j.RunAt = time.UnixMilli(at).UTC()
		}
		jobs = append(jobs, j)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return slices.Clip(jobs)
}
