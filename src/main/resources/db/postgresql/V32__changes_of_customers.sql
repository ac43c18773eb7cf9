-- Of a run through JTL's customers: since when they must have changed, NULL where it goes through all; when it began by
-- JTL's clock, NULL where JTL does not say; and how many changed contacts only a run through all has found.
ALTER TABLE timer_run ADD COLUMN changed_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE timer_run ADD COLUMN server_began TIMESTAMP WITH TIME ZONE;
ALTER TABLE timer_run ADD COLUMN changes_missed BIGINT;

-- Up to when a tenant's changes are known, by JTL's clock, and when the last run through all of its customers began.
CREATE TABLE customer_mark (
    tenant_id  UUID PRIMARY KEY,
    seen_until TIMESTAMP WITH TIME ZONE NOT NULL,
    full_at    TIMESTAMP WITH TIME ZONE NOT NULL
);
