-- Secrets that JTL or a CRM gave out: refresh tokens, keys of registered apps. In place of refresh_token, which workers of
-- earlier versions go on with.

CREATE TABLE secret (
    name        TEXT PRIMARY KEY,
    -- Hash of the token that the settings had: another one there takes the place of what is here.
    seed        TEXT NOT NULL,
    -- Says itself how it is kept; empty when there is none left.
    value       TEXT NOT NULL,
    -- When that was stored: microseconds by the clock of the database.
    stored_at   BIGINT,
    -- The access token that a refresh token was spent for, for all processes, and when it ends, by the same clock.
    access      TEXT,
    access_ends BIGINT,
    -- The process that is spending it, and how often that was so.
    claimed_by  TEXT,
    claims      BIGINT NOT NULL DEFAULT 0
);
INSERT INTO secret (name, seed, value, claims) SELECT sink, seed, token, claims FROM refresh_token;
