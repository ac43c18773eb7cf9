-- Whoever writes a dead letter asks whether one of the same key is open.
CREATE INDEX dead_letter_open_key ON dead_letter (tenant_id, customer_id, contact_id) WHERE state = 'open';
