-- Old attempts are removed while new ones are noted, and those of a person with the person.

CREATE INDEX create_attempt_by_time ON create_attempt (sink, tried_at);
CREATE INDEX create_attempt_of_contact ON create_attempt (contact_id, tenant_id, customer_id);
