-- Uuids and instants (UTC, ISO 8601, milliseconds) are text, so that a person reads them in any SQLite tool.

-- With rowids: rows are appended and only the index takes them at random places, which halves the cost of a commit.
CREATE TABLE contact (
    tenant_id           TEXT NOT NULL,
    customer_id         TEXT NOT NULL,
    contact_id          TEXT NOT NULL,
    department          TEXT,
    honorific           TEXT,
    first_name          TEXT,
    last_name           TEXT,
    phone_number        TEXT,
    mobile_phone_number TEXT,
    email_address       TEXT,
    fax                 TEXT,
    content_hash        TEXT NOT NULL,
    first_seen_at       TEXT NOT NULL,
    changed_at          TEXT NOT NULL,
    enriched_at         TEXT NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, contact_id)
);

CREATE TABLE import_run (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT    NOT NULL,
    file_name   TEXT    NOT NULL,
    file_hash   TEXT    NOT NULL,
    chunk_size  INTEGER NOT NULL,
    total       INTEGER,
    done        INTEGER NOT NULL DEFAULT 0,
    stored      INTEGER NOT NULL DEFAULT 0,
    not_found   INTEGER NOT NULL DEFAULT 0,
    rejected    INTEGER NOT NULL DEFAULT 0,
    invalid     INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    duplicates  INTEGER NOT NULL DEFAULT 0,
    state       TEXT    NOT NULL CHECK (state IN ('running', 'halted', 'finished')),
    halt_reason TEXT,
    started_at  TEXT    NOT NULL,
    finished_at TEXT,
    -- Who works on it, and a count that moves as long as he does.
    owner       TEXT    NOT NULL,
    heartbeat   INTEGER NOT NULL DEFAULT 0,
    -- Where the file went, decided before it is moved; closed_at is set once everything around the run is done.
    moved_to    TEXT,
    closed_at   TEXT
);

-- One open run per content of a file: two processes never work on one file at once.
CREATE UNIQUE INDEX import_run_open ON import_run (file_name, file_hash) WHERE closed_at IS NULL;

-- The chunks of an open run that are committed; chunks end out of order.
CREATE TABLE run_chunk (
    run_id INTEGER NOT NULL REFERENCES import_run (id),
    number INTEGER NOT NULL,
    PRIMARY KEY (run_id, number)
) WITHOUT ROWID;

CREATE TABLE dead_letter (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    source          TEXT    NOT NULL,
    run_id          INTEGER REFERENCES import_run (id),
    position        TEXT    NOT NULL,
    tenant_id       TEXT,
    customer_id     TEXT,
    contact_id      TEXT,
    raw_key         TEXT,
    stage           TEXT    NOT NULL,
    reason          TEXT    NOT NULL CHECK (reason IN ('invalid-key', 'not-found', 'rejected', 'contract-violation',
                                                       'retries-exhausted', 'sink-rejected')),
    http_status     INTEGER,
    error_code      TEXT,
    error_message   TEXT,
    errors          TEXT,
    attempts        INTEGER NOT NULL,
    first_failed_at TEXT    NOT NULL,
    last_failed_at  TEXT    NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'discarded'))
);

CREATE UNIQUE INDEX dead_letter_of_run ON dead_letter (run_id, position, stage);
CREATE INDEX dead_letter_of_key ON dead_letter (tenant_id, customer_id, contact_id);
