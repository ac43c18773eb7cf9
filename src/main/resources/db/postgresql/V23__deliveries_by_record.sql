-- Whose record it is that is to be removed.
CREATE INDEX delivery_record ON delivery (remote_id) WHERE remote_id IS NOT NULL;
