-- Who is in danger, or has a live case, also comes first when a lost job is made anew.

ALTER TABLE inbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;
DROP INDEX inbox_old;
CREATE INDEX inbox_old ON inbox (urgent DESC, received_at) WHERE handled_at IS NULL;
