-- What keeps a contact of the state delivered from being written, a setting or a rule of the mapping; NULL where the sink has it. Then
-- content_hash is what the sink accepted before, if anything.
ALTER TABLE delivery ADD COLUMN left_out text;
