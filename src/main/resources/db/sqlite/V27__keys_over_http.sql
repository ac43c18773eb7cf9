-- Keys that were accepted over HTTP and have not come to their end. In the place of a key that is none: what stood there, and
-- what is wrong with it.
CREATE TABLE received_key (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    position      TEXT NOT NULL,
    tenant_id     TEXT,
    customer_id   TEXT,
    contact_id    TEXT,
    raw_key       TEXT,
    problem       TEXT,
    channel       TEXT,
    channel_tries INTEGER NOT NULL DEFAULT 0,
    claimed_by    TEXT,
    claimed_at    TEXT
);
CREATE INDEX received_key_channel ON received_key (channel, channel_tries, id) WHERE channel IS NOT NULL;
CREATE INDEX received_key_claimed ON received_key (channel, claimed_by) WHERE claimed_by IS NOT NULL;

-- What was answered to a request that may come again.
CREATE TABLE idempotency_key (
    hash        TEXT PRIMARY KEY,
    body_hash   TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    keys        INTEGER NOT NULL,
    invalid     INTEGER NOT NULL,
    received_at TEXT NOT NULL
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (received_at);

-- A key that is worked on again after a kill is still one dead letter.
DROP INDEX dead_letter_of_message;
CREATE UNIQUE INDEX dead_letter_of_message ON dead_letter (source, position, stage) WHERE source IN ('queue', 'kafka', 'http');
