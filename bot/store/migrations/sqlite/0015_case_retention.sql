-- A case whose time is over goes with its history, and only then.
DROP TRIGGER case_events_remain;
CREATE TRIGGER case_events_remain BEFORE DELETE ON case_events
    WHEN (SELECT status FROM cases WHERE id = OLD.case_id) IS NOT 'expired'
    BEGIN SELECT RAISE(ABORT, 'the history of cases is only added to'); END;
