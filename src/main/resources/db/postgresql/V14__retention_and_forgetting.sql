-- What is older than it is to be kept is sought by its age.
CREATE INDEX dead_letter_by_age ON dead_letter (last_failed_at);
CREATE INDEX import_run_by_age ON import_run (closed_at);

-- Whom nothing is to be stored of: no ids, only their salted hashes.
CREATE TABLE forgotten (
    hash         TEXT PRIMARY KEY,
    forgotten_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE forgotten_salt (salt TEXT NOT NULL);
INSERT INTO forgotten_salt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text);
