-- Of a contact that is to be removed: what JTL said last when it was asked whether it has it again, and did not say that it
-- has it no longer. NULL once it did.
ALTER TABLE delivery ADD COLUMN unconfirmed TEXT;
