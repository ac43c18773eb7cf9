-- What people are told of, a row for each channel that tells them; channel is NULL once it has.
CREATE TABLE alert (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          TEXT NOT NULL,
    subject       TEXT NOT NULL,
    severity      TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    text          TEXT NOT NULL,
    raised_at     TIMESTAMPTZ NOT NULL,
    channel       TEXT,
    channel_tries INTEGER NOT NULL DEFAULT 0,
    claimed_by    TEXT,
    claimed_at    TIMESTAMPTZ
);
CREATE INDEX alert_channel ON alert (channel, channel_tries, id) WHERE channel IS NOT NULL;
CREATE INDEX alert_claimed ON alert (channel, claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX alert_by_age ON alert (raised_at);
CREATE INDEX alert_of ON alert (kind, subject);

-- What is wrong now, and was told: told again only when it was well in between. Kept by the process that sees it, which
-- renews claimed_at.
CREATE TABLE alert_condition (
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    text       TEXT NOT NULL,
    since      TIMESTAMPTZ NOT NULL,
    -- NULL while it may still pass by itself.
    told_at    TIMESTAMPTZ,
    claimed_by TEXT,
    claimed_at TIMESTAMPTZ,
    PRIMARY KEY (kind, subject)
);

-- When a key arrived last, from whichever source.
CREATE TABLE last_arrival (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at TIMESTAMPTZ NOT NULL
);
