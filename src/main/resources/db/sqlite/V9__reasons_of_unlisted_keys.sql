-- As dead_letter.reason, for what stands in the place of a key; NULL in rows that are older than the column: invalid-key.
ALTER TABLE run_key ADD COLUMN reason TEXT;
