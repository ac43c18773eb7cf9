-- Of contacts that JTL has no longer it is asked which of them it has under another customer.
CREATE INDEX delivery_of_contact ON delivery (contact_id);

-- Open dead letters are read page by page, in the order of their ids.
DROP INDEX dead_letter_open;
CREATE INDEX dead_letter_open ON dead_letter (id) WHERE state = 'open';
