-- What became of the customers of a run that goes through them; the total is JTL's own count, NULL when it gave none.
ALTER TABLE timer_run ADD COLUMN customers_listed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE timer_run ADD COLUMN customers_failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE timer_run ADD COLUMN customers_total INTEGER;
