-- A chunk holds the keys of one tenant from here on, so the numbers of chunks done before mean others now. What was not
-- finished begins anew; its contacts are only written once more.

DELETE FROM dead_letter WHERE run_id IN (SELECT id FROM import_run WHERE state <> 'finished');
DELETE FROM run_chunk WHERE run_id IN (SELECT id FROM import_run WHERE state <> 'finished');
UPDATE import_run
SET done = 0, stored = 0, not_found = 0, rejected = 0, invalid = 0, failed = 0, duplicates = 0
WHERE state <> 'finished';
