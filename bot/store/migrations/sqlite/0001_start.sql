-- Times are milliseconds since 1970 UTC. Columns named *_sealed are encrypted by the application (see seal.go).

CREATE TABLE conversations (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    channel        TEXT NOT NULL,
    address_hash   BLOB,                       -- keyed; NULL once erased
    address_sealed BLOB,                       -- NULL once erased
    state_sealed   BLOB,                       -- NULL: nothing remembered
    version        INTEGER NOT NULL DEFAULT 0, -- rises with every change of state
    opted_out      INTEGER NOT NULL DEFAULT 0, -- the channel refuses further messages
    erasing        INTEGER NOT NULL DEFAULT 0, -- to be forgotten as soon as nothing waits
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    UNIQUE (channel, address_hash)
);

CREATE TABLE inbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    channel         TEXT NOT NULL,
    provider_id     TEXT NOT NULL,
    body_sealed     BLOB,                      -- NULL once its time is over
    received_at     INTEGER NOT NULL,
    handled_at      INTEGER,
    UNIQUE (channel, provider_id)
);
CREATE INDEX inbox_waiting ON inbox (conversation_id, id) WHERE handled_at IS NULL;
CREATE INDEX inbox_conversation ON inbox (conversation_id, id);

CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    inbox_id        INTEGER NOT NULL REFERENCES inbox (id),
    public_id       TEXT NOT NULL UNIQUE,
    channel         TEXT NOT NULL,
    body_sealed     BLOB,
    urgent          INTEGER NOT NULL DEFAULT 0,
    delivery        TEXT NOT NULL,             -- queued, sending, sent, delivered, failed
    uncertain       INTEGER NOT NULL DEFAULT 0,-- some try may have reached the person
    tries           INTEGER NOT NULL DEFAULT 0,
    due_at          INTEGER NOT NULL,
    lease_until     INTEGER NOT NULL DEFAULT 0,-- while sending
    provider_id     TEXT,
    code            TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);
CREATE INDEX outbox_waiting ON outbox (conversation_id, id) WHERE delivery IN ('queued', 'sending');
CREATE INDEX outbox_provider ON outbox (channel, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX outbox_conversation ON outbox (conversation_id, id);

CREATE TABLE cases (
    id              TEXT PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    status          TEXT NOT NULL,
    level           TEXT NOT NULL,
    category        TEXT NOT NULL,
    subject         TEXT NOT NULL,
    ongoing         INTEGER NOT NULL,
    rules           TEXT NOT NULL,
    opened_at       INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);
CREATE INDEX cases_conversation ON cases (conversation_id);

CREATE TABLE case_events (                     -- only ever added to
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id         TEXT NOT NULL REFERENCES cases (id),
    inbox_id        INTEGER NOT NULL,
    action          TEXT NOT NULL,
    detail_sealed   BLOB NOT NULL,
    at              INTEGER NOT NULL
);
CREATE INDEX case_events_case ON case_events (case_id, id);

CREATE TABLE unanswered (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER,                   -- only to forget it on request
    text_sealed     BLOB NOT NULL,
    medium          TEXT NOT NULL,
    best            TEXT NOT NULL,
    asked_at        INTEGER NOT NULL
);

CREATE TABLE feedback (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    entry           TEXT NOT NULL,
    revision        TEXT NOT NULL,
    helpful         INTEGER NOT NULL,
    given_at        INTEGER NOT NULL
);
