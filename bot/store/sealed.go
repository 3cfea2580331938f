package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// sealedColumn is a column whose values are encrypted, and the name that they are sealed under.
type sealedColumn struct{ table, column, use string }

// sealedColumns are all of them; every column named *_sealed is one.
var sealedColumns = []sealedColumn{
	{"conversations", "address_sealed", "address"},
	{"conversations", "state_sealed", "state"},
	{"inbox", "body_sealed", "inbox"},
	{"outbox", "body_sealed", "outbox"},
	{"cases", "body_sealed", "case"},
	{"case_events", "detail_sealed", "case"},
	{"notices", "body_sealed", "notice"},
	{"unanswered", "text_sealed", "unanswered"},
	{"accounts", "body_sealed", "account"},
	{"console_sessions", "data_sealed", "session"},
	{"audit", "detail_sealed", "audit"},
	{"corrections", "body_sealed", "correction"},
	{"rosters", "text_sealed", "roster"},
}

// CheckSealed opens every sealed value of a database. Its error names the first that the keys do not open.
func CheckSealed(ctx context.Context, db *sql.DB, keys *Keys) error {
	for _, one := range sealedColumns {
		there, err := hasColumn(ctx, db, one)
		if err == nil && there {
			err = checkSealed(ctx, db, keys, one)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkSealed opens every value of a column.
func checkSealed(ctx context.Context, db *sql.DB, keys *Keys, c sealedColumn) error {
	return each(ctx, db, func(scan func(...any) error) error {
		var id int64
		var sealed []byte
		if err := scan(&id, &sealed); err != nil {
			return err
		}
		var value json.RawMessage
		if err := keys.open(c.use, sealed, &value); err != nil {
			return fmt.Errorf("row %d of %s: %w", id, c.table, err)
		}
		return nil
	}, `SELECT rowid, `+c.column+` FROM `+c.table+` WHERE `+c.column+` IS NOT NULL`)
}

// hasColumn says whether the database has a column: older ones have fewer.
func hasColumn(ctx context.Context, db *sql.DB, c sealedColumn) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM pragma_table_info($1) WHERE name = $2`, c.table, c.column).Scan(&n)
	return n > 0, err
}
