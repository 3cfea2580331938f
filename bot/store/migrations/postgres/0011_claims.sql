-- Which of the programs that share a database sends something: when it dies the others need not wait for the lease to end.

ALTER TABLE outbox ADD COLUMN claimed_by BIGINT;  -- number of the program; NULL on SQLite, which has one
ALTER TABLE notices ADD COLUMN claimed_by BIGINT;
