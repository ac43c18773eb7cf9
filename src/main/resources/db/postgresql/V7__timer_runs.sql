-- Runs that a schedule began. No two for one due time, whichever processes see it come.
CREATE TABLE timer_run (
    run_id    BIGINT PRIMARY KEY REFERENCES import_run (id),
    due_at    TIMESTAMPTZ NOT NULL UNIQUE,
    -- Records in run_key once all of them are there; NULL until then.
    listed    BIGINT,
    -- How far JTL's list of customers has been read, where the keys come from that.
    next_page BIGINT
);

-- The keys of an open run that no file holds: listed when it begins, so that it is cut into the same chunks whenever and
-- wherever it goes on. In the place of a key that is none: what stood there, and what is wrong with it.
CREATE TABLE run_key (
    run_id      BIGINT NOT NULL REFERENCES import_run (id),
    position    BIGINT NOT NULL,
    tenant_id   UUID,
    customer_id UUID,
    contact_id  UUID,
    raw_key     TEXT,
    problem     TEXT,
    PRIMARY KEY (run_id, position)
);
