-- Of fields that are written unless a person has edited them: a line for each, NAME=HASH of the value that was written, with ! before
-- the hash of one that a person has put in its place.
ALTER TABLE delivery ADD COLUMN field_hashes text;
