-- A file that was taken from an inbox is known by its folder there, whatever a process reads its name as.
ALTER TABLE import_run ADD COLUMN inbox TEXT;

DROP INDEX import_run_source_file;

CREATE UNIQUE INDEX import_run_open_file ON import_run (source_file, file_hash) WHERE closed_at IS NULL;
