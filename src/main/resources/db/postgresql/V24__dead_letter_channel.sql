-- What waits to be passed to a route of the user, with the name of its channel; NULL when it was, or need not be.
ALTER TABLE dead_letter ADD COLUMN channel       TEXT;
ALTER TABLE dead_letter ADD COLUMN channel_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letter ADD COLUMN claimed_by    TEXT;
ALTER TABLE dead_letter ADD COLUMN claimed_at    TIMESTAMPTZ;

CREATE INDEX dead_letter_channel ON dead_letter (channel, channel_tries, id) WHERE channel IS NOT NULL;
CREATE INDEX dead_letter_claimed ON dead_letter (channel, claimed_by) WHERE claimed_by IS NOT NULL;
