-- Whoever writes a dead letter without a key asks whether one of the same line is open. A tree has no room for a long one.
CREATE INDEX dead_letter_open_raw ON dead_letter USING hash (raw_key) WHERE state = 'open' AND contact_id IS NULL;
