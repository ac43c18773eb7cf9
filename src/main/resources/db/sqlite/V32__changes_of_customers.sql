-- Of a run through JTL's customers: since when they must have changed, NULL where it goes through all; when it began by
-- JTL's clock, NULL where JTL does not say; and how many changed contacts only a run through all has found.
ALTER TABLE timer_run ADD COLUMN changed_since TEXT;
ALTER TABLE timer_run ADD COLUMN server_began TEXT;
ALTER TABLE timer_run ADD COLUMN changes_missed INTEGER;

-- Up to when a tenant's changes are known, by JTL's clock, and when the last run through all of its customers began.
CREATE TABLE customer_mark (
    tenant_id  TEXT PRIMARY KEY,
    seen_until TEXT NOT NULL,
    full_at    TEXT NOT NULL
) WITHOUT ROWID;
