-- Secrets that JTL or a CRM gave out: refresh tokens, keys of registered apps. What the column value has says how it is
-- kept; empty when there is none left.

ALTER TABLE refresh_token RENAME TO secret;
ALTER TABLE secret RENAME COLUMN sink TO name;
ALTER TABLE secret RENAME COLUMN token TO value;
-- The access token that the refresh token was spent for, for all processes, and when it ends: microseconds by the clock
-- of the database, as is when value was stored.
ALTER TABLE secret ADD COLUMN access TEXT;
ALTER TABLE secret ADD COLUMN access_ends BIGINT;
ALTER TABLE secret ADD COLUMN stored_at BIGINT;
