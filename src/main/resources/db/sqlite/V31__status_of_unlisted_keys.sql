-- As dead_letter.http_status, for what stands in the place of a key; NULL where no answer named any.
ALTER TABLE run_key ADD COLUMN http_status INTEGER;
-- 1 where JTL's list of customers ended without showing that it was whole.
ALTER TABLE timer_run ADD COLUMN customers_broken_off INTEGER NOT NULL DEFAULT 0;
