-- Bulletins: who asked for which series, and which issue went to whom, so that none goes out twice.

CREATE TABLE subscriptions (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    series          TEXT NOT NULL,
    since           INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, series)
);
CREATE INDEX subscriptions_series ON subscriptions (series, conversation_id);

CREATE TABLE bulletins_sent (
    series          TEXT NOT NULL,
    issue           TEXT NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    at              INTEGER NOT NULL,
    PRIMARY KEY (series, issue, conversation_id)
);

ALTER TABLE outbox ADD COLUMN bulk INTEGER NOT NULL DEFAULT 0; -- a bulletin: sent behind every reply
