-- When a contact was created last in a CRM that does not find at once what it has.

CREATE TABLE create_attempt (
    sink        TEXT NOT NULL,
    tenant_id   TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    contact_id  TEXT NOT NULL,
    tried_at    TEXT NOT NULL,
    PRIMARY KEY (sink, tenant_id, customer_id, contact_id)
) WITHOUT ROWID;
