-- What is counted for leaders and content staff, written when it happens, for the words are forgotten. No identities, and
-- nothing that joins a place to a topic or a day. day and month are as people in Viet Nam date them: 2026-11-24, 2026-11.

CREATE TABLE daily_counts (
    day        TEXT NOT NULL,
    channel    TEXT NOT NULL,
    kind       TEXT NOT NULL,           -- answer, choices, unknown, smalltalk, handover, command
    topic      TEXT NOT NULL,           -- of what was answered or offered first; empty: none
    n          INTEGER NOT NULL,
    PRIMARY KEY (day, channel, kind, topic)
);

CREATE TABLE entry_counts (             -- how often an entry or article was the answer
    day        TEXT NOT NULL,
    channel    TEXT NOT NULL,
    entry      TEXT NOT NULL,           -- as kb.Hit.ID names it
    n          INTEGER NOT NULL,
    PRIMARY KEY (day, channel, entry)
);
CREATE INDEX entry_counts_entry ON entry_counts (entry, day);

CREATE TABLE commune_counts (           -- questions by people who had told their commune
    month      TEXT NOT NULL,
    commune    TEXT NOT NULL,           -- code, see kb/content/communes.yaml
    n          INTEGER NOT NULL,
    PRIMARY KEY (month, commune)
);

CREATE TABLE sms_counts (               -- SMS that providers took
    day        TEXT NOT NULL,
    channel    TEXT NOT NULL,
    encoding   TEXT NOT NULL,           -- gsm7, ucs2
    messages   INTEGER NOT NULL,
    segments   INTEGER NOT NULL,
    PRIMARY KEY (day, channel, encoding)
);
