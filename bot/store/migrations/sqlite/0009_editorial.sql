-- How content changes: drafts on their way to being published, and every text that was published. Content is public, so
-- nothing here is sealed.

CREATE TABLE drafts (
    id           TEXT PRIMARY KEY,
    path         TEXT NOT NULL,             -- of the file in the content
    base         TEXT NOT NULL,             -- the file's text when the draft was begun; empty: a new file
    text         TEXT NOT NULL,             -- empty: the file is to go
    state        TEXT NOT NULL,             -- writing, review, approved, published, dropped
    author       TEXT NOT NULL,             -- login
    reviewer     TEXT NOT NULL,
    note         TEXT NOT NULL,
    publish_at   INTEGER,                   -- NULL: not by itself
    version      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
);
CREATE UNIQUE INDEX drafts_open ON drafts (path) WHERE state IN ('writing', 'review', 'approved');
CREATE INDEX drafts_due ON drafts (publish_at) WHERE state = 'approved' AND publish_at IS NOT NULL;

CREATE TABLE content_revisions (            -- only ever added to
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    path         TEXT NOT NULL,
    text         TEXT NOT NULL,             -- empty: the file was taken out
    author       TEXT NOT NULL,             -- empty: it came with the program or an import
    reviewer     TEXT NOT NULL,
    note         TEXT NOT NULL,
    published_at INTEGER NOT NULL
);
CREATE INDEX content_revisions_path ON content_revisions (path, id);
CREATE TRIGGER content_revisions_stay BEFORE UPDATE ON content_revisions BEGIN SELECT RAISE(ABORT, 'revisions are only added to'); END;
CREATE TRIGGER content_revisions_remain BEFORE DELETE ON content_revisions BEGIN SELECT RAISE(ABORT, 'revisions are only added to'); END;
