package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// sealedColumn is a column whose values are encrypted, the column that tells its rows apart, and the name that the values
// are sealed under.
type sealedColumn struct{ table, key, column, use string }

// sealedColumns are all of them; every column named *_sealed is one.
var sealedColumns = []sealedColumn{
	{"conversations", "id", "address_sealed", "address"},
	{"conversations", "id", "state_sealed", "state"},
	{"inbox", "id", "body_sealed", "inbox"},
	{"outbox", "id", "body_sealed", "outbox"},
	{"cases", "id", "body_sealed", "case"},
	{"case_events", "id", "detail_sealed", "case"},
	{"notices", "id", "body_sealed", "notice"},
	{"unanswered", "id", "text_sealed", "unanswered"},
	{"accounts", "id", "body_sealed", "account"},
	{"console_sessions", "token", "data_sealed", "session"},
	{"audit", "id", "detail_sealed", "audit"},
	{"corrections", "id", "body_sealed", "correction"},
	{"rosters", "version", "text_sealed", "roster"},
}

// CheckSealed opens every sealed value of a database. Its error names the first that the keys do not open.
func CheckSealed(ctx context.Context, db *DB, keys *Keys) error {
	for _, one := range sealedColumns {
		there, err := hasColumn(ctx, db, one)
		if err == nil && there {
			err = checkSealed(ctx, db, keys, one, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// CheckKey opens the newest value of each sealed column: a program with another key than the database was written under
// must not begin to serve from it.
func CheckKey(ctx context.Context, db *DB, keys *Keys) error {
	for _, one := range sealedColumns {
		if err := checkSealed(ctx, db, keys, one, ` ORDER BY `+one.key+` DESC LIMIT 1`); err != nil {
			return err
		}
	}
	return nil
}

// checkSealed opens the values of a column; which ends the query for them.
func checkSealed(ctx context.Context, db *DB, keys *Keys, c sealedColumn, which string) error {
	return each(ctx, db, func(scan func(...any) error) error {
		var id any
		var sealed []byte
		if err := scan(&id, &sealed); err != nil {
			return err
		}
		var value json.RawMessage
		if err := keys.open(c.use, sealed, &value); err != nil {
			return fmt.Errorf("%s %v of %s: %w", c.key, id, c.table, err)
		}
		return nil
	}, `SELECT `+c.key+`, `+c.column+` FROM `+c.table+` WHERE `+c.column+` IS NOT NULL`+which)
}

// hasColumn says whether the database has a column: older files have fewer.
func hasColumn(ctx context.Context, db *DB, c sealedColumn) (bool, error) {
	if db.Shared() {
		return true, nil
	}
	var n int
	err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM pragma_table_info($1) WHERE name = $2`, c.table, c.column).Scan(&n)
	return n > 0, err
}
