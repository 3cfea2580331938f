package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"treem/bot/store/pgtest"
)

// full is an SQLite database with a row in every table, and several batches of messages.
func full(t *testing.T) *DB {
	t.Helper()
	db, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "full.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	exec(`DELETE FROM knowledge_revision`)
	for _, one := range tables {
		var columns, marks []string
		var args []any
		err := each(t.Context(), db, func(scan func(...any) error) error {
			var name, kind string
			if err := scan(&name, &kind); err != nil {
				return err
			}
			columns, marks = append(columns, name), append(marks, fmt.Sprintf("$%d", len(marks)+1))
			args = append(args, map[string]any{"INTEGER": 1, "TEXT": "Đỗ 'Ánh'", "BLOB": []byte{0, 255, '\n'}}[kind])
			return nil
		}, `SELECT name, type FROM pragma_table_info($1)`, one.name)
		if err != nil {
			t.Fatal(err)
		}
		exec(fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, one.name, strings.Join(columns, ", "), strings.Join(marks, ", ")), args...)
	}
	exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO inbox (conversation_id, channel, provider_id, received_at) SELECT 1, 'sms', 'm' || i, i FROM n`, 2*moveBatch+6)
	return db
}

// TestTablesAreListed: a move that forgets a table would lose it.
func TestTablesAreListed(t *testing.T) {
	db := full(t)
	there, err := column[string](t.Context(), db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, one := range tables {
		listed = append(listed, one.name)
	}
	slices.Sort(listed)
	if !slices.Equal(there, listed) {
		t.Errorf("tables %v, listed in move.go %v", there, listed)
	}
}

func TestMove(t *testing.T) {
	server := pgtest.Start(t)
	database := server.Database()
	empty := func(t *testing.T) *DB {
		t.Helper()
		to, err := OpenPostgres(t.Context(), server.Schema(database))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { to.Close() })
		return to
	}
	// begun is a move that was cut off after the messages.
	begun := func(t *testing.T, from *DB) *DB {
		t.Helper()
		to := empty(t)
		ctx, cut := context.WithCancel(t.Context())
		defer cut()
		err := MoveTo(ctx, from, to, func(m Moved) {
			if m.Table == "inbox" {
				cut()
			}
		})
		if err == nil {
			t.Fatal("the move was not cut off")
		}
		return to
	}
	t.Run("goes on where it stopped", func(t *testing.T) {
		from := full(t)
		to := begun(t, from)
		if err := Migrate(t.Context(), to); err == nil || !strings.Contains(err.Error(), "migrate-to") {
			t.Errorf("a program would serve from half a database: %v", err)
		}
		moved := map[string]int64{}
		if err := MoveTo(t.Context(), from, to, func(m Moved) { moved[m.Table] = m.Rows }); err != nil {
			t.Fatal(err)
		}
		if moved["inbox"] != 2*moveBatch+8 || len(moved) != len(tables) {
			t.Errorf("moved %v", moved)
		}
		if err := Migrate(t.Context(), to); err != nil {
			t.Error(err)
		}
		var id int64
		if err := to.QueryRowContext(t.Context(), `INSERT INTO inbox (conversation_id, channel, provider_id, received_at) VALUES (1, 'sms', 'next', 0) RETURNING id`).Scan(&id); err != nil || id != 2*moveBatch+9 {
			t.Errorf("the next message is number %d, %v", id, err)
		}
		if _, err := to.ExecContext(t.Context(), `DELETE FROM case_events`); err == nil {
			t.Error("the history lost its guard")
		}
	})
	t.Run("tells what is not the same", func(t *testing.T) {
		from := full(t)
		to := begun(t, from)
		if _, err := to.ExecContext(t.Context(), `UPDATE inbox SET provider_id = 'other' WHERE provider_id = 'm3'`); err != nil {
			t.Fatal(err)
		}
		if err := MoveTo(t.Context(), from, to, func(Moved) {}); err == nil || !strings.Contains(err.Error(), "inbox was not copied whole") {
			t.Errorf("a changed row was not found: %v", err)
		}
	})
	t.Run("wants an empty database", func(t *testing.T) {
		from := full(t)
		to := empty(t)
		if err := MoveTo(t.Context(), from, to, func(Moved) {}); err != nil {
			t.Fatal(err)
		}
		if err := MoveTo(t.Context(), from, to, func(Moved) {}); err == nil || !strings.Contains(err.Error(), "empty") {
			t.Errorf("moved into a database that is in use: %v", err)
		}
	})
	t.Run("there and back", func(t *testing.T) {
		from := full(t)
		to := empty(t)
		if err := MoveTo(t.Context(), from, to, func(Moved) {}); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "copy")
		if err := Backup(t.Context(), to, file); err != nil {
			t.Fatal(err)
		}
		back, err := OpenSQLite(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		defer back.Close()
		for _, one := range tables {
			if _, err := same(t.Context(), from, back, one); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestLead: one program of two does what only one may do; when it is cut off the other takes over.
func TestLead(t *testing.T) {
	server := pgtest.Start(t)
	address := server.Database()
	type turn struct {
		who  int
		over context.Context
	}
	turns := make(chan turn, 10)
	ctx, stop := context.WithCancel(t.Context())
	var done [2]chan struct{}
	for who := range done {
		db, err := OpenPostgres(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		done[who] = make(chan struct{})
		go func() {
			defer close(done[who])
			defer db.Close()
			db.Lead(ctx, "poll", func(ctx context.Context) {
				turns <- turn{who, ctx}
				<-ctx.Done()
			})
		}()
	}
	first := <-turns
	if len(turns) > 0 {
		t.Error("both lead at once")
	}
	if err := server.CutConnections(); err != nil {
		t.Fatal(err)
	}
	<-first.over.Done() // it notices that it does not lead any more
	<-turns
	stop()
	for _, d := range done {
		<-d
	}
}

// TestServing: work on the whole database waits for nobody and disturbs nobody.
func TestServing(t *testing.T) {
	server := pgtest.Start(t)
	address := server.Database()
	open := func() *DB {
		db, err := OpenPostgres(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	one, two, work := open(), open(), open()
	ctx, stop := context.WithCancel(t.Context())
	var over []<-chan struct{}
	for _, db := range []*DB{one, two} {
		done, err := db.Serve(ctx)
		if err != nil {
			t.Fatal(err)
		}
		over = append(over, done)
	}
	if err := work.Alone(t.Context(), func() error { return nil }); err != ErrInUse {
		t.Errorf("beside two that serve: %v", err)
	}
	stop()
	for _, done := range over {
		<-done
	}
	if err := work.Alone(t.Context(), func() error {
		_, err := one.Serve(t.Context())
		if err == nil {
			t.Error("a program began to serve while the key was changed")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestPostgresRefuses(t *testing.T) {
	server := pgtest.Start(t)
	address := server.Database()
	if err := server.Exec("postgres", `ALTER SYSTEM SET synchronous_commit = off`); err != nil {
		t.Fatal(err)
	}
	if err := server.Exec("postgres", `SELECT pg_reload_conf()`); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenPostgres(t.Context(), address); err == nil || !strings.Contains(err.Error(), "synchronous_commit") {
		t.Errorf("a server that may lose messages was taken: %v", err)
	}
	for _, wrong := range []string{"postgres://a:geheim@127.0.0.1:1/x", "postgres://a:geheim@127.0.0.1:port/x"} {
		if _, err := OpenPostgres(t.Context(), wrong); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%v", err)
		}
	}
}
