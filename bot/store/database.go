package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// DB is an opened database of either engine: an SQLite file, used by one program, or PostgreSQL, shared by any number.
type DB struct {
	*sql.DB
	pool *pgxpool.Pool // nil: SQLite

	program int64 // what this program is known by to the others while it serves; 0: it does not
}

// claimant is who sends what is claimed now.
func (d *DB) claimant() sql.NullInt64 { return sql.NullInt64{Int64: d.program, Valid: d.program != 0} }

// Shared says whether several programs may use the database at once: it is PostgreSQL.
func (d *DB) Shared() bool { return d.pool != nil }

// Pool is PostgreSQL's pool of connections, which the queue listens by; nil on SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Close gives up every connection.
func (d *DB) Close() error {
	err := d.DB.Close()
	if d.pool != nil {
		d.pool.Close()
	}
	return err
}

// engine names the migrations of the database.
func (d *DB) engine() string {
	if d.Shared() {
		return "postgres"
	}
	return "sqlite"
}

// OpenSQLite opens the database file, making it if needed. One connection serves everything: SQLite writes one at a
// time anyway, and the queue's driver asks for it. Every commit is on disk before it returns. What is deleted is overwritten.
func OpenSQLite(ctx context.Context, file string) (*DB, error) {
	q := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(1)", "secure_delete(1)"}, "_txlock": {"immediate"}}
	dsn := "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
	if file == ":memory:" {
		dsn = ":memory:?" + q.Encode()
	}
	db := sql.OpenDB(remembering{&sqlite.Driver{}, dsn})
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	db.SetConnMaxLifetime(0)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w; check that its folder exists and is writable", file, err), db.Close())
	}
	return &DB{DB: db}, nil
}

const (
	// connections is how many of the server's connections a program uses at most, unless the address says pool_max_conns.
	connections = 16
	// idleLimit ends a transaction whose program stands still, so that it does not hold up the others.
	idleLimit = time.Minute
)

// OpenPostgres opens the PostgreSQL database of a postgres:// address; pool_max_conns in it sets how many connections are
// used. A server that loses what it confirmed when the power fails is refused. Errors never hold the address: it has the
// password in it.
func OpenPostgres(ctx context.Context, address string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errors.New("database: this is no PostgreSQL address; it looks like postgres://user:password@host:5432/treem")
	}
	if !strings.Contains(address, "pool_max_conns") {
		cfg.MaxConns = connections
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "treem"
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = fmt.Sprint(idleLimit.Milliseconds())
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, errors.New("database: the PostgreSQL address cannot be used")
	}
	db := &DB{DB: stdlib.OpenDBFromPool(pool), pool: pool}
	if err := db.checkDurable(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// checkDurable refuses a server that confirms what is not on disk.
func (d *DB) checkDurable(ctx context.Context) error {
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		var value string
		if err := d.QueryRowContext(ctx, `SHOW `+setting).Scan(&value); err != nil {
			return fmt.Errorf("open PostgreSQL: %w; check that the server runs and lets this user in", withoutAddress(err))
		}
		if value == "off" {
			return fmt.Errorf("database: the server's %s is off, so a power failure would lose messages that people sent; turn it on", setting)
		}
	}
	return nil
}

// withoutAddress takes host, user and database out of an error of the driver.
func withoutAddress(err error) error {
	var refused *pgconn.ConnectError
	var told *pgconn.PgError
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &refused):
		return errors.New("the server cannot be reached")
	default:
		return err
	}
}

// sessionLock is a lock that PostgreSQL holds for one connection until it gives it up or is cut off.
type sessionLock struct {
	conn *pgxpool.Conn
	key  int64
}

// lockKey is the number PostgreSQL knows a lock of ours by.
func lockKey(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte("treem " + name))
	return int64(h.Sum64() >> 1)
}

// tryLock takes a lock for this program alone, or together with others that share it. Nil: somebody else has it. What
// serves takes the lock of its own number with it.
func (d *DB) tryLock(ctx context.Context, name string, shared bool) (*sessionLock, error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, withoutAddress(err)
	}
	l := &sessionLock{conn: conn, key: lockKey(name)}
	take := "pg_try_advisory_lock"
	if shared {
		take = "pg_try_advisory_lock_shared"
	}
	var ok bool
	err = conn.QueryRow(ctx, `SELECT `+take+`($1)`, l.key).Scan(&ok)
	if err == nil && ok && name == serving && shared {
		err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, d.program).Scan(&ok)
	}
	if err != nil || !ok {
		_, _ = conn.Exec(ctx, `SELECT pg_advisory_unlock_all()`)
		conn.Release()
		return nil, err
	}
	return l, nil
}

// held says whether the lock is still there: it is gone with its connection. The end of ctx does not break off the question,
// for a connection broken off keeps its lock on the server for a while.
func (l *sessionLock) held(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockLook)
	defer cancel()
	return l.conn.Ping(ctx) == nil
}

// watch returns when the lock is gone, ctx has ended, or over is closed.
func (l *sessionLock) watch(ctx context.Context, tick <-chan time.Time, over <-chan struct{}) {
	for l.held(ctx) {
		select {
		case <-tick:
		case <-ctx.Done():
			return
		case <-over:
			return
		}
	}
}

// release gives the lock up. A connection that does not answer is closed, which gives it up too.
func (l *sessionLock) release() {
	ctx, cancel := context.WithTimeout(context.Background(), lockLook)
	defer cancel()
	if _, err := l.conn.Exec(ctx, `SELECT pg_advisory_unlock_all()`); err != nil {
		_ = l.conn.Conn().Close(ctx)
	}
	l.conn.Release()
}

// lockLook is how often a lock is looked after.
const lockLook = 2 * time.Second

// ErrInUse says that programs are serving from the database.
var ErrInUse = errors.New("the database is in use by a running treem; stop every one first")

// serving is the lock that every serving program shares, and that work on the whole database takes alone.
const serving = "serving"

// Alone runs f while no program serves from the database. On SQLite the lock on the data folder sees to that. ErrInUse: one
// does.
func (d *DB) Alone(ctx context.Context, f func() error) error {
	if !d.Shared() {
		return f()
	}
	l, err := d.tryLock(ctx, serving, false)
	if err != nil {
		return err
	}
	if l == nil {
		return ErrInUse
	}
	defer l.release()
	return f()
}

// InTurn runs f on one program at a time.
func (d *DB) InTurn(ctx context.Context, f func() error) error {
	if !d.Shared() {
		return f()
	}
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return withoutAddress(err)
	}
	l := &sessionLock{conn: conn, key: lockKey("turn")}
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, l.key); err != nil {
		return errors.Join(err, conn.Conn().Close(context.WithoutCancel(ctx)))
	}
	defer l.release()
	return f()
}

// Empty says whether the database has no tables of ours yet.
func (d *DB) Empty(ctx context.Context) (bool, error) {
	var there bool
	err := d.QueryRowContext(ctx, `SELECT to_regclass('migrations') IS NOT NULL`).Scan(&there)
	return !there, err
}

// Serve marks the database as being served from until ctx ends, and takes the mark again after the connection was cut.
// The error: somebody works on the whole database. done is closed when the mark is gone for good.
func (d *DB) Serve(ctx context.Context) (done <-chan struct{}, err error) {
	over := make(chan struct{})
	if !d.Shared() {
		close(over)
		return over, nil
	}
	d.program = rand.Int64N(1<<62) + 1
	l, err := d.tryLock(ctx, serving, true)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, errors.New("somebody changes the key of this database, restores it or moves it; start again when that is over")
	}
	go func() {
		defer close(over)
		d.keep(ctx, serving, true, l, func(ctx context.Context) { <-ctx.Done() })
	}()
	return over, nil
}

// Lead runs f on one of the programs that share the database; when that one ends or loses the database another takes over
// within seconds. f returns when its context ends. Lead returns when ctx ends and f has returned.
func (d *DB) Lead(ctx context.Context, name string, f func(ctx context.Context)) {
	if !d.Shared() {
		f(ctx)
		return
	}
	d.keep(ctx, "lead "+name, false, nil, f)
}

// keep runs f whenever the lock is held, until ctx ends. l is the lock if it is held already.
func (d *DB) keep(ctx context.Context, name string, shared bool, l *sessionLock, f func(ctx context.Context)) {
	tick := time.NewTicker(lockLook)
	defer tick.Stop()
	for ctx.Err() == nil {
		if l == nil {
			l, _ = d.tryLock(ctx, name, shared) // a database that is down is told of by everything else
		}
		if l != nil {
			run, stop := context.WithCancel(ctx)
			over := make(chan struct{})
			go func() {
				defer close(over)
				f(run)
			}()
			l.watch(run, tick.C, over)
			stop()
			<-over
			l.release()
			l = nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// again says whether a transaction was given up by PostgreSQL only because of others, so that it may be tried once more.
func again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01") // serialization failure, deadlock
}

// The following make rows and matters wait for each other on PostgreSQL, for the rest of a transaction. On SQLite there is
// one transaction at a time.

// lockConversation has the others wait who change something of a conversation.
func (s *Store) lockConversation(ctx context.Context, tx *sql.Tx, id int64) error {
	if !s.db.Shared() {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE`, id)
	return err
}

// lockName has the others wait who do what the name says.
func (s *Store) lockName(ctx context.Context, tx *sql.Tx, name string) error {
	if !s.db.Shared() {
		return nil
	}
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lockKey(name))
	return err
}

// forUpdate ends a query whose rows others must leave alone.
func (s *Store) forUpdate() string {
	if s.db.Shared() {
		return " FOR UPDATE"
	}
	return ""
}
