-- Whether a request that comes again has come to its end.
CREATE INDEX received_key_by_position ON received_key (position);
