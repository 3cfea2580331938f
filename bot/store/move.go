package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// table is one whose rows are moved between engines, with the columns that tell its rows apart.
type table struct {
	name, key string
	numbered  bool // the key is a number that the database gives out
}

// tables are all that hold data, those that others refer to first. The queue's own are left out: jobs are made anew for
// whatever waits.
var tables = []table{
	{"conversations", "id", true}, {"inbox", "id", true}, {"outbox", "id", true}, {"cases", "id", false}, {"case_events", "id", true},
	{"notices", "id", true}, {"unanswered", "id", true}, {"feedback", "id", true}, {"statutes", "id", true},
	{"statute_articles", "statute_id, number", false}, {"content_sets", "id", true}, {"knowledge_revision", "only_one", false},
	{"subscriptions", "conversation_id, series", false}, {"bulletins_sent", "series, issue, conversation_id", false},
	{"daily_counts", "day, channel, kind, topic", false}, {"entry_counts", "day, channel, entry", false}, {"commune_counts", "month, commune", false},
	{"sms_counts", "day, channel, encoding", false}, {"early_receipts", "channel, provider_id", false}, {"accounts", "id", false}, {"staff_links", "token_hash", false},
	{"console_sessions", "token", false}, {"login_attempts", "who", false}, {"audit", "id", true}, {"drafts", "id", false},
	{"content_revisions", "id", true}, {"uploads", "id", false}, {"corrections", "id", true}, {"rosters", "version", true},
}

// A batch of rows that are stored at once ends with this many, or with so many bytes.
const (
	moveBatch = 200
	moveBytes = 4 << 20
)

// session is a database or a transaction.
type session interface {
	querier
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Moved is what a move stored of one table.
type Moved struct {
	Table string
	Rows  int64
}

// moving marks a database that is being moved into, among its migrations, so that no program serves from it.
const moving = "moving"

// MoveTo moves everything from one database into another, which must be empty, or hold a part of this move: then it goes on
// where that stopped. Nobody may use either of them. Every row is compared at the end; until all are the same, the second
// database is refused by whoever opens it. tell is called after each table.
func MoveTo(ctx context.Context, from, to *DB, tell func(Moved)) error {
	if err := migrate(ctx, to); err != nil {
		return err
	}
	if err := to.beginMove(ctx); err != nil {
		return err
	}
	for _, t := range tables {
		n, err := count1(ctx, to, t)
		if err == nil {
			err = copyRows(ctx, from, t, n, func(columns []string, rows [][]any) error {
				tx, err := to.BeginTx(ctx, nil)
				if err != nil {
					return err
				}
				defer tx.Rollback()
				if err := insert(ctx, tx, t, columns, rows); err != nil {
					return err
				}
				return tx.Commit()
			})
		}
		if err != nil {
			return fmt.Errorf("move %s: %w; say it again to go on from there", t.name, err)
		}
		n, err = same(ctx, from, to, t)
		if err != nil {
			return err
		}
		tell(Moved{t.name, n})
	}
	if err := setNumbers(ctx, to, to); err != nil {
		return err
	}
	_, err := to.ExecContext(ctx, `DELETE FROM migrations WHERE name = $1`, moving)
	return err
}

// Held counts the rows of everything that is kept, but for the mark of the knowledge's revision.
func (d *DB) Held(ctx context.Context) (all int64, err error) {
	for _, t := range tables {
		if t.name == "knowledge_revision" {
			continue
		}
		n, err := count1(ctx, d, t)
		if err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}

// beginMove marks an empty database, or finds that it was marked before.
func (d *DB) beginMove(ctx context.Context) error {
	var marked int
	if err := d.QueryRowContext(ctx, `SELECT COUNT(*) FROM migrations WHERE name = $1`, moving).Scan(&marked); err != nil {
		return err
	}
	if marked > 0 {
		return nil
	}
	n, err := d.Held(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("the database that is moved into holds %d rows; name an empty one", n)
	}
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, q := range []string{`DELETE FROM knowledge_revision`, `INSERT INTO migrations (name) VALUES ('` + moving + `')`} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// checkMoved refuses a database that a move has not filled yet.
func checkMoved(ctx context.Context, q querier) error {
	marks, err := column[string](ctx, q, `SELECT name FROM migrations WHERE name = $1`, moving)
	if err == nil && len(marks) > 0 {
		err = errors.New("the move into this database is not finished; say `treem migrate-to` again, where it was begun")
	}
	return err
}

// Replace puts everything of a database in place of all that another holds, in one transaction: on failure nothing is
// changed. Nobody may use the other.
func Replace(ctx context.Context, from, to *DB) error {
	s := &Store{db: to}
	return s.inTx(ctx, "restore", func(tx *sql.Tx) error {
		restore, err := s.dropTriggers(ctx, tx)
		if err != nil {
			return err
		}
		for i := len(tables) - 1; i >= 0; i-- {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+tables[i].name); err != nil { // #nosec G202 -- a name of the table above
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM river_job`); err != nil { // jobs of what is no longer there
			return err
		}
		for _, t := range tables {
			if err := copyRows(ctx, from, t, 0, func(columns []string, rows [][]any) error { return insert(ctx, tx, t, columns, rows) }); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			if _, err := same(ctx, from, tx, t); err != nil {
				return err
			}
		}
		if err := setNumbers(ctx, to, tx); err != nil {
			return err
		}
		return restore()
	})
}

// backupShared writes what PostgreSQL holds at one moment into an SQLite file.
func backupShared(ctx context.Context, db *DB, file string) error {
	copied, err := OpenSQLite(ctx, file)
	if err != nil {
		return err
	}
	err = fill(ctx, db, copied)
	if err := errors.Join(err, copied.Close()); err != nil {
		return err
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func fill(ctx context.Context, from, to *DB) error {
	if err := Migrate(ctx, to); err != nil {
		return err
	}
	moment, err := from.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer moment.Rollback()
	tx, err := to.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `DELETE FROM knowledge_revision`); err != nil {
		return err
	}
	for _, t := range tables {
		if err := copyRows(ctx, moment, t, 0, func(columns []string, rows [][]any) error { return insert(ctx, tx, t, columns, rows) }); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if _, err := same(ctx, moment, tx, t); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func count1(ctx context.Context, q session, t table) (n int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.name).Scan(&n)
	return n, err
}

// copyRows hands the rows of a table over in batches, in the order of its key, without the first skip.
func copyRows(ctx context.Context, from querier, t table, skip int64, store func(columns []string, rows [][]any) error) error {
	var columns []string
	var batch [][]any
	size := 0
	err := eachRow(ctx, from, `SELECT * FROM `+t.name+` ORDER BY `+t.key+fmt.Sprintf(` LIMIT %d OFFSET %d`, int64(1)<<62, skip), func(names []string, row []any) error {
		columns, batch = names, append(batch, row)
		for _, value := range row {
			if b, ok := value.([]byte); ok {
				size += len(b)
			}
		}
		if len(batch) < moveBatch && size < moveBytes {
			return nil
		}
		full := batch
		batch, size = nil, 0
		return store(columns, full)
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return store(columns, batch)
}

// eachRow calls f for every row of a query, with the names of its columns.
func eachRow(ctx context.Context, q querier, query string, f func(columns []string, row []any) error) error {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row := make([]any, len(columns))
		at := make([]any, len(columns))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return err
		}
		if err := f(columns, row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// insert stores rows. Yes and no are numbers in SQLite and a type of their own in PostgreSQL.
func insert(ctx context.Context, to session, t table, columns []string, rows [][]any) error {
	var query strings.Builder
	var args []any
	fmt.Fprintf(&query, `INSERT INTO %s (%s) VALUES `, t.name, strings.Join(columns, ", "))
	for i, row := range rows {
		if i > 0 {
			query.WriteString(", ")
		}
		query.WriteString("(")
		for k, value := range row {
			if k > 0 {
				query.WriteString(", ")
			}
			if n, ok := value.(int64); ok && yesNo[t.name+"."+columns[k]] {
				value = n != 0
			}
			args = append(args, value)
			fmt.Fprintf(&query, "$%d", len(args))
		}
		query.WriteString(")")
	}
	_, err := to.ExecContext(ctx, query.String(), args...)
	return err
}

// yesNo are the columns that hold yes or no.
var yesNo = map[string]bool{
	"conversations.opted_out": true, "conversations.erasing": true,
	"inbox.urgent": true, "outbox.urgent": true, "outbox.bulk": true, "outbox.uncertain": true,
	"cases.ongoing": true, "cases.unheard": true,
	"notices.urgent": true, "notices.uncertain": true,
	"early_receipts.opted_out": true, "feedback.helpful": true, "statutes.whole": true, "statute_articles.partial": true,
}

// same compares a table of two databases, in whatever order the rows come, and returns how many there are.
func same(ctx context.Context, from, to querier, t table) (int64, error) {
	n, sum, err := digest(ctx, from, t)
	if err != nil {
		return 0, err
	}
	m, other, err := digest(ctx, to, t)
	if err != nil {
		return 0, err
	}
	if n != m || sum != other {
		return 0, fmt.Errorf("%s was not copied whole: %d rows there, %d here; begin again with an empty database", t.name, n, m)
	}
	return n, nil
}

// digest counts the rows of a table and adds up a hash of each.
func digest(ctx context.Context, q querier, t table) (n int64, sum [4]uint64, err error) {
	err = eachRow(ctx, q, `SELECT * FROM `+t.name, func(columns []string, row []any) error {
		one := map[string]string{}
		for i, value := range row {
			one[columns[i]] = plain(value)
		}
		text := fmt.Sprintf("%q", one) // in the order of the names
		h := sha256.Sum256([]byte(text))
		for i := range sum {
			sum[i] += binary.BigEndian.Uint64(h[8*i:])
		}
		n++
		return nil
	})
	return n, sum, err
}

// plain writes a value the same for both engines.
func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case bool:
		if v {
			return "=1"
		}
		return "=0"
	case []byte:
		return "=" + string(v)
	default:
		return fmt.Sprint("=", v)
	}
}

// setNumbers has PostgreSQL give out numbers behind those that were copied; SQLite does so by itself.
func setNumbers(ctx context.Context, to *DB, q session) error {
	if !to.Shared() {
		return nil
	}
	for _, t := range tables {
		if !t.numbered {
			continue
		}
		var last int64
		query := fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%s', '%s'), COALESCE(MAX(%[2]s), 1), COUNT(*) > 0) FROM %[1]s`, t.name, t.key)
		if err := q.QueryRowContext(ctx, query).Scan(&last); err != nil {
			return err
		}
	}
	return nil
}
