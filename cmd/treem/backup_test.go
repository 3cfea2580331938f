package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"treem/bot/store"
	"treem/bot/store/pgtest"
	"treem/config"
)

// crowd are people who go on writing on the web, whatever happens to the service.
type crowd struct {
	t       *testing.T
	address string
	people  []*http.Client

	enough chan struct{} // closed when nobody is to write any more

	mu       sync.Mutex
	accepted [][]string    // what the service took, by person
	took     chan struct{} // one for each message, while somebody waits for it
}

const (
	crowdSize  = 4
	crowdPause = 100 * time.Millisecond // between two messages of a person
)

// write sends messages of the person, each until it is accepted.
func (c *crowd) write(ctx context.Context, person int) {
	for i := 0; ; i++ {
		select {
		case <-c.enough:
			return
		default:
		}
		text := fmt.Sprintf("trẻ em là người bao nhiêu tuổi, câu %d-%d", person, i)
		if person == 0 && i == 0 {
			text = "cứu với, bé nhà tôi rơi xuống ao chưa thấy ngoi lên, câu 0-0"
		}
		for again := time.NewTicker(20 * time.Millisecond); ; <-again.C {
			resp, err := c.people[person].PostForm(c.address, url.Values{"text": {text}})
			if err == nil {
				resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					again.Stop()
					break
				}
			}
			if ctx.Err() != nil {
				c.t.Errorf("message %q was never accepted", text)
				return
			}
		}
		c.mu.Lock()
		c.accepted[person] = append(c.accepted[person], text)
		c.mu.Unlock()
		select {
		case c.took <- struct{}{}:
		case <-time.After(crowdPause):
		}
	}
}

// counts says how many messages of each person have been accepted.
func (c *crowd) counts() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var n []int
	for _, texts := range c.accepted {
		n = append(n, len(texts))
	}
	return n
}

// await waits until so many more messages were accepted.
func (c *crowd) await(ctx context.Context, n int) {
	c.t.Helper()
	for range n {
		select {
		case <-c.took:
		case <-ctx.Done():
			c.t.Fatal("people's messages are no longer accepted")
		}
	}
}

func sum(counts []int) (n int) {
	for _, one := range counts {
		n += one
	}
	return n
}

// TestRestoreWhileMessagesFlow backs up a service that people write to, several times, and restores while they go on
// writing: what had been accepted before the backup and what is accepted after the restore is there, answered.
func TestRestoreWhileMessagesFlow(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { restoreWhileMessagesFlow(t, "") })
	t.Run("Postgres", func(t *testing.T) { restoreWhileMessagesFlow(t, pgtest.Start(t).Database()) })
}

func restoreWhileMessagesFlow(t *testing.T, database string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cfg := testConfig(t)
	cfg.Web.PerMinute = 100_000
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	if database != "" {
		cfg.Database, cfg.SecretKey = config.Secret(database), config.Secret(store.NewSecret())
		t.Setenv("TREEM_DATABASE", database)
		t.Setenv("TREEM_SECRET_KEY", cfg.SecretKey.Reveal())
	}
	if out, err := run(t, "", "kb", "import", "--yes", bookshelf+".docx"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	content := filepath.Join(t.TempDir(), "content")
	if _, err := run(t, "", "kb", "export", content); err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(content, "entries", "drowning", "drowning-first-aid.md")
	text, err := os.ReadFile(changed)
	if err != nil {
		t.Fatal(err)
	}
	writeTo(t, changed, string(text)+"\n")
	if out, err := run(t, "", "kb", "import", "--yes", content); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	first := openTestApp(t, cfg)
	u, err := url.Parse(first.Address())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen = u.Host
	c := &crowd{t: t, address: first.Address(), accepted: make([][]string, crowdSize), took: make(chan struct{}), enough: make(chan struct{})}
	for range crowdSize {
		c.people = append(c.people, person(t))
	}
	var writers sync.WaitGroup
	for i := range crowdSize {
		writers.Go(func() { c.write(ctx, i) })
	}
	var copied []int // what each person had sent when the copy was begun
	var file string
	for i := range 2 {
		c.await(ctx, 8)
		file = filepath.Join(t.TempDir(), fmt.Sprintf("copy-%d", i))
		copied = c.counts()
		out, err := run(t, "", "backup", file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out, "The key is not in it") || !strings.Contains(out, "1 laws, 1 content sets") || !strings.Contains(out, "1 cases") {
			t.Errorf("backup says:\n%s", out)
		}
		keys, err := openKeys(cfg)
		if err != nil {
			t.Fatal(err)
		}
		found, err := store.Inspect(t.Context(), file, keys)
		if err != nil || found.Messages < sum(copied) {
			t.Errorf("copy %d holds %d messages of %d that had been accepted: %v", i, found.Messages, sum(copied), err)
		}
		t.Logf("copy %d: %d messages accepted before it began, %d in it, %d of them in hand", i, sum(copied), found.Messages, found.Waiting)
	}
	c.await(ctx, 8) // these are lost, as restore says
	if err := first.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, "", "restore", file); err == nil || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("a database was to be replaced without --yes: %v", err)
	}
	lost := c.counts()
	if out, err := run(t, "", "restore", "--yes", file); err != nil || !strings.Contains(out, "1 laws, 1 content sets") {
		t.Fatalf("%v\n%s", err, out)
	}
	second := openTestApp(t, cfg)
	c.await(ctx, 8)
	close(c.enough)
	writers.Wait()
	allAnswered(ctx, t, second)
	after := 0
	for i, p := range c.people {
		resp, err := p.Get(c.address)
		page := body(t, resp, err)
		for n, text := range c.accepted[i] {
			if n >= copied[i] && n < lost[i] {
				continue
			}
			if n >= lost[i] {
				after++
			}
			if !strings.Contains(page, text[strings.LastIndex(text, ",")+2:]) {
				t.Errorf("message %q is missing after the restore", text)
			}
		}
	}
	if after == 0 {
		t.Error("nobody wrote after the restore, so nothing was shown of it")
	}
	t.Logf("%d messages accepted before the copy and %d after the restore, all there and answered; %d in between were at stake", sum(copied), after, sum(lost)-sum(copied))
	if set, err := second.store.Content(ctx); err != nil || set == nil {
		t.Errorf("the content set was not restored: %v", err)
	}
}

// allAnswered waits until nothing is in hand.
func allAnswered(ctx context.Context, t *testing.T, a *App) {
	t.Helper()
	for again := time.NewTicker(20 * time.Millisecond); ; {
		n, err := a.store.Waiting(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			again.Stop()
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("%d messages and replies still wait", n)
		}
	}
}

// TestRestoreRefuses: whatever is wrong with a copy or its key is said, and the database stays as it was.
func TestRestoreRefuses(t *testing.T) {
	cfg := testConfig(t)
	t.Setenv("TREEM_DATA_DIR", cfg.DataDir)
	a := openTestApp(t, cfg)
	resp, err := person(t).PostForm(a.Address(), url.Values{"text": {"bố em tên Nguyễn Văn Thử đánh em mỗi tối"}})
	body(t, resp, err)
	good := filepath.Join(t.TempDir(), "good")
	if _, err := run(t, "", "backup", good); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(good); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the copy: %v %v", info.Mode(), err)
	}
	if bytes.Contains(copied, []byte("Nguyễn Văn Thử")) {
		t.Error("the copy shows what somebody wrote")
	}
	if _, err := run(t, "", "backup", good); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a copy was written over another: %v", err)
	}
	if _, err := run(t, "", "restore", "--yes", good); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("restored under a running service: %v", err)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(databaseFile(cfg))
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Clone(copied)
	for i := 6000; i < len(broken)-4096; i += 4096 {
		copy(broken[i:], make([]byte, 2000))
	}
	newer := filepath.Join(t.TempDir(), "newer")
	writeTo(t, newer, string(copied))
	change(t, newer, `INSERT INTO migrations (name) VALUES ('migrations/sqlite/9999_later.sql')`)
	tampered := filepath.Join(t.TempDir(), "tampered")
	writeTo(t, tampered, string(copied))
	change(t, tampered, `UPDATE inbox SET body_sealed = substr(body_sealed, 1, length(body_sealed) - 1) || x'00'`)
	raw := filepath.Join(t.TempDir(), "raw")
	writeTo(t, raw, string(copied))
	writeTo(t, raw+"-wal", "rest")
	key := keyFile(cfg)
	for name, c := range map[string]struct {
		file, says string
		prepare    func()
	}{
		"no such file":       {filepath.Join(t.TempDir(), "none"), "no such file", nil},
		"no database":        {writeTo(t, filepath.Join(t.TempDir(), "text"), strings.Repeat("no database ", 1000)), "no sound SQLite database", nil},
		"broken pages":       {writeTo(t, filepath.Join(t.TempDir(), "broken"), string(broken)), "no sound SQLite database", nil},
		"cut off":            {writeTo(t, filepath.Join(t.TempDir(), "cut"), string(copied[:len(copied)/2])), "no sound SQLite database", nil},
		"of a newer program": {newer, "newer treem", nil},
		"changed words":      {tampered, "id 1 of inbox", nil},
		"copied by hand":     {raw, "-wal", nil},
		"another key":        {good, "not in secret_key", func() { writeTo(t, key, store.NewSecret()) }},
		"no key":             {good, "secret.key is missing", func() { os.Remove(key) }},
	} {
		t.Run(name, func(t *testing.T) {
			secret, err := os.ReadFile(key)
			if err != nil {
				t.Fatal(err)
			}
			if c.prepare != nil {
				c.prepare()
			}
			_, err = run(t, "", "restore", "--yes", c.file)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q", err, c.says)
			}
			writeTo(t, key, string(secret))
			if after, err := os.ReadFile(databaseFile(cfg)); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the database changed: %v", err)
			}
			if left, err := filepath.Glob(filepath.Join(cfg.DataDir, "*.restored")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
	older := testConfig(t)
	if err := os.MkdirAll(older.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	writeTo(t, databaseFile(older), string(copied))
	change(t, databaseFile(older), `INSERT INTO migrations (name) VALUES ('migrations/sqlite/9999_later.sql')`)
	older.SecretKey = config.Secret(store.NewSecret())
	if _, err := openApp(t.Context(), older, slog.New(slog.DiscardHandler), serviceChannels); err == nil || !strings.Contains(err.Error(), "newer treem") {
		t.Errorf("an older program opened a newer one's database: %v", err)
	}
	fresh := testConfig(t) // another machine: the key first, then the copy
	if err := os.MkdirAll(fresh.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	writeTo(t, keyFile(fresh), string(secret))
	t.Setenv("TREEM_DATA_DIR", fresh.DataDir)
	if out, err := run(t, "", "restore", good); err != nil || !strings.Contains(out, "1 messages") {
		t.Errorf("%v\n%s", err, out)
	}
	closeNow(t, fresh)
}

// change runs a statement on a database file.
func change(t *testing.T, file, statement string) {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
