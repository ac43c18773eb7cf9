-- Runs through the customers of tenants with settings of their own, one of each for a due time: the tenant's name, empty
-- for runs that are not of one of these. Their due_at is far ahead, and none to workers of earlier versions.
ALTER TABLE timer_run ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE timer_run ADD COLUMN tenant_due_at TIMESTAMP WITH TIME ZONE;
CREATE UNIQUE INDEX timer_run_due ON timer_run (tenant, tenant_due_at);
CREATE INDEX timer_run_of ON timer_run (tenant, run_id);
