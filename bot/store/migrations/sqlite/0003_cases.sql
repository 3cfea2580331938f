-- Cases are handed over: they have a reference, an owner, a deadline and a version; notices tell those on duty.

ALTER TABLE cases ADD COLUMN ref TEXT;                             -- short reference people can say
ALTER TABLE cases ADD COLUMN version INTEGER NOT NULL DEFAULT 1;   -- rises with every change
ALTER TABLE cases ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN tier INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN ack_due INTEGER;                      -- somebody must have taken it by then; NULL: nothing is due
ALTER TABLE cases ADD COLUMN unheard INTEGER NOT NULL DEFAULT 0;   -- everybody was told and nobody took it in time
ALTER TABLE cases ADD COLUMN body_sealed BLOB;                     -- the whole record; NULL: written before this migration

-- Nobody has been told of the cases so far: those still open are due at once, from the first tier.
UPDATE cases SET ref = 'C' || rowid,
    channel = COALESCE((SELECT channel FROM conversations c WHERE c.id = conversation_id), ''),
    ack_due = CASE WHEN status = 'open' THEN updated_at END,
    tier = CASE WHEN status = 'open' THEN -1 ELSE 0 END;
CREATE UNIQUE INDEX cases_ref ON cases (ref);
CREATE INDEX cases_due ON cases (ack_due) WHERE ack_due IS NOT NULL;

ALTER TABLE case_events ADD COLUMN act_id TEXT;                    -- an officer's act, done once only
CREATE UNIQUE INDEX case_events_act ON case_events (act_id);
UPDATE case_events SET action = 'raise' WHERE action = 'escalate'; -- what the machine does; officers escalate
CREATE TRIGGER case_events_stay BEFORE UPDATE ON case_events BEGIN SELECT RAISE(ABORT, 'the history of cases is only added to'); END;
CREATE TRIGGER case_events_remain BEFORE DELETE ON case_events BEGIN SELECT RAISE(ABORT, 'the history of cases is only added to'); END;

CREATE TABLE notices (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id         TEXT NOT NULL REFERENCES cases (id),
    public_id       TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL,
    target          TEXT NOT NULL,
    lane            BLOB NOT NULL,              -- keyed hash of target and address: one case's notices there keep their order
    urgent          INTEGER NOT NULL,           -- of an emergency: sent before others
    body_sealed     BLOB,                       -- NULL once its time is over
    delivery        TEXT NOT NULL,              -- queued, sending, sent, failed
    uncertain       INTEGER NOT NULL DEFAULT 0, -- some try may have arrived
    tries           INTEGER NOT NULL DEFAULT 0,
    due_at          INTEGER NOT NULL,
    lease_until     INTEGER NOT NULL DEFAULT 0, -- while sending
    provider_hash   BLOB,                       -- keyed hash of what the target calls it, to know what an officer answers
    code            TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);
CREATE INDEX notices_waiting ON notices (target, urgent, id) WHERE delivery IN ('queued', 'sending');
CREATE INDEX notices_case ON notices (case_id, lane, id);
CREATE INDEX notices_provider ON notices (provider_hash) WHERE provider_hash IS NOT NULL;
