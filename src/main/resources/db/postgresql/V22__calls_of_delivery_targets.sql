-- Digests of what is fixed in the calls of contacts.crm.kind=rest that write: it may name the database of the records.
-- A line of a name, = and a digest for each; null when nothing was written down.

ALTER TABLE delivery_target ADD COLUMN calls TEXT;
