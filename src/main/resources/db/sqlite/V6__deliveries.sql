-- What each sink that is fed from here (a CRM) has of each contact, and what waits to be sent to it.

CREATE TABLE delivery (
    sink          TEXT NOT NULL,
    tenant_id     TEXT NOT NULL,
    customer_id   TEXT NOT NULL,
    contact_id    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'gone')),
    -- Of contents as contact.content_hash has them: what the sink shall have (NULL: JTL has the contact no longer), what
    -- it accepted last, and what it refused since.
    wanted_hash   TEXT,
    content_hash  TEXT,
    refused_hash  TEXT,
    -- The contact's id in the CRM.
    remote_id     TEXT,
    pending_since TEXT NOT NULL,
    delivered_at  TEXT,
    -- Times it was sent since the sink last gave an answer: above 0 the sink may have more than content_hash tells.
    attempts      INTEGER NOT NULL DEFAULT 0,
    -- The run in which JTL did not know the contact, until the end of that run decides what becomes of it.
    missing_in    INTEGER,
    -- The process that is sending it.
    claimed_by    TEXT,
    claimed_at    TEXT,
    PRIMARY KEY (sink, tenant_id, customer_id, contact_id)
) WITHOUT ROWID;

CREATE INDEX delivery_pending ON delivery (sink, pending_since) WHERE state = 'pending';
CREATE INDEX delivery_missing ON delivery (missing_in) WHERE missing_in IS NOT NULL;
CREATE INDEX delivery_claimed ON delivery (sink, claimed_by) WHERE claimed_by IS NOT NULL;
