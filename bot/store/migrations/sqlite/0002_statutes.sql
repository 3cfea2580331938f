-- What staff import: official texts of statutes, which are public, and content sets. Nothing here is sealed.

CREATE TABLE statutes (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    law          TEXT NOT NULL,              -- official number in full
    version      INTEGER NOT NULL,           -- from 1, rises with every import of the document
    title        TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    issued       TEXT NOT NULL,              -- date, or empty: not given
    effective    TEXT NOT NULL,
    whole        INTEGER NOT NULL,           -- the file claimed to hold every article
    file         TEXT NOT NULL,              -- its name
    hash         TEXT NOT NULL,              -- its SHA-256
    imported_at  INTEGER NOT NULL,
    UNIQUE (law, version)
);

CREATE TABLE statute_articles (
    statute_id   INTEGER NOT NULL REFERENCES statutes (id),
    place        INTEGER NOT NULL,           -- order in the text
    number       TEXT NOT NULL,              -- "25", "10a"
    title        TEXT NOT NULL,
    chapter      TEXT NOT NULL,
    section      TEXT NOT NULL,
    partial      INTEGER NOT NULL,           -- part of it is missing in the file
    paragraphs   TEXT NOT NULL,              -- JSON list of clause, point, quoted, text
    imported_at  INTEGER NOT NULL,           -- of this article's words
    PRIMARY KEY (statute_id, number)
);

CREATE TABLE content_sets (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    base         TEXT NOT NULL,              -- fingerprint of the content the program carried then
    hash         TEXT NOT NULL,              -- fingerprint of the set
    archive      BLOB NOT NULL,              -- zip of the files
    stored_at    INTEGER NOT NULL
);

CREATE TABLE knowledge_revision (
    only_one     INTEGER PRIMARY KEY CHECK (only_one = 1),
    revision     INTEGER NOT NULL            -- rises with every import
);
INSERT INTO knowledge_revision (only_one, revision) VALUES (1, 0);
