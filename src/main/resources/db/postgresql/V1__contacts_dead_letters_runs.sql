-- The same tables as on SQLite, in the types PostgreSQL has for them.

CREATE TABLE contact (
    tenant_id           UUID NOT NULL,
    customer_id         UUID NOT NULL,
    contact_id          UUID NOT NULL,
    department          TEXT,
    honorific           TEXT,
    first_name          TEXT,
    last_name           TEXT,
    phone_number        TEXT,
    mobile_phone_number TEXT,
    email_address       TEXT,
    fax                 TEXT,
    content_hash        TEXT NOT NULL,
    first_seen_at       TIMESTAMPTZ NOT NULL,
    changed_at          TIMESTAMPTZ NOT NULL,
    enriched_at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, contact_id)
);

CREATE TABLE import_run (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      TEXT    NOT NULL,
    file_name   TEXT    NOT NULL,
    file_hash   TEXT    NOT NULL,
    chunk_size  BIGINT NOT NULL,
    total       BIGINT,
    done        BIGINT NOT NULL DEFAULT 0,
    stored      BIGINT NOT NULL DEFAULT 0,
    not_found   BIGINT NOT NULL DEFAULT 0,
    rejected    BIGINT NOT NULL DEFAULT 0,
    invalid     BIGINT NOT NULL DEFAULT 0,
    failed      BIGINT NOT NULL DEFAULT 0,
    duplicates  BIGINT NOT NULL DEFAULT 0,
    state       TEXT    NOT NULL CHECK (state IN ('running', 'halted', 'finished')),
    halt_reason TEXT,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    -- Who works on it, and a count that moves as long as he does.
    owner       TEXT    NOT NULL,
    heartbeat   BIGINT NOT NULL DEFAULT 0,
    -- Where the file went, decided before it is moved; closed_at is set once everything around the run is done.
    moved_to    TEXT,
    closed_at   TIMESTAMPTZ
);

-- One open run per content of a file: two processes never work on one file at once.
CREATE UNIQUE INDEX import_run_open ON import_run (file_name, file_hash) WHERE closed_at IS NULL;

-- The chunks of an open run that are committed; chunks end out of order.
CREATE TABLE run_chunk (
    run_id BIGINT NOT NULL REFERENCES import_run (id),
    number BIGINT NOT NULL,
    PRIMARY KEY (run_id, number)
);

CREATE TABLE dead_letter (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source          TEXT    NOT NULL,
    run_id          BIGINT REFERENCES import_run (id),
    position        TEXT    NOT NULL,
    tenant_id       UUID,
    customer_id     UUID,
    contact_id      UUID,
    raw_key         TEXT,
    stage           TEXT    NOT NULL,
    reason          TEXT    NOT NULL CHECK (reason IN ('invalid-key', 'not-found', 'rejected', 'contract-violation',
                                                       'retries-exhausted', 'sink-rejected')),
    http_status     BIGINT,
    error_code      TEXT,
    error_message   TEXT,
    errors          TEXT,
    attempts        BIGINT NOT NULL,
    first_failed_at TIMESTAMPTZ NOT NULL,
    last_failed_at  TIMESTAMPTZ NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'discarded'))
);

CREATE UNIQUE INDEX dead_letter_of_run ON dead_letter (run_id, position, stage);
CREATE INDEX dead_letter_of_key ON dead_letter (tenant_id, customer_id, contact_id);
