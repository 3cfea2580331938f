package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot"
	"treem/bot/handover"
	"treem/bot/store"
	"treem/bot/store/storetest"
	"treem/bot/triage"
)

// jobTable stands in for the queue: jobs are rows of the same transaction.
type jobTable struct {
	mu   sync.Mutex
	fail error
	db   *store.DB
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
		if _, err := tx.ExecContext(ctx, `INSERT INTO test_jobs (kind, conversation, target, case_id, urgent, run_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(one.Kind), one.Conversation, one.Target, one.Case, one.Urgent, at); err != nil {
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
		s := subject(t, db, `CREATE TABLE test_jobs (id INTEGER PRIMARY KEY, kind TEXT, conversation INTEGER, target TEXT, case_id TEXT, urgent INTEGER, run_at INTEGER)`)
		s.Raw = func() []byte {
			var all []byte
			for _, name := range []string{file, file + "-wal"} {
				data, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, data...)
			}
			return all
		}
		return s
	})
}

func readJobs(t *testing.T, db *store.DB) []bot.Job {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT kind, conversation, target, case_id, urgent, run_at FROM test_jobs ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var jobs []bot.Job
	for rows.Next() {
		var j bot.Job
		var at int64
		if err := rows.Scan(&j.Kind, &j.Conversation, &j.Target, &j.Case, &j.Urgent, &at); err != nil {
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

func TestHistoryIsOnlyAddedTo(t *testing.T) {
	db := migrated(t, "")
	if _, err := db.ExecContext(t.Context(), `INSERT INTO conversations (id, channel, created_at, updated_at) VALUES (1, 'web', 0, 0);
		INSERT INTO cases (id, conversation_id, status, level, category, subject, ongoing, rules, opened_at, updated_at) VALUES ('a', 1, 'open', 'urgent', 'bullying', 'self', 0, '', 0, 0);
		INSERT INTO case_events (case_id, inbox_id, action, detail_sealed, at) VALUES ('a', 1, 'open', '', 0)`); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`UPDATE case_events SET action = 'close'`, `DELETE FROM case_events`} {
		if _, err := db.ExecContext(t.Context(), q); err == nil {
			t.Errorf("the history took %s", q)
		}
	}
}

// TestCasesFromBefore reads what the first migration's program wrote: an open case comes out due at once, for nobody was
// ever told of it.
func TestCasesFromBefore(t *testing.T) {
	secret := store.NewSecret()
	db := migrated(t, `INSERT INTO conversations (id, channel, created_at, updated_at) VALUES (7, 'web', 0, 0);
		INSERT INTO cases VALUES ('old-open', 7, 'open', 'emergency', 'drowning', 'child', 1, 'r1', 1000, 2000);
		INSERT INTO cases VALUES ('old-gone', 7, 'withdrawn', 'urgent', 'bullying', 'self', 0, 'r1', 1000, 3000)`)
	keys, err := store.ParseKeys(secret)
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(db, keys, &jobTable{db: db})
	c, err := s.Case(t.Context(), "old-open")
	if err != nil {
		t.Fatal(err)
	}
	if c.Status != handover.Open || c.Level() != triage.Emergency || c.Machine.Category != "drowning" || !c.Machine.Ongoing || c.Machine.Rules != "r1" ||
		c.Conversation != 7 || c.Channel != "web" || c.Version != 1 || c.AckDue.UnixMilli() != 2000 || !handover.IsRef(c.Ref) {
		t.Errorf("the open case reads %+v", c)
	}
	plan, due := handover.Planner{Settings: handover.DefaultSettings(), Duty: handover.Always{Targets: []string{"mail"}}}.Overdue(c, time.Now())
	if !due || plan.Case.Tier != 0 || len(plan.Notices) != 1 {
		t.Fatalf("nobody is told of it: %+v", plan)
	}
	if err := s.SaveCase(t.Context(), bot.CaseUpdate{Case: plan.Case, Events: plan.Events, At: plan.Case.UpdatedAt}); err != nil {
		t.Fatal(err)
	}
	if again, err := s.CaseByRef(t.Context(), strings.ToLower(c.Ref)); err != nil || again.ID != "old-open" || again.Version != 2 {
		t.Errorf("after it was told of: %+v, %v", again, err)
	}
	gone, err := s.Case(t.Context(), "old-gone")
	if err != nil || gone.Status != handover.Withdrawn || !gone.AckDue.IsZero() || gone.Ref == c.Ref {
		t.Errorf("the withdrawn case reads %+v, %v", gone, err)
	}
}

// migrated is a database brought up to date, with rows put in after its first migration.
func migrated(t *testing.T, rows string) *store.DB {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	first, err := os.ReadFile("migrations/sqlite/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(first)+`; CREATE TABLE migrations (name TEXT PRIMARY KEY);
		INSERT INTO migrations VALUES ('migrations/sqlite/0001_start.sql');
		CREATE TABLE test_jobs (id INTEGER PRIMARY KEY, kind TEXT, conversation INTEGER, target TEXT, case_id TEXT, urgent INTEGER, run_at INTEGER);`+rows); err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

// TestErasedIsOverwritten: what a person had erased is not left in the file, not even encrypted.
func TestErasedIsOverwritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	db, err := store.OpenSQLite(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := store.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	const gone = "sealed-words-of-somebody"
	for _, q := range []string{
		`INSERT INTO unanswered (conversation_id, text_sealed, medium, best, asked_at) VALUES (1, '` + gone + `', 'sms', '', 0)`,
		`INSERT INTO unanswered (conversation_id, text_sealed, medium, best, asked_at) VALUES (2, 'stays', 'sms', '', 0)`,
		`PRAGMA wal_checkpoint(TRUNCATE)`,
	} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	holds := func() bool {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(data), gone)
	}
	if !holds() {
		t.Fatal("the row never reached the file")
	}
	for _, q := range []string{`DELETE FROM unanswered WHERE conversation_id = 1`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if holds() {
		t.Error("the deleted row is still in the file")
	}
}
