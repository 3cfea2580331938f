package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"treem/bot/staff"
	"treem/channels"
)

// Account returns an account by its id. NotFound: there is none.
func (s *Store) Account(ctx context.Context, id string) (staff.Account, error) {
	return s.readAccount(ctx, `id = $1`, id)
}

// AccountByLogin returns an account by its login. NotFound: there is none.
func (s *Store) AccountByLogin(ctx context.Context, login string) (staff.Account, error) {
	return s.readAccount(ctx, `login = $1`, login)
}

func (s *Store) readAccount(ctx context.Context, where string, args ...any) (a staff.Account, err error) {
	var sealed []byte
	if err = s.db.QueryRowContext(ctx, `SELECT body_sealed FROM accounts WHERE `+where, args...).Scan(&sealed); err == nil {
		err = s.keys.open("account", sealed, &a)
	}
	return a, wrap("read account", err)
}

// Accounts lists all accounts by their logins.
func (s *Store) Accounts(ctx context.Context) ([]staff.Account, error) {
	var all []staff.Account
	err := each(ctx, s.db, func(scan func(...any) error) error {
		var sealed []byte
		var a staff.Account
		if err := scan(&sealed); err != nil {
			return err
		}
		err := s.keys.open("account", sealed, &a)
		all = append(all, a)
		return err
	}, `SELECT body_sealed FROM accounts ORDER BY login`)
	return all, wrap("list accounts", err)
}

// SaveAccount stores a new account, of version 1, or a changed one with its version raised by one, together with a line
// of the audit log and, if link is not empty, the hash of a one-time token that replaces older ones. Conflict: it was
// changed meanwhile, or the login is taken.
func (s *Store) SaveAccount(ctx context.Context, a staff.Account, linkHash string, expires time.Time, r staff.Record) error {
	return s.inTx(ctx, "save account", func(tx *sql.Tx) error {
		body, err := s.keys.seal("account", a)
		if err != nil {
			return err
		}
		var n int64
		if a.Version == 1 {
			n, err = changed(tx.ExecContext(ctx, `INSERT INTO accounts (id, login, version, body_sealed) VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING`,
				a.ID, a.Login, body))
		} else {
			n, err = changed(tx.ExecContext(ctx, `UPDATE accounts SET version = $1, body_sealed = $2 WHERE id = $3 AND login = $4 AND version = $5`,
				a.Version, body, a.ID, a.Login, a.Version-1))
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return conflict("the account changed or its login is taken")
		}
		if linkHash != "" {
			if _, err := tx.ExecContext(ctx, `DELETE FROM staff_links WHERE account_id = $1`, a.ID); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO staff_links (token_hash, account_id, expires_at) VALUES ($1, $2, $3)`,
				linkHash, a.ID, millis(expires)); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, r)
	})
}

// Link returns the account that a one-time token is for. NotFound: it was used, replaced or is too old.
func (s *Store) Link(ctx context.Context, tokenHash string, now time.Time) (staff.Account, error) {
	return s.readAccount(ctx, `id = (SELECT account_id FROM staff_links WHERE token_hash = $1 AND expires_at > $2)`, tokenHash, millis(now))
}

// UseLink stores the account that a one-time token was used for; the token is gone with it. Conflict: it was used
// meanwhile, or the account changed.
func (s *Store) UseLink(ctx context.Context, tokenHash string, a staff.Account, r staff.Record, now time.Time) error {
	return s.inTx(ctx, "use link", func(tx *sql.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `DELETE FROM staff_links WHERE token_hash = $1 AND account_id = $2 AND expires_at > $3`, tokenHash, a.ID, millis(now)))
		if err != nil {
			return err
		}
		if n == 0 {
			return conflict("the link was used")
		}
		body, err := s.keys.seal("account", a)
		if err != nil {
			return err
		}
		n, err = changed(tx.ExecContext(ctx, `UPDATE accounts SET version = $1, body_sealed = $2 WHERE id = $3 AND version = $4`, a.Version, body, a.ID, a.Version-1))
		if err != nil {
			return err
		}
		if n == 0 {
			return conflict("the account changed")
		}
		return s.record(ctx, tx, r)
	})
}

// Attempts tells how often logging in failed of late for a login or network, whose names are stored as keyed hashes only.
func (s *Store) Attempts(ctx context.Context, who string) (staff.Attempts, error) {
	var a staff.Attempts
	var last int64
	err := s.db.QueryRowContext(ctx, `SELECT failed, last FROM login_attempts WHERE who = $1`, s.attemptKey(who)).Scan(&a.Failed, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	a.Last = fromMillis(last)
	return a, wrap("read log-in attempts", err)
}

// LoginFailed counts a failure for each of the given logins and networks.
func (s *Store) LoginFailed(ctx context.Context, r staff.Record, who ...string) error {
	return s.inTx(ctx, "count log-in attempt", func(tx *sql.Tx) error {
		for _, one := range who {
			if err := s.lockName(ctx, tx, "attempts of "+one); err != nil {
				return err
			}
			var a staff.Attempts
			var last int64
			err := tx.QueryRowContext(ctx, `SELECT failed, last FROM login_attempts WHERE who = $1`, s.attemptKey(one)).Scan(&a.Failed, &last)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			a.Last = fromMillis(last)
			a = a.Fail(r.At)
			if _, err := tx.ExecContext(ctx, `INSERT INTO login_attempts (who, failed, last) VALUES ($1, $2, $3)
				ON CONFLICT (who) DO UPDATE SET failed = excluded.failed, last = excluded.last`, s.attemptKey(one), a.Failed, millis(a.Last)); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, r)
	})
}

// LoginWorked forgets the failures of a login and network.
func (s *Store) LoginWorked(ctx context.Context, r staff.Record, who ...string) error {
	return s.inTx(ctx, "record log-in", func(tx *sql.Tx) error {
		for _, one := range who {
			if _, err := tx.ExecContext(ctx, `DELETE FROM login_attempts WHERE who = $1`, s.attemptKey(one)); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, r)
	})
}

func (s *Store) attemptKey(who string) []byte {
	return s.keys.hashes(channels.Address{Channel: "login", ID: who})[0]
}

// Record adds a line to the audit log.
func (s *Store) Record(ctx context.Context, r staff.Record) error {
	return s.inTx(ctx, "record", func(tx *sql.Tx) error { return s.record(ctx, tx, r) })
}

func (s *Store) record(ctx context.Context, tx *sql.Tx, r staff.Record) error {
	detail, err := s.keys.seal("audit", r.Detail)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (at, who, action, object, detail_sealed) VALUES ($1, $2, $3, $4, $5)`,
		millis(r.At), r.Who, r.Action, r.Object, detail)
	return err
}

// Records lists lines of the audit log, newest first: at most limit of those before an id (0: the newest), of one login
// if who is not empty. next is the id to go on before, 0 at the end.
func (s *Store) Records(ctx context.Context, who string, before int64, limit int) (all []staff.Record, next int64, err error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	n := 0
	err = each(ctx, s.db, func(scan func(...any) error) error {
		var r staff.Record
		var id, at int64
		var sealed []byte
		if err := scan(&id, &at, &r.Who, &r.Action, &r.Object, &sealed); err != nil {
			return err
		}
		if n++; n > limit {
			return nil
		}
		r.At, next = fromMillis(at), id
		err := s.keys.open("audit", sealed, &r.Detail)
		all = append(all, r)
		return err
	}, `SELECT id, at, who, action, object, detail_sealed FROM audit WHERE id < $1 AND ($2 = '' OR who = $2) ORDER BY id DESC LIMIT $3`, before, who, limit+1)
	if n <= limit {
		next = 0
	}
	return all, next, wrap("read audit log", err)
}

// Sessions keeps the console's sessions for the session library, which knows them by hashes of what browsers hold.
type Sessions struct {
	Store *Store
	Now   func() time.Time
}

// FindCtx returns a session's data; a session that has ended is not found.
func (s Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var sealed, data []byte
	err := s.Store.db.QueryRowContext(ctx, `SELECT data_sealed FROM console_sessions WHERE token = $1 AND expires_at > $2`, token, millis(s.Now())).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err == nil {
		err = s.Store.keys.open("session", sealed, &data)
	}
	return data, err == nil, wrap("read session", err)
}

// CommitCtx stores a session.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	sealed, err := s.Store.keys.seal("session", data)
	if err == nil {
		_, err = s.Store.db.ExecContext(ctx, `INSERT INTO console_sessions (token, data_sealed, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data_sealed = excluded.data_sealed, expires_at = excluded.expires_at`, token, sealed, millis(expiry))
	}
	return wrap("store session", err)
}

// DeleteCtx ends a session.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.Store.db.ExecContext(ctx, `DELETE FROM console_sessions WHERE token = $1`, token)
	return wrap("end session", err)
}

// Find is FindCtx for callers without a context; the session library uses the others.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx for callers without a context.
func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// forgetStaff removes sessions and links that have ended, and failures nobody counts any more.
func forgetStaff(ctx context.Context, tx *sql.Tx, now time.Time) error {
	for _, step := range []struct {
		query string
		until time.Time
	}{
		{`DELETE FROM console_sessions WHERE expires_at <= $1`, now},
		{`DELETE FROM staff_links WHERE expires_at <= $1`, now},
		{`DELETE FROM login_attempts WHERE last <= $1`, now.Add(-24 * time.Hour)},
		{`DELETE FROM uploads WHERE at <= $1`, now.Add(-24 * time.Hour)},
	} {
		if _, err := tx.ExecContext(ctx, step.query, millis(step.until)); err != nil {
			return err
		}
	}
	return nil
}
