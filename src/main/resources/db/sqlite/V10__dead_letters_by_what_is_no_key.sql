-- Whoever writes a dead letter without a key asks whether one of the same line is open.
CREATE INDEX dead_letter_open_raw ON dead_letter (raw_key) WHERE state = 'open' AND contact_id IS NULL;
