-- What a provider said of a message before its answer to our request was read: kept for a day, without words.

CREATE TABLE early_receipts (
    channel     TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    delivery    TEXT NOT NULL,
    code        TEXT NOT NULL,
    opted_out   BOOLEAN NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (channel, provider_id)
);
