// Package pgtest runs a real PostgreSQL server of its own for a test, on the loopback, in a folder that goes with the test.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a running PostgreSQL server.
type Server struct {
	t    testing.TB
	bin  string // folder of its programs
	data string
	port int
	as   *syscall.SysProcAttr // the user it runs as: never root
	cmd  *exec.Cmd
	over chan struct{} // closed when the process has ended
	made int
}

// Start runs a server that writes every commit to disk, until the test ends. Without PostgreSQL's programs on the machine
// the test is skipped, or fails if TREEM_REQUIRE_ENGINES is set.
func Start(t testing.TB) *Server {
	t.Helper()
	bin := programs()
	if bin == "" {
		if os.Getenv("TREEM_REQUIRE_ENGINES") != "" {
			t.Fatal("PostgreSQL's initdb and postgres are not on this machine; install postgresql")
		}
		t.Skip("PostgreSQL's initdb and postgres are not on this machine")
	}
	dir, err := os.MkdirTemp("", "treem-postgres")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{t: t, bin: bin, data: filepath.Join(dir, "data"), as: ordinaryUser(t, dir)}
	s.run("initdb", "-D", s.data, "--wal-segsize=1", "-U", "treem", "-A", "trust", "-E", "UTF8", "--no-locale")
	s.Run()
	t.Cleanup(s.Kill)
	return s
}

// programs returns the folder of PostgreSQL's newest server programs; empty: there is none.
func programs() string {
	if file, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(file)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // Debian
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

func version(file string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(file))))
	return n
}

// ordinaryUser says as whom the server runs and gives that user the folder: PostgreSQL refuses to run as root.
func ordinaryUser(t testing.TB, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{Setpgid: true}
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Setpgid: true, Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.SysProcAttr, c.Dir, c.Env = s.as, filepath.Dir(s.data), []string{"LC_ALL=C", "PATH=/usr/bin:/bin"}
	return c
}

func (s *Server) run(name string, args ...string) {
	s.t.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Run starts the server, as it was left, and waits until it answers. Its port stays the same.
func (s *Server) Run() {
	s.t.Helper()
	if s.port == 0 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		s.port = l.Addr().(*net.TCPAddr).Port
		l.Close()
	}
	var log bytes.Buffer
	s.cmd = s.command("postgres", "-D", s.data, "-p", strconv.Itoa(s.port), "-k", filepath.Dir(s.data), "-c", "listen_addresses=127.0.0.1",
		"-c", "max_connections=200", "-c", "max_wal_size=32MB", "-c", "shared_buffers=64MB", "-c", "log_min_messages=fatal")
	s.cmd.Stdout, s.cmd.Stderr = &log, &log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.over = make(chan struct{})
	go func(c *exec.Cmd, over chan struct{}) {
		defer close(over)
		_ = c.Wait()
	}(s.cmd, s.over)
	end := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for s.Exec("postgres", `SELECT 1`) != nil {
		select {
		case <-s.over:
			s.t.Fatalf("postgres ended:\n%s", log.String())
		case <-end:
			s.t.Fatal("postgres did not answer within a minute")
		case <-tick.C:
		}
	}
}

// Kill ends the server at once, as a crash does: what was not committed is gone.
func (s *Server) Kill() {
	_ = s.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-s.over:
	case <-time.After(30 * time.Second):
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		<-s.over
	}
}

// Database makes an empty database and returns its address.
func (s *Server) Database() string {
	s.t.Helper()
	s.made++
	name := fmt.Sprintf("treem%d", s.made)
	if err := s.Exec("postgres", `CREATE DATABASE `+name); err != nil {
		s.t.Fatal(err)
	}
	return s.address(name)
}

// Schema makes an empty schema in a database and returns an address at which it is all there is: many tests get by with one
// database, which takes longer to make.
func (s *Server) Schema(database string) string {
	s.t.Helper()
	s.made++
	name := fmt.Sprintf("s%d", s.made)
	if err := s.Query(database, `CREATE SCHEMA `+name); err != nil {
		s.t.Fatal(err)
	}
	return database + "&search_path=" + name
}

func (s *Server) address(database string) string {
	return fmt.Sprintf("postgres://treem@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// Exec runs one statement in the database of a name.
func (s *Server) Exec(database, query string) error { return s.Query(s.address(database), query) }

// Query runs one statement in the database of an address.
func (s *Server) Query(address, query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, query)
	return errors.Join(err, conn.Close(ctx))
}

// CutConnections ends every connection to the server but its own, as a failing network does.
func (s *Server) CutConnections() error {
	return s.Exec("postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`)
}

// LimitFiles bounds the size in bytes that the server's files may grow to, as a disk quota does: writes beyond fail. 0
// lifts the bound.
func (s *Server) LimitFiles(size int64) {
	s.t.Helper()
	limit := "unlimited:" // the soft one, which its own user may raise again
	if size > 0 {
		limit = fmt.Sprintf("%d:", size)
	}
	out, err := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(s.cmd.Process.Pid)).Output()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, pid := range append(strings.Fields(string(out)), strconv.Itoa(s.cmd.Process.Pid)) { // new ones inherit it
		set := exec.Command("prlimit", "--pid", pid, "--fsize="+limit)
		set.SysProcAttr = s.as
		if out, err := set.CombinedOutput(); err != nil && !strings.Contains(string(out), "No such process") {
			s.t.Fatalf("prlimit: %v\n%s", err, out)
		}
	}
}

// Bytes returns everything that stands in the files of a database and in the server's log of changes, after writing out
// what is in memory.
func (s *Server) Bytes(address string) []byte {
	s.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(ctx)
	var folder string
	err = conn.QueryRow(ctx, `SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()`).Scan(&folder)
	if err == nil {
		_, err = conn.Exec(ctx, `CHECKPOINT`)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	var all []byte
	for _, folder := range []string{folder, "pg_wal"} {
		files, err := os.ReadDir(filepath.Join(s.data, folder))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, f := range files {
			if text, err := os.ReadFile(filepath.Join(s.data, folder, f.Name())); err == nil { // files come and go
				all = append(all, text...)
			}
		}
	}
	return all
}
