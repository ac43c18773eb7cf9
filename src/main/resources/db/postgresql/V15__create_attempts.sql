-- When a contact was created last in a CRM that does not find at once what it has.

CREATE TABLE create_attempt (
    sink        TEXT NOT NULL,
    tenant_id   UUID NOT NULL,
    customer_id UUID NOT NULL,
    contact_id  UUID NOT NULL,
    tried_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (sink, tenant_id, customer_id, contact_id)
);
