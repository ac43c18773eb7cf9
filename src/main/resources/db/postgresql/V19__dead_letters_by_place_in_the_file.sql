-- The report of a run reads its dead letters page by page, in the order of the file.
CREATE INDEX dead_letter_by_place ON dead_letter (run_id, (CAST(position AS BIGINT)), id) WHERE run_id IS NOT NULL;
