-- The people who work in the console, their sessions, and what was done there.

CREATE TABLE accounts (
    id          TEXT PRIMARY KEY,
    login       TEXT NOT NULL UNIQUE,        -- also the officer's id in the history of cases
    version     INTEGER NOT NULL,            -- rises with every change
    body_sealed BLOB NOT NULL                -- name, roles, password hash, second factor
);

CREATE TABLE staff_links (                   -- one-time links by which a password is set
    token_hash  TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    expires_at  INTEGER NOT NULL
);

CREATE TABLE console_sessions (
    token       TEXT PRIMARY KEY,            -- a hash of what the browser holds
    data_sealed BLOB NOT NULL,
    expires_at  INTEGER NOT NULL
);

CREATE TABLE login_attempts (
    who         BLOB PRIMARY KEY,            -- keyed hash of a login or a network
    failed      INTEGER NOT NULL,
    last        INTEGER NOT NULL
);

CREATE TABLE audit (                         -- only ever added to
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    at            INTEGER NOT NULL,
    who           TEXT NOT NULL,             -- login; empty: nobody was logged in
    action        TEXT NOT NULL,
    object        TEXT NOT NULL,
    detail_sealed BLOB NOT NULL
);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
