-- JTL's quotas as the processes of this database share them; kept by Bucket4j.

CREATE TABLE quota_bucket (
    id         TEXT PRIMARY KEY,
    state      BYTEA,
    expires_at BIGINT
);
