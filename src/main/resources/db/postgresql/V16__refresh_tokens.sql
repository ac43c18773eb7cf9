-- The refresh token that a CRM gave out last: with each use it may give out another and refuse this one.

CREATE TABLE refresh_token (
    sink       TEXT PRIMARY KEY,
    -- Hash of the token that the settings had: another one there takes the place of what is here.
    seed       TEXT NOT NULL,
    token      TEXT NOT NULL,
    -- The process that is spending it, and how often that was so.
    claimed_by TEXT,
    claims     BIGINT NOT NULL DEFAULT 0
);
