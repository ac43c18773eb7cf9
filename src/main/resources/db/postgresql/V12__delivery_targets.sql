-- What each sink delivers into, so that what is known of the records of one CRM is never taken for those of another.

CREATE TABLE delivery_target (
    sink         TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    base_url     TEXT NOT NULL,
    -- By which it names itself: HubSpot's portal id, the id of an organisation of Salesforce.
    account      TEXT,
    -- What contacts become there, where there is a choice.
    object       TEXT,
    -- Of the mapping that all contacts were sent by.
    mapping_hash TEXT,
    -- When contacts.crm.full=true had all contacts sent, until it is taken out of the settings.
    full_at      TIMESTAMPTZ,
    adopted_at   TIMESTAMPTZ NOT NULL
);
