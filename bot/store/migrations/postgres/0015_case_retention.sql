-- A case whose time is over goes with its history, and only then.
DROP TRIGGER case_events_stay ON case_events;
CREATE TRIGGER case_events_stay BEFORE UPDATE OR TRUNCATE ON case_events FOR EACH STATEMENT EXECUTE FUNCTION only_added();
CREATE FUNCTION only_expired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM cases WHERE id = OLD.case_id) IS DISTINCT FROM 'expired' THEN
        RAISE EXCEPTION '% is only added to', TG_TABLE_NAME;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER case_events_remain BEFORE DELETE ON case_events FOR EACH ROW EXECUTE FUNCTION only_expired();
