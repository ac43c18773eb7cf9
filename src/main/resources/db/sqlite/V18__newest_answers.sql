-- When the call began whose answer spoke of the contact last, also if it said that JTL has it no longer: an answer to an
-- earlier call never replaces it. Readings of call_clock, for comparisons only.
ALTER TABLE contact ADD COLUMN asked_at INTEGER NOT NULL DEFAULT 0;

-- The latest time that any process took from this database, in microseconds since 1970: it never goes back.
CREATE TABLE call_clock (last INTEGER NOT NULL);
INSERT INTO call_clock (last) VALUES (0);
