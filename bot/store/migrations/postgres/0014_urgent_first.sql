-- Who is in danger, or has a live case, also comes first when a lost job is made anew.

ALTER TABLE inbox ADD COLUMN urgent BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX inbox_old;
CREATE INDEX inbox_old ON inbox (urgent DESC, received_at) WHERE handled_at IS NULL;
