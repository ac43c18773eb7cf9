-- What people are told of, a row for each channel that tells them; channel is NULL once it has.
CREATE TABLE alert (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT NOT NULL,
    subject       TEXT NOT NULL,
    severity      TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    text          TEXT NOT NULL,
    raised_at     TEXT NOT NULL,
    channel       TEXT,
    channel_tries INTEGER NOT NULL DEFAULT 0,
    claimed_by    TEXT,
    claimed_at    TEXT
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
    since      TEXT NOT NULL,
    -- NULL while it may still pass by itself.
    told_at    TEXT,
    claimed_by TEXT,
    claimed_at TEXT,
    PRIMARY KEY (kind, subject)
);

-- When a key arrived last, from whichever source.
CREATE TABLE last_arrival (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at TEXT NOT NULL
);
