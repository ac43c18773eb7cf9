-- Which file a run reads, the same whatever its content: a run of content that is gone is found by it and closed.
ALTER TABLE import_run ADD COLUMN source_file TEXT;

CREATE INDEX import_run_source_file ON import_run (source_file) WHERE closed_at IS NULL;
