-- What the console keeps beside accounts and drafts.

CREATE TABLE uploads (                      -- a file between being shown and being stored
    id           TEXT PRIMARY KEY,
    login        TEXT NOT NULL,
    name         TEXT NOT NULL,
    data         BLOB NOT NULL,
    at           INTEGER NOT NULL
);

CREATE TABLE corrections (                  -- what triage got wrong, for those who mend its rules
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    body_sealed  BLOB NOT NULL,             -- the words, masked, with the machine's and the officer's judgement
    at           INTEGER NOT NULL
);

CREATE TABLE rosters (                      -- only ever added to; the newest holds
    version      INTEGER PRIMARY KEY AUTOINCREMENT,
    text_sealed  BLOB NOT NULL,             -- as config/deploy shows it
    author       TEXT NOT NULL,
    at           INTEGER NOT NULL
);
